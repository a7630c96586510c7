/** Which host of a service was the last one that this node heard of: one before it no longer speaks for the service. */
import { CID } from 'multiformats/cid'
import type { History } from '../../store/types.ts'
import { MAX_KNOWN_ASKERS } from '../constants.ts'
import { CallsError } from '../errors.ts'
import type { Caller } from '../receipt/hosts.ts'

/** @throws CallsError ACCESS_DENIED about a service whose later host is known here */
export type CheckEpoch = (who: Caller) => Promise<void>

/** A proof shows the handovers that its sender wants to show; what others showed, and what stands here, counts as well. */
export function createCheckEpoch({ history }: { history: Pick<History, 'head'> }): CheckEpoch {
  /** longest unused first */
  const seen = new Map<string, number>()
  return async ({ caller, callerEpoch }) => {
    if (callerEpoch === undefined) return
    const before = Math.max(seen.get(caller) ?? 0, (await history.head(CID.parse(caller)))?.epoch ?? 0)
    seen.delete(caller)
    seen.set(caller, Math.max(before, callerEpoch))
    if (seen.size > MAX_KNOWN_ASKERS) seen.delete(seen.keys().next().value!)
    if (callerEpoch < before) throw handedOver(caller)
  }
}

function handedOver(service: string): CallsError {
  const message = `The service ${service} was handed over to another host than the one that asks in its name.`
  return new CallsError('ACCESS_DENIED', message, 'only its host of now makes its calls')
}
