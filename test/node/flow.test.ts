import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { Socket } from 'node:net'
import type { Stream } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import type { CID } from 'multiformats/cid'
import { ANSWER_BYTES, MIB, STREAM_WINDOW_BYTES } from '../../daemon/node/constants.ts'
import type { AmigosNode } from '../../daemon/node/node.ts'
import { type Block, rawBlock } from '../../daemon/store/block.ts'
import type { LocalDatabase } from '../../daemon/store/database-types.ts'
import { untilTrue } from '../support/until.ts'
import { createNodes, soon, type TestNodes } from './helpers.ts'

interface Answers {
  sendMessage(peer: unknown, message: { blocks: Map<string, { data: Uint8Array }> }, ...rest: unknown[]): Promise<void>
}

interface Fetches {
  get(...wanted: unknown[]): AsyncIterable<Uint8Array>
}

const CHUNK = new Uint8Array(MIB)

describe('what is sent faster than it is read', () => {
  let nodes: TestNodes
  let holder: AmigosNode
  let database: LocalDatabase
  let asker: AmigosNode

  before(async () => {
    nodes = await createNodes()
  })
  after(() => nodes.remove())
  beforeEach(async () => {
    const made = await nodes.make('holder')
    ;({ node: holder, database } = made)
    asker = (await nodes.make('asker')).node
    await holder.start()
    await asker.start()
    await asker.connect(holder.addresses().find((address) => !address.includes('/ws'))!, soon())
  })
  afterEach(() => nodes.stop())

  /** Time in which anything that may be sent would have come. */
  const rounds = async (): Promise<void> => {
    const [{ muxer }] = asker.libp2p.getConnections() as unknown as [{ muxer: { ping(): Promise<number> } }]
    for (let i = 0; i < 32; i++) await muxer.ping()
  }

  /** Both ends of a stream that nobody reads yet. */
  const open = async (): Promise<{ ours: Stream; theirs: Stream }> => {
    const { promise, resolve } = Promise.withResolvers<Stream>()
    await holder.libp2p.handle('/late/1', resolve)
    const ours = await asker.libp2p.dialProtocol(holder.libp2p.peerId, '/late/1')
    return { ours, theirs: await promise }
  }

  /** As the bitswap library does. */
  const write = async (stream: Stream, mebibytes: number): Promise<void> => {
    for (let i = 0; i < mebibytes; i++) if (!stream.send(CHUNK)) await stream.onDrain(soon())
  }

  const count = (stream: Stream): (() => number) => {
    let bytes = 0
    stream.addEventListener('message', ({ data }) => {
      bytes += data.byteLength
    })
    return () => bytes
  }

  it('is written once where it is small, and the window of the peer is opened only now and then', async () => {
    const { ours, theirs } = await open()
    const small = new Uint8Array(100)
    theirs.addEventListener('message', () => theirs.send(small))
    const answered = count(ours)
    let writes = 0
    const { write: before } = Socket.prototype
    Socket.prototype.write = function (this: Socket, ...args: Parameters<Socket['write']>) {
      writes++
      return before.apply(this, args)
    } as Socket['write']
    try {
      for (let i = 1; i <= 400; i++) {
        ours.send(small)
        await untilTrue(() => answered() === 100 * i)
      }
    } finally {
      Socket.prototype.write = before
    }
    // two each, and what nodes say to each other besides
    assert.ok(writes >= 800 && writes < 1_000, `${writes} writes`)
  })

  it('waits at the sender until the handler begins to read', async () => {
    const { ours, theirs } = await open()
    const written = write(ours, 16)
    await rounds()
    assert.equal(theirs.status, 'open')
    assert.ok(theirs.readBufferLength > 0 && theirs.readBufferLength <= STREAM_WINDOW_BYTES)
    assert.ok(ours.writeBufferLength > 0 && ours.writeBufferLength <= MIB)
    const taken = count(theirs)
    await written
    await untilTrue(() => taken() === 16 * MIB)
  })

  it('holds its writer back again and again', async () => {
    const { ours, theirs } = await open()
    const taken = count(theirs)
    let most = 0
    const send = ours.send.bind(ours)
    ours.send = (data) => {
      const isSent = send(data)
      most = Math.max(most, ours.writeBufferLength)
      return isSent
    }
    await write(ours, 16)
    assert.ok(most > 0 && most <= MIB, `${most} bytes were waiting`)
    await untilTrue(() => taken() === 16 * MIB)
  })

  /** What the holder's bitswap has in memory at a time to send, in bytes. */
  const watchAnswers = (): (() => number) => {
    const [{ bitswap }] = (holder.helia as unknown as { blockBrokers: [{ bitswap: { network: Answers } }] })
      .blockBrokers
    const send = bitswap.network.sendMessage.bind(bitswap.network)
    let most = 0
    bitswap.network.sendMessage = (peer, message, ...rest) => {
      let bytes = 0
      for (const { data } of message.blocks.values()) bytes += data.length
      most = Math.max(most, bytes)
      return send(peer, message, ...rest)
    }
    return () => most
  }

  /** How many blocks the asker wants at the same time. */
  const watchFetches = (): (() => number) => {
    const { blockstore } = asker.helia as unknown as { blockstore: { createSession(...args: unknown[]): Fetches } }
    const create = blockstore.createSession.bind(blockstore)
    let now = 0
    let most = 0
    blockstore.createSession = (...args) => {
      const session = create(...args)
      return {
        async *get(...wanted) {
          most = Math.max(most, ++now)
          yield* session.get(...wanted)
          now--
        },
      }
    }
    return () => most
  }

  it('is all there in the end: 32 blocks of 1 MiB that bitswap is asked for at once', async () => {
    const blocks: Block[] = Array.from({ length: 32 }, () => rawBlock(randomBytes(MIB)))
    await database.blocks.put(blocks)
    const most = watchAnswers()
    const cids = blocks.map(({ cid }) => cid)
    const providers = [peerIdFromString(holder.peerId).toCID()]
    const session = asker.helia.blockstore.createSession(cids[0]!, { providers } as never)
    const get = async (cid: CID): Promise<number> => {
      let bytes = 0
      for await (const chunk of session.get(cid, soon())) bytes += chunk.length
      return bytes
    }
    assert.deepEqual(
      await Promise.all(cids.map(get)),
      cids.map(() => MIB),
    )
    assert.ok(most() > 0 && most() <= ANSWER_BYTES, `${most()} bytes were read at once`)
  }).timeout(20_000)

  for (const { size, fewest, most } of [
    { size: 128, fewest: 64, most: 64 },
    { size: MIB, fewest: 4, most: 11 },
  ])
    it(`is little at a time: of blocks of ${size} bytes, a fetch asks for ${most} at most`, async () => {
      const blocks = Array.from({ length: 160 * (size < MIB ? 1 : 0.2) }, () => rawBlock(randomBytes(size)))
      const root = rawBlock(randomBytes(1))
      await database.blocks.put([root, ...blocks])
      const underWay = watchFetches()
      const links = (cid: CID): CID[] => (cid.equals(root.cid) ? blocks.map((block) => block.cid) : [])
      const { bytes } = await asker.fetcher.dag(root.cid, links, { ...soon(), providers: [holder.peerId] })
      assert.equal(bytes, 1 + blocks.length * size)
      assert.ok(underWay() >= fewest && underWay() <= most, `${underWay()} were asked for at a time`)
    }).timeout(20_000)
})
