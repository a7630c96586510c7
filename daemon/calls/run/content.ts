/** Content that contracts read by CID: raw blocks, from this node's store or else from the network. */
import { CID } from 'multiformats/cid'
import type { Fetcher } from '../../node/fetch.ts'
import { isOurCid, RAW } from '../../store/block.ts'
import type { LocalBlocks } from '../../store/database-types.ts'
import { CONTENT_TIMEOUT_MS, MAX_CONTENT_READS } from '../constants.ts'
import { CallsError } from '../errors.ts'
import type { Asking } from '../types.ts'

/** What a call is known to read: the length of each piece, by CID. */
export type Needed = ReadonlyMap<string, number>

/** What a contract asked for and the call did not bring. */
export interface ContentNeeded {
  needs: string
}

export interface ContentSource {
  /** The pieces, which are on this node. */
  read(needed: Needed): Promise<ReadonlyMap<string, Uint8Array>>
  /**
   * Tries, and tries again with what was asked for, until it is answered. Between two attempts it holds nothing but CIDs.
   *
   * @throws CallsError CONTENT_NOT_FOUND
   */
  supply<T extends object>(
    attempt: (needed: Needed) => Promise<T | ContentNeeded>,
    asking: Pick<Asking, 'signal' | 'trace'>,
  ): Promise<T>
}

export interface ContentParts {
  blocks: Pick<LocalBlocks, 'get' | 'getMany'>
  fetcher: Pick<Fetcher, 'block'>
}

export function createContent({ blocks, fetcher }: ContentParts): ContentSource {
  /** Sees to it that a piece is here. @returns its length */
  const bring = async (text: string, signal: AbortSignal): Promise<number> => {
    const cid = parse(text)
    if (cid === undefined) throw notFound(text, 'it is not the CID of raw content: CIDv1, raw, sha2-256')
    const here = await blocks.get(cid)
    if (here !== undefined) return here.length
    try {
      const deadline = AbortSignal.any([signal, AbortSignal.timeout(CONTENT_TIMEOUT_MS)])
      return (await fetcher.block(cid, { signal: deadline })).length
    } catch (cause) {
      signal.throwIfAborted()
      throw notFound(text, 'whoever has it must be online; check the CID, or store it first', cause)
    }
  }

  return {
    async read(needed) {
      const cids = [...needed.keys()]
      const found = await blocks.getMany(cids.map((cid) => CID.parse(cid)))
      return new Map(cids.flatMap((cid, i) => (found[i] ? [[cid, found[i]]] : [])))
    },
    async supply(attempt, { signal, trace }) {
      const needed = new Map<string, number>()
      for (;;) {
        const answer = await attempt(needed)
        if (!('needs' in answer)) return answer
        // what was given and is asked for again is gone from the disk, or the VM lost it: no use in trying further
        if (needed.has(answer.needs)) throw notFound(answer.needs, 'it is no longer on this node')
        // the VM lets no call read so many: this is for the day when it does
        if (needed.size >= MAX_CONTENT_READS) throw notFound(answer.needs, 'a call reads too many pieces of content')
        // others of its group were still to be answered
        trace?.lap('wait')
        needed.set(answer.needs, await bring(answer.needs, signal))
        trace?.lap('content')
      }
    },
  }
}

function parse(text: string): CID | undefined {
  try {
    const cid = CID.parse(text)
    return cid.code === RAW && isOurCid(cid) ? cid : undefined
  } catch {
    return undefined
  }
}

function notFound(cid: string, hint: string, cause?: unknown): CallsError {
  const message = `The contract reads the content ${cid.slice(0, 80)}, and it could not be found.`
  return new CallsError('CONTENT_NOT_FOUND', message, hint, { cause })
}
