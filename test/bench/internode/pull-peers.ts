/** The three ways in which the same blocks come over: our bulk stream, a bare stream, and Helia's bitswap. */
import type { Stream } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { CID } from 'multiformats/cid'
import { pEvent } from 'p-event'
import type { AmigosNode } from '../../../daemon/node/node.ts'
import { cidFrom, RAW, sha256 } from '../../../daemon/store/block.ts'
import type { LocalDatabase } from '../../../daemon/store/database-types.ts'
import { DEFAULT_PULL_LIMITS } from '../../../protocol/pull/constants.ts'
import { createPulls } from '../../../protocol/pull/service.ts'
import { createSink } from '../../../protocol/pull/sink.ts'

const signal = new AbortController().signal
const BARE = '/bench/bare/1.0.0'
const UNSENT = 1 << 20
/** What was fastest here, of blocks of 1 MiB and of small ones. */
const bitswapConcurrency = (bytes: number): number => (bytes > 65_536 ? 64 : 256)

export interface Side {
  node: AmigosNode
  database: LocalDatabase
}

/** Where the blocks are, as the other process says. */
export interface Offer {
  address: string
  root: string
  leaves: string[]
  bytes: number
}

export type Bring = (side: Side, offer: Offer) => Promise<void>

export async function servePull({ node, database }: Side): Promise<void> {
  const pulls = createPulls({ node: node.libp2p, open: async () => database.scope() })
  await pulls.start()
}

export const bringByPull: Bring = async ({ node, database }, { address, root }) => {
  const pulls = createPulls({ node: node.libp2p, open: () => Promise.reject(new Error('nothing is served here')) })
  await pulls.start()
  await node.libp2p.dial(multiaddr(address))
  const { take } = keeping(database)
  await pulls.pull(peerOf(address), { roots: [CID.parse(root)] }, { take, signal })
  await synced(database)
  await pulls.stop()
}

/** From memory: nothing that the sender does could be done faster. */
export async function serveBare({ node }: Side, blocks: Iterable<Uint8Array>): Promise<void> {
  const send = async (stream: Stream): Promise<void> => {
    for (const block of blocks) {
      stream.send(block)
      while (stream.writeBufferLength > UNSENT) await pEvent(stream, 'drain', { rejectionEvents: ['close'] })
    }
    await stream.close()
  }
  await node.libp2p.handle(BARE, (stream) => void send(stream))
}

/** Cuts what comes into blocks, hashes and keeps them. No CID is looked at, nothing is walked. */
export const bringBare: Bring = async ({ node, database }, { address, leaves, bytes }) => {
  const { take } = keeping(database)
  const stream = await node.libp2p.dialProtocol(multiaddr(address), BARE)
  const size = bytes / leaves.length
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let isResuming = false
  const hold = (): void => {
    if (sink.isFull() && !isResuming && stream.readStatus === 'readable') stream.pause()
  }
  const onTurn = (failure: unknown): void => {
    if (failure !== undefined) reject(failure)
    if (sink.isFull() || stream.readStatus !== 'paused') return
    isResuming = true
    stream.resume()
    isResuming = false
    hold()
  }
  const sink = createSink(take, { ...DEFAULT_PULL_LIMITS, onTurn })
  let block = Buffer.allocUnsafeSlow(size)
  let filled = 0
  let left = leaves.length
  stream.addEventListener('message', ({ data }) => {
    for (const part of data instanceof Uint8Array ? [data] : data) {
      for (let at = 0; at < part.length; ) {
        const length = Math.min(part.length - at, size - filled)
        block.set(part.subarray(at, at + length), filled)
        at += length
        filled += length
        if (filled < size) break
        sink.push({ cid: cidFrom(RAW, sha256(block)), bytes: block })
        block = Buffer.allocUnsafeSlow(size)
        filled = 0
        if (--left === 0) resolve()
      }
    }
    hold()
  })
  await promise
  await sink.flushed()
  await synced(database)
  await stream.close()
}

/** One session with the one peer, as the fetcher of a node has it; Helia hashes and keeps. */
export const bringByBitswap: Bring = async ({ node, database }, { address, root, leaves, bytes }) => {
  await node.libp2p.dial(multiaddr(address))
  const session = node.helia.blockstore.createSession(CID.parse(root), {
    providers: [peerIdFromString(peerOf(address)).toCID()],
  })
  const cids = [root, ...leaves]
  const work = async (): Promise<void> => {
    for (let cid = cids.pop(); cid !== undefined; cid = cids.pop())
      for await (const _ of session.get(CID.parse(cid), { signal })) {
        // kept by Helia
      }
  }
  await Promise.all(Array.from({ length: bitswapConcurrency(bytes / leaves.length) }, work))
  await synced(database)
}

const peerOf = (address: string): string => address.split('/').at(-1)!

const keeping = (database: LocalDatabase) => ({ take: database.scope().put })

/** All that was written before is on the disk with it. */
const synced = (database: LocalDatabase): Promise<void> => database.meta.put('bench', Uint8Array.of(1))
