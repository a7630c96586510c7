import assert from 'node:assert/strict'
import { chmod, mkdir, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { prepareHome } from '../../daemon/node/home.ts'
import { tempFolder } from '../support/temp.ts'

describe('the data folder', () => {
  let folder: Awaited<ReturnType<typeof tempFolder>>
  beforeEach(async () => {
    folder = await tempFolder()
  })
  afterEach(() => folder.remove())

  it('is made with its parents, for its user alone', async () => {
    const path = join(folder.path, 'a/b')
    await prepareHome(path)
    assert.equal((await stat(path)).mode & 0o777, 0o700)
  })

  it('is made private if others could look into it', async () => {
    const path = join(folder.path, 'open')
    await mkdir(path, { mode: 0o755 })
    await prepareHome(path)
    assert.equal((await stat(path)).mode & 0o777, 0o700)
  })

  it('is refused if others could have written to it, if it is a link or a file', async () => {
    const path = join(folder.path, 'shared')
    await mkdir(path)
    await chmod(path, 0o777)
    await assert.rejects(prepareHome(path), { code: 'HOME_INSECURE' })
    await symlink(folder.path, join(folder.path, 'link'))
    await assert.rejects(prepareHome(join(folder.path, 'link')), { code: 'HOME_INSECURE' })
    await writeFile(join(folder.path, 'file'), '')
    await assert.rejects(prepareHome(join(folder.path, 'file')), { code: 'HOME_UNWRITABLE' })
  })
})
