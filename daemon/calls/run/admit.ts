/** A call whose turn has come, as the VM is to make it: the same by itself, in a group and in a tree. */
import type { CallRequest } from '../../vm/types.ts'
import type { SignedCall } from '../receipt/signed-call.ts'
import type { Asking } from '../types.ts'
import { gasOf, limitsOf } from './call-limits.ts'
import { checkCall } from './check-call.ts'
import { askerOf, contextOf, whoOf } from './context.ts'
import type { Instance } from './instances.ts'

/** A call whose turn it is. */
export interface Due extends Pick<Asking, 'from'> {
  call: SignedCall
  envelope: Uint8Array
  /** that of its commit, in milliseconds since 1970 */
  time: number
}

/** @throws CallsError GAS_LIMIT_TOO_HIGH, and as checkCall */
export function admit(
  { contract, owner, key, head }: Pick<Instance, 'contract' | 'owner' | 'key' | 'head'>,
  { call, envelope, from, time }: Due,
): CallRequest {
  checkCall({ contract, call, right: 'call', asker: askerOf(call, owner), from })
  return {
    method: call.method,
    args: call.args,
    context: contextOf(whoOf(call, { owner, service: key }), envelope, head.commit, time),
    limits: limitsOf(contract.manifest.limits, gasOf(contract.manifest.limits, call, owner), from),
  }
}
