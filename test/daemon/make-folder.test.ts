import assert from 'node:assert/strict'
import { mkdir, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeFolder } from '../../daemon/make-folder.ts'
import { tempFolder } from '../support/temp.ts'

describe('a new folder', () => {
  let folder: Awaited<ReturnType<typeof tempFolder>>
  beforeEach(async () => {
    folder = await tempFolder()
  })
  afterEach(() => folder.remove())

  it('is made with those above it, and the topmost new one is told', async () => {
    const path = join(folder.path, 'a/b/c')
    assert.equal(await makeFolder(path, 0o700), join(folder.path, 'a'))
    assert.equal((await stat(path)).mode & 0o777, 0o700)
    assert.equal(await makeFolder(path), undefined)
    assert.equal(await makeFolder('/'), undefined)
    await symlink(path, join(folder.path, 'link'))
    assert.equal(await makeFolder(join(folder.path, 'link')), undefined)
  })

  it('is made once by many at a time', async () => {
    const path = join(folder.path, 'a/b/c')
    await Promise.all(Array.from({ length: 8 }, () => makeFolder(path)))
    assert.ok((await stat(path)).isDirectory())
  })

  it('is refused in the words of the system where a file is in its way, or it cannot be', async () => {
    await mkdir(join(folder.path, 'a'))
    await writeFile(join(folder.path, 'a/file'), '')
    await assert.rejects(makeFolder(join(folder.path, 'a/file')), { code: 'EEXIST' })
    await assert.rejects(makeFolder(join(folder.path, 'a/file/b/c')), { code: 'ENOTDIR' })
    await assert.rejects(makeFolder(join(folder.path, 'x'.repeat(300))), { code: 'ENAMETOOLONG' })
  })
})
