/** Brings blocks and whole DAGs from the network into the local blockstore, within a budget. */
import { peerIdFromString } from '@libp2p/peer-id'
import type { Helia } from 'helia'
import type { CID } from 'multiformats/cid'
import { checkName, checkSize } from './block-rules.ts'
import { type Chunks, join } from './chunks.ts'
import * as limits from './constants.ts'
import { drain } from './drain.ts'
import { NodeError } from './errors.ts'
import { orAborted } from './or-aborted.ts'

export interface FetchOptions {
  signal: AbortSignal
  /** peer IDs to ask first; the DHT is asked for others */
  providers?: readonly string[]
}

export interface DagOptions extends FetchOptions {
  /** blocks that are likely part of the DAG: fetched from the start, beside what the links lead to */
  hints?: readonly CID[]
}

export interface Fetcher {
  /** One block, its hash checked and stored. @throws NodeError CONTENT_NOT_FOUND, CONTENT_TOO_LARGE, BLOCK_INVALID */
  block(cid: CID, options: FetchOptions): Promise<Uint8Array>
  /**
   * A DAG: what `links` finds in each block is fetched, too. Blocks that are here already are walked, but not counted.
   *
   * @returns blocks and bytes that came from the network
   * @throws NodeError CONTENT_NOT_FOUND, CONTENT_TOO_LARGE (a block, or the DAG's budget), BLOCK_INVALID
   */
  dag(
    root: CID,
    links: (cid: CID, bytes: Uint8Array) => CID[],
    options: DagOptions,
  ): Promise<{ blocks: number; bytes: number }>
}

export interface FetcherParts {
  helia: Helia
  /** the local store, without the network */
  local: { get(cid: CID): Promise<Uint8Array | undefined> }
  /** peer IDs of those this node is connected to: asked first, when nobody better is known */
  peers(): string[]
}

type Session = { get(cid: CID, options: { signal: AbortSignal }): Chunks }

export function createFetcher({ helia, local, peers }: FetcherParts): Fetcher {
  const hasPeers = (): boolean => peers().length > 0
  const open = (root: CID, providers: readonly string[] = []): Session => {
    const asked = providers.length > 0 ? providers : peers().slice(0, limits.MAX_SESSION_PEERS)
    return helia.blockstore.createSession(root, {
      ...(asked.length > 0 ? { providers: asked.map((id) => peerIdFromString(id).toCID()) } : {}),
    }) as unknown as Session
  }

  /**
   * One fetch of a block at a time, however many want it: of two bitswap sessions that want the same block from the same peer,
   * one can miss the only answer.
   */
  const inFlight = new Map<string, Promise<Uint8Array>>()
  const read = async (session: Session, cid: CID, signal: AbortSignal): Promise<Uint8Array> => {
    const key = cid.toString()
    const running = inFlight.get(key)
    if (running !== undefined) {
      // whoever began it may give up before we do
      const bytes = await orAborted(
        running.catch(() => here(cid)),
        signal,
      )
      return bytes ?? read(session, cid, signal)
    }
    const fetched = readOnce(session, cid, signal).finally(() => inFlight.delete(key))
    inFlight.set(key, fetched)
    return fetched
  }

  const readOnce = async (session: Session, cid: CID, signal: AbortSignal): Promise<Uint8Array> => {
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(limits.BLOCK_TIMEOUT_MS)])
    try {
      return await join(session.get(cid, { signal: deadline }))
    } catch (cause) {
      throw cause instanceof NodeError ? cause : notFound(cid, cause)
    }
  }

  /** The local store holds what this node made as well, and is read without Helia: the rules hold for it, too. */
  const here = async (cid: CID): Promise<Uint8Array | undefined> => {
    checkName(cid)
    const bytes = await local.get(cid)
    if (bytes !== undefined) checkSize(cid, bytes)
    return bytes
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
      `${cid} leads to more than the ${limits.MAX_FETCH_BLOCKS} blocks or ${limits.MAX_FETCH_BYTES} bytes of a fetch.`,
      'its author has to split it, or it is not what it claims to be',
    )

  return {
    async block(cid, { signal, providers }) {
      const known = await here(cid)
      if (known !== undefined) return known
      if (!hasPeers()) throw notFound(cid)
      return read(open(cid, providers), cid, signal)
    },

    async dag(root, links, { signal, providers, hints = [] }) {
      const session = open(root, providers)
      const queue: CID[] = [...hints, root]
      const seen = new Set<string>(queue.map(String))
      const progress = { blocks: 0, bytes: 0 }
      let meanBytes = limits.FETCH_FIRST_BYTES
      const visit = async (cid: CID): Promise<void> => {
        signal.throwIfAborted()
        let bytes = await here(cid)
        if (bytes === undefined) {
          if (!hasPeers()) throw notFound(cid)
          bytes = await read(session, cid, signal)
          progress.blocks++
          progress.bytes += bytes.length
          meanBytes += (bytes.length - meanBytes) / 4
        }
        if (seen.size > limits.MAX_FETCH_BLOCKS || progress.bytes > limits.MAX_FETCH_BYTES) throw tooLarge(root)
        for (const link of links(cid, bytes)) {
          const key = link.toString()
          if (seen.has(key)) continue
          seen.add(key)
          queue.push(link)
        }
      }
      await drain(queue, visit, () => Math.min(limits.FETCH_CONCURRENCY, limits.FETCH_BYTES_UNDER_WAY / meanBytes))
      return progress
    },
  }
}
