import assert from 'node:assert/strict'
import { chmod, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { loadOrCreateKey } from '../../daemon/node/key-file.ts'
import { tempFolder } from '../support/temp.ts'

describe('key files', () => {
  let folder: Awaited<ReturnType<typeof tempFolder>>
  let path: string
  beforeEach(async () => {
    folder = await tempFolder()
    path = join(folder.path, 'node.key')
  })
  afterEach(() => folder.remove())

  it('are made once, private, and read back', async () => {
    const first = await loadOrCreateKey(path)
    const second = await loadOrCreateKey(path)
    assert.ok(first.equals(second))
    assert.equal((await stat(path)).mode & 0o777, 0o600)
    assert.deepEqual(await readdir(folder.path), ['node.key'], 'no temporary file is left')
  })

  it('are the same key for all that make them at once', async () => {
    const keys = await Promise.all(Array.from({ length: 8 }, () => loadOrCreateKey(path)))
    assert.ok(keys.every((key) => key.equals(keys[0]!)))
  })

  it('are refused when others may read them', async () => {
    await loadOrCreateKey(path)
    await chmod(path, 0o644)
    await assert.rejects(loadOrCreateKey(path), { code: 'HOME_INSECURE' })
  })

  it('are refused when they are links', async () => {
    await loadOrCreateKey(join(folder.path, 'other'))
    await symlink(join(folder.path, 'other'), path)
    await assert.rejects(loadOrCreateKey(path), { code: 'KEY_INVALID' })
  })

  it('are refused, and never replaced, when they are not keys', async () => {
    for (const content of ['', 'not a key', 'x'.repeat(68), 'x'.repeat(10_000)]) {
      await writeFile(path, content, { mode: 0o600 })
      await assert.rejects(loadOrCreateKey(path), { code: 'KEY_INVALID' })
      assert.equal(await readFile(path, 'utf8'), content)
    }
  })
})
