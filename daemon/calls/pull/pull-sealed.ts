/** Fetches the history of a service that is not for everybody: its blocks come from its host alone, and go where no stranger gets them. */
import type { CID } from 'multiformats/cid'
import type { Fetcher } from '../../node/fetch.ts'
import type { Blocks } from '../../store/database-types.ts'
import { MAX_PULL_BLOCKS, MAX_SEALED_PULL_BLOCKS, MAX_SEALED_PULL_BYTES } from '../constants.ts'
import { CallsError } from '../errors.ts'
import type { Remote } from '../remote/remote.ts'
import type { Waiting } from '../types.ts'
import type { LinksOf } from './pull-links.ts'

export interface SealedPullParts {
  remote: Pick<Remote, 'blocks'>
  /** for what is linked and open: code, content */
  fetcher: Pick<Fetcher, 'block'>
  /** where blocks with a seal are kept; without one, those for everybody */
  scope: (seal?: string) => Blocks
}

export interface SealedPull {
  host: string
  service: CID
  /** from which everything is reached */
  roots: readonly CID[]
  linksOf: LinksOf
  /** for what is fetched. @default it is for everybody */
  seal?: string | undefined
}

/** How much came from elsewhere. */
export interface Moved {
  blocks: number
  bytes: number
}

export type PullSealed = (wanted: SealedPull, waiting: Waiting) => Promise<Moved>

export function createPullSealed({ remote, fetcher, scope }: SealedPullParts): PullSealed {
  return async ({ host, service, roots, linksOf, seal }, { signal, onProgress }) => {
    const store = scope(seal)
    const moved = { blocks: 0, bytes: 0 }
    const seen = new Set(roots.map(String))
    const queue = [...roots]

    const follow = (cid: CID, bytes: Uint8Array): void => {
      for (const link of linksOf(cid, bytes)) {
        if (seen.has(link.toString())) continue
        seen.add(link.toString())
        queue.push(link)
      }
      if (seen.size > MAX_SEALED_PULL_BLOCKS || moved.bytes > MAX_SEALED_PULL_BYTES) throw tooLarge(service)
    }

    /** Those that are not here, after following those that are. */
    const missingOf = async (cids: readonly CID[]): Promise<CID[]> => {
      const here = await Promise.all(cids.map((cid) => store.get(cid)))
      for (const [i, bytes] of here.entries()) if (bytes !== undefined) follow(cids[i]!, bytes)
      return cids.filter((_, i) => here[i] === undefined)
    }

    while (queue.length > 0) {
      signal.throwIfAborted()
      const wanted = await missingOf(queue.splice(-MAX_PULL_BLOCKS))
      if (wanted.length === 0) continue
      const answer = await remote.blocks(host, service, wanted, { signal })
      queue.push(...wanted.slice(answer.length))
      const found = answer.flatMap((bytes, i) => (bytes ? [{ cid: wanted[i]!, bytes }] : []))
      await store.put(found)
      for (const [i, bytes] of answer.entries()) {
        const cid = wanted[i]!
        const block = bytes ?? (await fetcher.block(cid, { signal, providers: [host] }))
        moved.blocks++
        moved.bytes += block.length
        follow(cid, block)
      }
      onProgress?.({ doing: 'fetching', done: moved.blocks, total: seen.size })
    }
    return moved
  }
}

function tooLarge(service: CID): CallsError {
  const message = `The history of ${service} is more than ${MAX_SEALED_PULL_BLOCKS} blocks or ${MAX_SEALED_PULL_BYTES} bytes.`
  return new CallsError('HISTORY_TOO_LARGE', message, 'its owner can prune it')
}
