/** Brings blocks and whole DAGs from the network into the local blockstore, within a budget. */
import { peerIdFromString } from '@libp2p/peer-id'
import type { Helia } from 'helia'
import { pipe } from 'it-pipe'
import type { CID } from 'multiformats/cid'
import * as limits from './constants.ts'
import { NodeError } from './errors.ts'

export interface FetchOptions {
  signal: AbortSignal
  /** peer IDs to ask first; the DHT is asked for others */
  providers?: readonly string[]
  onProgress?: (progress: { blocks: number; bytes: number }) => void
}

export interface Fetcher {
  /** One block, its hash checked and stored. @throws NodeError CONTENT_NOT_FOUND, CONTENT_TOO_LARGE */
  block(cid: CID, options: FetchOptions): Promise<Uint8Array>
  /**
   * A DAG: what `links` finds in each block is fetched, too. Blocks that are here already are walked, but not counted.
   *
   * @returns blocks and bytes that came from the network
   */
  dag(
    root: CID,
    links: (cid: CID, bytes: Uint8Array) => CID[],
    options: FetchOptions,
  ): Promise<{ blocks: number; bytes: number }>
}

export interface FetcherParts {
  helia: Helia
  /** the local store, without the network */
  local: { get(cid: CID): Promise<Uint8Array | undefined> }
  /** whether there is anybody to ask */
  hasPeers(): boolean
}

type Session = { get(cid: CID, options: { signal: AbortSignal }): Chunks }

export function createFetcher({ helia, local, hasPeers }: FetcherParts): Fetcher {
  const open = (root: CID, providers: readonly string[] = []): Session =>
    helia.blockstore.createSession(root, {
      ...(providers.length > 0 ? { providers: providers.map((id) => peerIdFromString(id).toCID()) } : {}),
    }) as unknown as Session

  const read = async (session: Session, cid: CID, signal: AbortSignal): Promise<Uint8Array> => {
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(limits.BLOCK_TIMEOUT_MS)])
    try {
      return await pipe(session.get(cid, { signal: deadline }), bounded(limits.MAX_BLOCK_BYTES), join)
    } catch (cause) {
      throw cause instanceof RangeError ? tooLarge(cid) : notFound(cid, cause)
    }
  }

  const notFound = (cid: CID, cause?: unknown): NodeError =>
    hasPeers()
      ? new NodeError(
          'CONTENT_NOT_FOUND',
          `Nobody around here has ${cid}.`,
          'check the CID; whoever has it must be online: connect to that node, then try again',
          { cause },
        )
      : new NodeError(
          'CONTENT_NOT_FOUND',
          `${cid} is not on this node, and this node knows nobody to ask.`,
          'join a network first: amigo connect ADDRESS, or amigo up --bootstrap ADDRESS',
          { cause },
        )

  const tooLarge = (cid: CID): NodeError =>
    new NodeError(
      'CONTENT_TOO_LARGE',
      `${cid} goes over the limits of a pull.`,
      'its author has to split it, or it is not what it claims to be',
    )

  return {
    async block(cid, { signal, providers }) {
      const here = await local.get(cid)
      if (here !== undefined) return here
      if (!hasPeers()) throw notFound(cid)
      return read(open(cid, providers), cid, signal)
    },

    async dag(root, links, { signal, providers, onProgress }) {
      const session = open(root, providers)
      const seen = new Set<string>([root.toString()])
      const queue: CID[] = [root]
      const progress = { blocks: 0, bytes: 0 }
      const visit = async (cid: CID): Promise<void> => {
        signal.throwIfAborted()
        let bytes = await local.get(cid)
        if (bytes === undefined) {
          if (!hasPeers()) throw notFound(cid)
          bytes = await read(session, cid, signal)
          progress.blocks++
          progress.bytes += bytes.length
          onProgress?.({ ...progress })
        }
        if (seen.size > limits.MAX_FETCH_BLOCKS || progress.bytes > limits.MAX_FETCH_BYTES) throw tooLarge(root)
        for (const link of links(cid, bytes)) {
          const key = link.toString()
          if (seen.has(key)) continue
          seen.add(key)
          queue.push(link)
        }
      }
      await drain(queue, visit, limits.FETCH_CONCURRENCY)
      return progress
    },
  }
}

/** Works off a stack that grows while it is worked off, so many at a time; the first failure ends it. */
async function drain<T>(queue: T[], work: (item: T) => Promise<void>, concurrency: number): Promise<void> {
  const running = new Set<Promise<void>>()
  let failure: { error: unknown } | undefined
  while ((queue.length > 0 || running.size > 0) && failure === undefined) {
    while (queue.length > 0 && running.size < concurrency) {
      const task: Promise<void> = work(queue.pop()!)
        .catch((error: unknown) => {
          failure ??= { error }
        })
        .finally(() => running.delete(task))
      running.add(task)
    }
    await Promise.race(running)
  }
  await Promise.all(running)
  if (failure !== undefined) throw failure.error
}

type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>

/** Lets so many bytes pass. */
function bounded(bytes: number): (chunks: Chunks) => AsyncIterable<Uint8Array> {
  return async function* (chunks) {
    let left = bytes
    for await (const chunk of chunks) {
      left -= chunk.length
      if (left < 0) throw new RangeError('too large')
      yield chunk
    }
  }
}

async function join(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) parts.push(chunk)
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
}
