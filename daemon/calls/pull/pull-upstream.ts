/** Brings here what happened in the service that a fork comes from. */
import type { CID } from 'multiformats/cid'
import type { Methods, PulledUpstream } from '../../api/vocabulary.ts'
import type { History } from '../../store/types.ts'
import { upstreamOf } from '../life/upstream.ts'
import type { ResolveService } from '../names/resolve.ts'
import { notHere } from '../run/instances.ts'
import type { Lineage } from '../view/forked-from.ts'
import { NO_ANSWER } from './copy.ts'
import type { Pull, PullOptions } from './pull.ts'

export interface UpstreamPull {
  pulled: Methods['pull']['result']
  upstream: PulledUpstream
}

export interface PullUpstream {
  /** @throws CallsError NOT_A_FORK, SERVICE_NOT_FOUND, and all that a pull fails with */
  pull(fork: CID, options: PullOptions): Promise<UpstreamPull>
  /** The same for whoever can do with what is here: what could not be had is a warning. */
  refresh(fork: CID, options: PullOptions): Promise<string[]>
}

export interface PullUpstreamParts {
  history: Pick<History, 'head' | 'commit' | 'base'>
  lineage: Pick<Lineage, 'nameOf'>
  resolveService: ResolveService
  pull: Pull
}

export function createPullUpstream({ history, lineage, resolveService, pull }: PullUpstreamParts): PullUpstream {
  /** As it was asked for, if that still means it. */
  const wordFor = async (service: CID, signal: AbortSignal): Promise<string> => {
    const name = await lineage.nameOf(service)
    if (name === undefined) return service.toString()
    const named = await resolveService(name, { signal }).catch(() => undefined)
    return named?.service.equals(service) ? name : service.toString()
  }

  const bring: PullUpstream['pull'] = async (fork, options) => {
    const head = await history.head(fork)
    if (head === undefined) throw notHere(fork)
    const { service, base } = await upstreamOf(history, head, options)
    const pulled = await pull(await wordFor(service, options.signal), options)
    const [newest, common] = [await history.head(service), await history.commit(base)]
    const name = await lineage.nameOf(service)
    const upstream = { service: service.toString(), base: base.toString(), ahead: (newest?.seq ?? 0) - common.seq }
    return { pulled, upstream: { ...upstream, ...(name !== undefined && { name }) } }
  }

  return {
    pull: bring,
    async refresh(fork, options) {
      try {
        await bring(fork, options)
        return []
      } catch (error) {
        options.signal.throwIfAborted()
        if (!NO_ANSWER.has((error as { code?: string }).code ?? '')) throw error
        return ['where it comes from could not be reached: what is here of it is taken']
      }
    },
  }
}
