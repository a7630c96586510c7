/** Fetches the blocks of a history: in bulk from its host, and what is missing then from whoever has it. */
import type { CID } from 'multiformats/cid'
import type { Fetcher } from '../../node/fetch.ts'
import type { Base } from '../../store/types.ts'
import { MAX_HISTORY_HINTS } from '../constants.ts'
import type { Remote } from '../remote/remote.ts'
import type { Waiting } from '../types.ts'
import type { PullBulk } from './pull-bulk.ts'
import type { LinksOf } from './pull-links.ts'
import type { Moved, PullSealed } from './pull-sealed.ts'

export interface HistoryPullParts {
  pullBulk: PullBulk
  pullSealed: PullSealed
  remote: Pick<Remote, 'commitsBefore'>
  fetcher: Pick<Fetcher, 'dag'>
}

export interface HistoryPull {
  host: string
  service: CID
  head: CID
  contract: CID
  /** where it ends here, if it is here */
  known: CID | undefined
  /** commits whose history is here, down to where it begins here */
  here: readonly CID[]
  /** where it begins at its host, if more of it is here no longer, or never was */
  base: Base | undefined
  linksOf: LinksOf
  /** some of it is given to those alone who ask for it by the service */
  isSealed: boolean
  seal: string | undefined
}

export type PullHistory = (wanted: HistoryPull, waiting: Waiting) => Promise<Moved>

export function createPullHistory({ pullBulk, pullSealed, remote, fetcher }: HistoryPullParts): PullHistory {
  /** All commits that are not here yet, many at a time: the host says which there are, and whoever adopts them checks the chain. */
  const byLinks = async ({ service, host, head, known, base, linksOf }: HistoryPull, { signal }: Waiting) => {
    const hints: CID[] = []
    const isNew = (cid: CID): boolean => known === undefined || !cid.equals(known)
    for (let from: CID | undefined = head; from !== undefined && isNew(from) && hints.length < MAX_HISTORY_HINTS; ) {
      const page: CID[] = await remote.commitsBefore(host, service, from, { signal })
      const fresh = page.findIndex((cid) => !isNew(cid))
      hints.push(...(fresh < 0 ? page : page.slice(0, fresh)))
      from = fresh < 0 ? page.at(-1) : undefined
    }
    let moved = await fetcher.dag(head, linksOf, { signal, providers: [host], hints })
    for (const root of rootsOf(base))
      moved = sum(moved, await fetcher.dag(root, linksOf, { signal, providers: [host] }))
    return moved
  }

  return async (wanted, waiting) => {
    const { host, service, head, contract, here, base, linksOf, isSealed, seal } = wanted
    // the first commit before the others, as each of them links to it: else those links would wait for the end of the chain
    const isHere = here.length > 0
    const roots = [...(isHere ? [] : [service]), head, ...rootsOf(base)]
    const have = [contract, ...(isHere ? [service, ...here] : [])]
    const claim = isSealed ? { service, seal } : {}
    const { isWhole, ...moved } = await pullBulk({ host, roots, have, linksOf, ...claim }, waiting)
    if (isWhole) return moved
    const rest = isSealed
      ? await pullSealed({ host, service, roots: [head, ...rootsOf(base)], linksOf, seal }, waiting)
      : await byLinks(wanted, waiting)
    return sum(moved, rest)
  }
}

/** What nothing links that is above the base. */
const rootsOf = (base: Base | undefined): CID[] => (base ? [base.checkpoint, ...(base.handovers ?? [])] : [])

export const sum = (a: Moved, b: Moved): Moved => ({ blocks: a.blocks + b.blocks, bytes: a.bytes + b.bytes })
