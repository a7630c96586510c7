/** Whether what depends on each other is up: each host is asked once, and has a short time. */
import type { CID } from 'multiformats/cid'
import type { Internode } from '../../../protocol/types.ts'
import { createRecent } from '../../../registry/home/recent.ts'
import type { History } from '../../store/types.ts'
import type { Heads } from '../homes/heads.ts'
import type { Remote } from '../remote/remote.ts'
import type { Identity } from '../types.ts'
import { GRAPH_UP_MS, MAX_SEEN_HOSTS } from './constants.ts'
import type { Up } from './types.ts'

export interface ProbeParts {
  identity: Pick<Identity, 'peerId'>
  history: Pick<History, 'head'>
  remote: Pick<Remote, 'head'>
  internode: Pick<Internode, 'request'>
  heads: Pick<Heads, 'get'>
  now: () => number
}

/** @param service @default the node itself, for what does not run */
export type Probe = (host: string, service: CID | undefined, signal: AbortSignal) => Promise<Up>

/** A probe for one graph. Who refuses to say where the service stands is up all the same. Never throws. */
export type BeginProbe = () => Probe

export function createBeginProbe({ identity, history, remote, internode, heads, now }: ProbeParts): BeginProbe {
  /** when hosts last answered */
  const seen = createRecent(MAX_SEEN_HOSTS)

  const here = async (service: CID | undefined): Promise<Up> => {
    const head = service && (await history.head(service))
    if (service === undefined || head?.hosted)
      return { up: true, seen: now(), ...(head && { contract: head.contract }) }
    return { up: false, code: 'SERVICE_NOT_FOUND' }
  }

  const ask = async (host: string, service: CID | undefined, signal: AbortSignal): Promise<CID | undefined> => {
    if (service !== undefined) return (await remote.head(host, service, { signal })).contract
    await internode.request(host, 'ping', {}, { signal, timeoutMs: GRAPH_UP_MS })
    return undefined
  }

  const away = async (host: string, service: CID | undefined, outer: AbortSignal): Promise<Up> => {
    const began = performance.now()
    const deadline = AbortSignal.timeout(GRAPH_UP_MS)
    try {
      const contract = await ask(host, service, AbortSignal.any([outer, deadline]))
      seen.note(host, now())
      return { up: true, ms: Math.round(performance.now() - began), seen: now(), ...(contract && { contract }) }
    } catch (error) {
      const code = deadline.aborted ? 'TIMED_OUT' : ((error as { code?: string }).code ?? 'PEER_UNREACHABLE')
      if (ANSWERS.has(code)) seen.note(host, now())
      if (code === 'ACCESS_DENIED') return { up: true, ms: Math.round(performance.now() - began), seen: now() }
      const last = Math.max(seen.at(host) ?? 0, (service && heads.get(host, service)?.time) ?? 0)
      return { up: false, code, ...(last > 0 && { seen: last }) }
    }
  }

  return () => {
    const asked = new Map<string, Promise<Up>>()
    return (host, service, signal) => {
      const key = `${host} ${service ?? ''}`
      const known = asked.get(key)
      if (known !== undefined) return known
      const answer = host === identity.peerId ? here(service) : away(host, service, signal)
      asked.set(key, answer)
      return answer
    }
  }
}

/** What only a node that answers says. */
const ANSWERS: ReadonlySet<string> = new Set(['ACCESS_DENIED', 'SERVICE_NOT_FOUND'])
