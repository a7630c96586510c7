import assert from 'node:assert/strict'
import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { withBitswap } from '@helia/bitswap'
import { multiaddr } from '@multiformats/multiaddr'
import { createHeliaLight, type Helia } from 'helia'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import * as Digest from 'multiformats/hashes/digest'
import { identity } from 'multiformats/hashes/identity'
import { sha256, sha512 } from 'multiformats/hashes/sha2'
import { createAdmission } from '../../daemon/node/admission.ts'
import { boundBlockstore } from '../../daemon/node/bounded-blockstore.ts'
import { MAX_BLOCK_BYTES } from '../../daemon/node/constants.ts'
import { NodeError } from '../../daemon/node/errors.ts'
import { createDialGater } from '../../daemon/node/gater.ts'
import { loadOrCreateKey } from '../../daemon/node/key-file.ts'
import { type AmigosLibp2p, makeLibp2p } from '../../daemon/node/libp2p.ts'
import { createRelayed } from '../../daemon/node/relayed.ts'
import { createTraffic } from '../../daemon/node/traffic.ts'
import { openDatabase } from '../../daemon/store/database.ts'
import type { LocalDatabase } from '../../daemon/store/database-types.ts'
import { builtInNetwork } from '../../registry/network/built-in.ts'
import { createNodes, LOOPBACK, soon, type TestNodes } from './helpers.ts'

interface Block {
  cid: CID
  bytes: Uint8Array
}

const blockOf = async (bytes: Uint8Array): Promise<Block> => ({
  cid: CID.createV1(raw.code, await sha256.digest(bytes)),
  bytes,
})

/** A block of this network in all but its name. */
const misnamed = async (): Promise<CID[]> => {
  const bytes = Uint8Array.of(1, 2, 3)
  const { digest } = await sha256.digest(bytes)
  return [
    CID.createV1(raw.code, identity.digest(bytes)),
    CID.createV1(raw.code, await sha512.digest(bytes)),
    CID.createV1(raw.code, Digest.create(sha256.code, digest.subarray(0, 4))),
  ]
}

describe('blocks', () => {
  let nodes: TestNodes
  let fits: Block
  let tooLarge: Block
  const ends: (() => unknown)[] = []

  before(async () => {
    nodes = await createNodes()
    fits = await blockOf(new Uint8Array(MAX_BLOCK_BYTES).fill(7))
    tooLarge = await blockOf(new Uint8Array(MAX_BLOCK_BYTES + 1).fill(7))
  })
  after(() => nodes.remove())
  afterEach(async () => {
    await nodes.stop()
    for (const end of ends.splice(0).reverse()) await end()
  })

  /** A node of somebody who took our checks out: it serves whatever is in its store. */
  const startCareless = async (blocks: Block[]): Promise<AmigosLibp2p> => {
    const database = await openDatabase(join(nodes.path, 'careless'))
    ends.push(() => database.close())
    await database.blocks.put(blocks)
    const listen = [multiaddr(LOOPBACK)]
    const libp2p = await makeLibp2p({
      key: await loadOrCreateKey(join(nodes.path, 'careless.key')),
      datastore: database.datastore,
      network: builtInNetwork(),
      listen,
      gater: createDialGater(listen),
      admission: createAdmission({ connections: () => 0, now: Date.now }),
      relayed: createRelayed(),
      isRelay: false,
      isVisitor: false,
      records: {},
      version: '0',
      metrics: createTraffic().metrics,
    })
    const light = createHeliaLight({ blockstore: database.blockstore, datastore: database.datastore } as never)
    const helia = withBitswap(Object.assign(light, { libp2p }) as never) as unknown as Helia
    ends.push(() => libp2p.stop())
    await libp2p.start()
    ends.push(() => helia.stop())
    await helia.start()
    return libp2p
  }

  const startReader = async (name: string, careless: AmigosLibp2p) => {
    const { node, database } = await nodes.make(name)
    await node.start()
    await node.connect(careless.getMultiaddrs()[0]!.toString(), soon())
    return { node, database, options: () => ({ ...soon(), providers: [careless.peerId.toString()] }) }
  }

  it('of 1 MiB are fetched, larger ones are refused and never kept', async () => {
    const careless = await startCareless([fits, tooLarge])
    const { node, database, options } = await startReader('reader', careless)
    assert.equal((await node.fetcher.block(fits.cid, options())).length, MAX_BLOCK_BYTES)
    assert.equal(await database.blocks.has(fits.cid), true)
    await assert.rejects(node.fetcher.block(tooLarge.cid, options()), { code: 'CONTENT_TOO_LARGE' })
    assert.equal(await database.blocks.has(tooLarge.cid), false)
    // bitswap sends a block once in five seconds, so that this one is refused or does not come
    const again = { ...options(), signal: AbortSignal.timeout(500) }
    await assert.rejects(node.fetcher.block(tooLarge.cid, again), NodeError)
    assert.equal(await database.blocks.has(tooLarge.cid), false)
  })

  it('over 1 MiB end the walk of a DAG', async () => {
    const { node, database, options } = await startReader('walker', await startCareless([fits, tooLarge]))
    const links = (cid: CID): CID[] => (cid.equals(fits.cid) ? [tooLarge.cid] : [])
    await assert.rejects(node.fetcher.dag(fits.cid, links, options()), { code: 'CONTENT_TOO_LARGE' })
    assert.equal(await database.blocks.has(tooLarge.cid), false)
  })

  it('over 1 MiB that are here already are neither returned nor served', async () => {
    const a = await nodes.make('a')
    const b = await nodes.make('b')
    await a.node.start()
    await b.node.start()
    await a.database.blocks.put([tooLarge])
    await assert.rejects(a.node.fetcher.block(tooLarge.cid, soon()), { code: 'CONTENT_TOO_LARGE' })
    await assert.rejects(
      a.node.fetcher.dag(tooLarge.cid, () => [], soon()),
      { code: 'CONTENT_TOO_LARGE' },
    )
    await b.node.connect(a.node.addresses()[0]!, soon())
    const brief = { signal: AbortSignal.timeout(1_000), providers: [a.node.peerId] }
    await assert.rejects(b.node.fetcher.block(tooLarge.cid, brief), { code: 'CONTENT_NOT_FOUND' })
    assert.equal(await b.database.blocks.has(tooLarge.cid), false)
  })

  it('are named by a whole sha2-256 and nothing else', async () => {
    const { node, options } = await startReader('reader', await startCareless([fits]))
    for (const cid of await misnamed()) {
      await assert.rejects(node.fetcher.block(cid, options()), { code: 'BLOCK_INVALID' }, cid.toString())
      await assert.rejects(
        node.fetcher.dag(fits.cid, (at) => (at.equals(fits.cid) ? [cid] : []), options()),
        { code: 'BLOCK_INVALID' },
      )
    }
  })

  describe('in the store that Helia sees', () => {
    let database: LocalDatabase
    let store: ReturnType<typeof boundBlockstore>
    beforeEach(async () => {
      database = await openDatabase(await mkdtemp(join(nodes.path, 'store-')))
      store = boundBlockstore(database.blockstore as never)
      ends.push(() => database.close())
    })

    const collect = async (chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Uint8Array> => {
      const parts: Uint8Array[] = []
      for await (const chunk of chunks) parts.push(chunk)
      return Uint8Array.from(Buffer.concat(parts))
    }
    const drain = async (all: AsyncIterable<unknown> | Iterable<unknown>): Promise<number> => {
      let count = 0
      for await (const _ of all) count++
      return count
    }
    /** In pieces, each of which would fit. */
    const pieces = function* ({ bytes }: Block): Generator<Uint8Array> {
      for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000)
    }

    it('are written and read, whole or in pieces', async () => {
      await store.put(fits.cid, pieces(fits))
      assert.equal(await store.has(fits.cid), true)
      assert.deepEqual(await collect(store.get(fits.cid)), fits.bytes)
      const small = await blockOf(Uint8Array.of(1))
      assert.equal(await drain(store.putMany([small])), 1)
      for await (const { cid, bytes } of store.getMany([small.cid, fits.cid]))
        assert.deepEqual(await collect(bytes), cid.equals(fits.cid) ? fits.bytes : small.bytes)
      assert.equal(await drain(store.getAll()), 2)
      await store.delete(small.cid)
      assert.equal(await store.has(small.cid), false)
      await assert.rejects(collect(store.get(small.cid)), { name: 'NotFoundError' })
    })

    it('are refused by every way in', async () => {
      const refused = { code: 'CONTENT_TOO_LARGE' }
      await assert.rejects(async () => store.put(tooLarge.cid, tooLarge.bytes), refused)
      await assert.rejects(async () => store.put(tooLarge.cid, pieces(tooLarge)), refused)
      await assert.rejects(drain(store.putMany([tooLarge])), refused)
      for (const cid of await misnamed()) {
        await assert.rejects(async () => store.put(cid, Uint8Array.of(1, 2, 3)), { code: 'BLOCK_INVALID' })
        await assert.rejects(drain(store.putMany([{ cid, bytes: Uint8Array.of(1, 2, 3) }])), { code: 'BLOCK_INVALID' })
        assert.equal(await database.blocks.has(cid), false)
      }
      assert.equal(await database.blocks.has(tooLarge.cid), false)
    })

    it('are refused by every way out', async () => {
      const [, wrong] = await misnamed()
      await database.blocks.put([tooLarge, { cid: wrong!, bytes: Uint8Array.of(1, 2, 3) }])
      await assert.rejects(collect(store.get(tooLarge.cid)), { code: 'CONTENT_TOO_LARGE' })
      await assert.rejects(collect(store.get(wrong!)), { code: 'BLOCK_INVALID' })
      await assert.rejects(
        async () => {
          for await (const { bytes } of store.getAll())
            await assert.rejects(collect(bytes), { code: 'CONTENT_TOO_LARGE' })
        },
        { code: 'BLOCK_INVALID' },
      )
      for await (const { bytes } of store.getMany([tooLarge.cid]))
        await assert.rejects(collect(bytes), { code: 'CONTENT_TOO_LARGE' })
      assert.equal(await store.has(tooLarge.cid), false)
      assert.equal(await store.has(wrong!), false)
    })
  })
})
