/** What a contract is told about a call: everything in it can be computed again from the commit, so that a replay sees the same. */
import { hash } from 'node:crypto'
import type { CID } from 'multiformats/cid'
import type { Genesis } from '../../store/commit-types.ts'
import type { CallContext, CallLimits, CallRequest } from '../../vm/types.ts'
import { LIFECYCLE_GAS, MAX_RESULT_BYTES, WATCHDOG_MS } from '../constants.ts'
import type { SignedCall } from '../receipt/signed-call.ts'
import type { Asker } from './check-access.ts'
import type { Question } from './question.ts'

/**
 * The seed of `Math.random()`: neither the caller alone (who picks the nonce) nor the host alone (who picks the time) sets it.
 *
 * @param call bytes of the signed call, or whatever names a query
 * @param parent the commit before it; undefined at genesis
 * @param time commit time in milliseconds
 */
function seedOf(call: Uint8Array, parent: CID | undefined, time: number): Uint8Array {
  const parts = [new TextEncoder().encode(`amigos/seed/1\0${time}\0`), parent?.bytes ?? new Uint8Array(0), call]
  return hash('sha256', Buffer.concat(parts), 'buffer')
}

/**
 * The context of one call.
 *
 * @param who user IDs of caller and owner, and the service ID; origin and chain where a service asks; the ID of a call
 * @param call the signed envelope, from which the random numbers of the call come
 * @param parent the commit that it is executed on; undefined at genesis
 * @param time of the commit, in milliseconds since 1970
 */
export function contextOf(
  who: Pick<CallContext, 'caller' | 'owner' | 'service'> & Partial<Pick<CallContext, 'origin' | 'chain' | 'call'>>,
  call: Uint8Array,
  parent: CID | undefined,
  time: number,
): CallContext {
  return { origin: who.caller, chain: [], call: '', ...who, time, seed: seedOf(call, parent, time) }
}

/** Who calls whom, as the contract is told. */
export function whoOf(
  { id, caller, origin, chain }: Pick<SignedCall, 'id' | 'caller' | 'origin' | 'chain'>,
  callee: { owner: string; service: string },
): Omit<CallContext, 'time' | 'seed'> {
  return { caller, origin, chain, call: id.toString(), ...callee }
}

/** The same of a question, which has no ID. */
export function whoAsks(
  { caller, origin = caller, chain = [] }: Pick<Question, 'caller' | 'origin' | 'chain'>,
  callee: { owner: string; service: string },
): ReturnType<typeof whoOf> {
  return { caller, origin, chain, call: '', ...callee }
}

/** The same, for whether they may. @param owner user ID of the owner of the service that is called */
export function askerOf({ caller, callerOwner }: Pick<SignedCall, 'caller' | 'callerOwner'>, owner: string): Asker {
  return { owner, user: caller, userOwner: callerOwner }
}

/** What runs at genesis: everything in it stands in the first commit. */
export function genesisRequest({ owner, nonce, args }: Genesis, time: number): CallRequest {
  const who = { caller: owner, owner, service: '' }
  return { method: 'init', args, context: contextOf(who, nonce, undefined, time), limits: replayLimits(LIFECYCLE_GAS) }
}

/** A call that succeeded once succeeds again with the gas that it had (call-limits.ts), and any size of result. */
export function replayLimits(gas: bigint): CallLimits {
  return { gas, wallMs: WATCHDOG_MS, resultBytes: MAX_RESULT_BYTES }
}
