import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Key } from 'interface-datastore'
import { cidFrom, DAG_CBOR, RAW, rawBlock, sha256, verifyBlock } from '../../daemon/store/block.ts'
import { openDatabase } from '../../daemon/store/database.ts'
import type { Workspace } from './kit.ts'
import { coded, collect, createWorkspace } from './kit.ts'

describe('store: database', () => {
  let workspace: Workspace
  beforeEach(async () => {
    workspace = await createWorkspace()
  })
  afterEach(() => workspace.remove())

  it('shows one set of blocks to us and to Helia, whatever the codec', async () => {
    const database = await workspace.open()
    const ours = rawBlock(Buffer.from('ours'))
    const theirs = rawBlock(Buffer.from('theirs'))
    await database.blocks.put([ours])
    await database.blockstore.put(theirs.cid, theirs.bytes)
    assert.deepEqual(Buffer.from((await database.blocks.get(theirs.cid))!), theirs.bytes)
    assert.deepEqual(Buffer.concat(await collect(database.blockstore.get(ours.cid))), ours.bytes)
    assert(await database.blocks.has(cidFrom(DAG_CBOR, sha256(ours.bytes))))
    assert.deepEqual(await database.blocks.hasMany([ours.cid, rawBlock(Buffer.from('none')).cid]), [true, false])
    assert.equal((await collect(database.blockstore.getAll())).length, 2)
  })

  it('stays open when Helia closes its views, and keeps what libp2p stores apart', async () => {
    const database = await workspace.open()
    const block = rawBlock(Buffer.from('block'))
    await database.datastore.put(new Key('/peers/a'), Buffer.from('peer'))
    await database.blockstore.close()
    await database.datastore.close()
    await database.blocks.put([block])
    assert(await database.blocks.has(block.cid))
    assert.deepEqual(await collect(database.meta.list('')), [])
  })

  it('writes a batch whole, and lists meta values by prefix, both ways, up to a bound', async () => {
    const database = await workspace.open()
    const block = rawBlock(Buffer.from('block'))
    const value = Buffer.from('v')
    await database.commit([
      { put: 'block', ...block },
      ...['a/1', 'a/2', 'a/3', 'b/1'].map((key) => ({ put: 'meta' as const, key, value })),
    ])
    const keys = async (...args: Parameters<typeof database.meta.list>): Promise<string[]> =>
      (await collect(database.meta.list(...args))).map(({ key }) => key)
    assert(await database.blocks.has(block.cid))
    assert.deepEqual(await keys('a/'), ['a/1', 'a/2', 'a/3'])
    assert.deepEqual(await keys('a/', { upTo: '2', reverse: true, limit: 1 }), ['a/2'])
    await database.meta.delete('a/2')
    assert.deepEqual(await keys('a/'), ['a/1', 'a/3'])
    assert.equal(await database.meta.get('a/2'), undefined)
  })

  it('keeps everything over a restart; close is idempotent, and says so afterwards', async () => {
    const database = await workspace.open()
    await database.meta.put('key', Buffer.from('value'))
    await Promise.all([database.close(), database.close()])
    await database.close()
    await assert.rejects(database.meta.get('key'), coded('STORE_CLOSED'))
    await assert.rejects(collect(database.meta.list('')), coded('STORE_CLOSED'))
    const again = await workspace.open()
    assert.deepEqual(Buffer.from((await again.meta.get('key'))!), Buffer.from('value'))
  })

  it('refuses a second process', async () => {
    await workspace.open()
    const program = `
      import { openDatabase } from ${JSON.stringify(import.meta.resolve('../../daemon/store/database.ts'))}
      const code = await openDatabase(process.argv[1]).then(() => 'opened', (error) => error.code)
      console.log(code)`
    const args = ['--input-type=module', '--eval', program, join(workspace.path, 'db')]
    const { stdout } = await promisify(execFile)(process.execPath, args)
    assert.equal(stdout.trim(), 'STORE_LOCKED')
    await assert.rejects(openDatabase(join(workspace.path, 'db')), coded('STORE_LOCKED'))
  })

  it('says that a damaged database is damaged, without a path of this machine', async () => {
    const database = await workspace.open('broken')
    await database.meta.put('key', Buffer.from('value'))
    await database.close()
    const folder = join(workspace.path, 'broken')
    const manifest = (await readdir(folder)).find((name) => name.startsWith('MANIFEST'))!
    await writeFile(join(folder, manifest), Buffer.alloc(100, 0xff))
    await assert.rejects(
      openDatabase(folder),
      coded('STORE_CORRUPT', (error) => !`${error.message} ${error.stack}`.includes(folder)),
    )
  })

  it('says that a folder cannot be used', async () => {
    const path = join(workspace.path, 'file')
    await writeFile(path, 'a file, no folder')
    await assert.rejects(openDatabase(path), coded('STORE_UNAVAILABLE'))
  })

  it('checks blocks from elsewhere: length, hash function, hash', () => {
    const { cid, bytes } = rawBlock(Buffer.from('block'))
    verifyBlock(cid, bytes)
    assert.throws(() => verifyBlock(cid, Buffer.from('other')), coded('BLOCK_INVALID'))
    assert.throws(() => verifyBlock(cid, new Uint8Array((1 << 20) + 1)), coded('BLOCK_TOO_LARGE'))
    const short = cidFrom(RAW, sha256(bytes).subarray(0, 16))
    assert.throws(() => verifyBlock(short, bytes), coded('BLOCK_INVALID'))
  })
})
