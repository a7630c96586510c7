import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLog } from '../../cli/daemon-log.ts'
import { prepareFile } from '../../cli/new-file.ts'
import { prepareFolder } from '../../cli/new-folder.ts'

const file = (path: string) => ({ path, content: Buffer.from(path) })

describe('files that commands write', () => {
  let folder: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'amigos-files-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  describe('a pulled folder', () => {
    it('appears complete, with nothing beside it', async () => {
      const out = join(folder, 'deep', 'out')
      const prepared = await prepareFolder(out)
      await prepared.write([file('amigo.yaml'), file('lib/a.ts')])
      await prepared.discard()
      assert.equal(await readFile(join(out, 'lib/a.ts'), 'utf8'), 'lib/a.ts')
      assert.deepEqual(await readdir(join(folder, 'deep')), ['out'])
    })

    it('may be an empty one', async () => {
      const prepared = await prepareFolder(folder)
      await prepared.write([file('a.ts')])
      await prepared.discard()
      assert.deepEqual(await readdir(folder), ['a.ts'])
    })

    it('overwrites nothing', async () => {
      await writeFile(join(folder, 'mine'), '')
      await assert.rejects(prepareFolder(folder), { code: 'FILE_EXISTS' })
      await assert.rejects(prepareFolder(join(folder, 'mine')), { code: 'FILE_EXISTS' })
      await symlink(folder, join(folder, 'link'))
      await assert.rejects(prepareFolder(join(folder, 'link')), { code: 'FILE_EXISTS' })
    })

    it('overwrites nothing that came meanwhile', async () => {
      const out = join(folder, 'out')
      const prepared = await prepareFolder(out)
      await mkdir(out)
      await writeFile(join(out, 'mine'), 'mine')
      await assert.rejects(prepared.write([file('a.ts')]), { code: 'FILE_EXISTS' })
      await prepared.discard()
      assert.equal(await readFile(join(out, 'mine'), 'utf8'), 'mine')
    })

    it('is not written at all if one path is hostile', async () => {
      const hostile = [
        '../x',
        '/etc/x',
        'a/../../x',
        '.git/config',
        'a\\b',
        'con',
        'x\0',
        'a//b',
        './a',
        'C:/x',
        'a:b',
        '',
      ]
      for (const path of hostile) {
        const out = join(folder, 'out')
        const prepared = await prepareFolder(out)
        await assert.rejects(prepared.write([file('good.ts'), file(path)]), { code: 'BAD_FILE_NAME' }, path)
        await prepared.discard()
        assert.deepEqual(await readdir(folder), [])
      }
    })

    it('has no two files that some disk takes for one', async () => {
      for (const paths of [
        ['a.ts', 'A.ts'],
        ['a', 'a/b'],
        ['x.ts', 'x.ts'],
      ]) {
        const prepared = await prepareFolder(join(folder, 'out'))
        await assert.rejects(prepared.write(paths.map(file)), { code: 'BAD_FILE_NAME' })
        await prepared.discard()
      }
      assert.deepEqual(await readdir(folder), [])
    })
  })

  describe('a receipt', () => {
    it('replaces the old one whole, or not at all', async () => {
      const path = join(folder, 'receipt.json')
      await writeFile(path, 'old')
      const given = await prepareFile(path)
      await given.discard()
      assert.equal(await readFile(path, 'utf8'), 'old')
      const written = await prepareFile(path)
      await written.write('new')
      await written.discard()
      assert.equal(await readFile(path, 'utf8'), 'new')
      assert.deepEqual(await readdir(folder), ['receipt.json'])
    })

    it('is refused before the call if it cannot be written', async () => {
      await assert.rejects(prepareFile(join(folder, 'no', 'where')), { code: 'FILE_UNWRITABLE' })
    })
  })

  describe('the log of the daemon', () => {
    it('is private, is appended to, and tells what is new', async () => {
      const path = join(folder, 'daemon.log')
      await writeFile(path, 'old\n', { mode: 0o644 })
      const log = await openLog(folder)
      await writeFile(path, 'one\ntwo\n', { flag: 'a' })
      assert.deepEqual(await log.tail(), ['one', 'two', ''])
      await log.close()
      assert.equal((await stat(path)).mode & 0o777, 0o600)
      assert.equal(await readFile(path, 'utf8'), 'old\none\ntwo\n')
    })

    it('is not written through a link', async () => {
      await writeFile(join(folder, 'victim'), '')
      await symlink(join(folder, 'victim'), join(folder, 'daemon.log'))
      await assert.rejects(openLog(folder), { code: 'FILE_UNWRITABLE' })
    })
  })
})
