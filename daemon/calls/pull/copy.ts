/** A service's history on this node, as new as can be had: what its host has now, else the copy that is here. */
import type { CID } from 'multiformats/cid'
import type { Head, History } from '../../store/types.ts'
import type { ResolveService, ServiceTarget } from '../names/resolve.ts'
import { notHere } from '../run/instances.ts'
import type { Identity, Waiting } from '../types.ts'
import type { Pull } from './pull.ts'

export interface CopyParts {
  identity: Identity
  history: History
  resolveService: ResolveService
  pull: Pull
}

export interface Copy {
  service: CID
  head: Head
  /** the commit that the name is of, if it names one */
  at?: CID
  /** its host could not be reached: there may be newer commits */
  stale?: true
}

export type GetCopy = (name: string, waiting: Waiting) => Promise<Copy>

/** Codes that mean: nobody answered. A copy on this node may still do. */
export const NO_ANSWER: ReadonlySet<string> = new Set([
  'PEER_UNREACHABLE',
  'CONNECTION_LOST',
  'TIMED_OUT',
  'PEER_REFUSED',
])

export function createGetCopy({ identity, history, resolveService, pull }: CopyParts): GetCopy {
  /** Whether its host answered. */
  const refresh = async (target: ServiceTarget, name: string, waiting: Waiting): Promise<boolean> => {
    try {
      await pull(name, waiting)
      return true
    } catch (error) {
      const copy = NO_ANSWER.has((error as { code?: string }).code ?? '') && (await history.head(target.service))
      if (!copy || waiting.signal.aborted) throw error
      return false
    }
  }

  /** Whether the commit that was asked for is in the copy that is here: then its host need not be asked. */
  const isHere = async ({ service, at }: ServiceTarget): Promise<boolean> => {
    if (at === undefined || (await history.head(service)) === undefined) return false
    const commit = await history.commit(at).catch(() => undefined)
    return commit?.service?.equals(service) ?? false
  }

  return async (name, waiting) => {
    const target = await resolveService(name, waiting)
    const { service, host, at } = target
    let isFresh = true
    if (host !== identity.peerId && !(await isHere(target))) {
      waiting.onProgress?.({ doing: 'fetching the history', done: 0 })
      isFresh = await refresh(target, name, waiting)
    }
    const head = await history.head(service)
    if (head === undefined) throw notHere(service)
    return { service, head, ...(at && { at }), ...(isFresh ? {} : { stale: true }) }
  }
}
