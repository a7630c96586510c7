/** What a contract is told about a call: everything in it can be computed again from the commit, so that a replay sees the same. */
import { hash } from 'node:crypto'
import type { CID } from 'multiformats/cid'
import type { Genesis } from '../store/types.ts'
import type { CallContext, CallLimits, CallRequest } from '../vm/types.ts'
import {
  DEFAULT_GAS,
  MAX_GAS,
  MAX_REPLAYED_BYTES,
  MAX_RESULT_BYTES,
  MAX_STRANGER_GAS,
  WATCHDOG_MS,
} from './constants.ts'

/**
 * The seed of `Math.random()`: neither the caller alone (who picks the nonce) nor the host alone (who picks the time) sets it.
 *
 * @param call bytes of the signed call, or whatever names a query
 * @param parent the commit before it; undefined at genesis
 * @param time commit time in milliseconds
 */
export function seedOf(call: Uint8Array, parent: CID | undefined, time: number): Uint8Array {
  const parts = [new TextEncoder().encode(`amigos/seed/1\0${time}\0`), parent?.bytes ?? new Uint8Array(0), call]
  return hash('sha256', Buffer.concat(parts), 'buffer')
}

export function contextOf(
  who: { caller: string; owner: string; service: string },
  call: Uint8Array,
  parent: CID | undefined,
  time: number,
): CallContext {
  return { ...who, time, seed: seedOf(call, parent, time) }
}

/** What runs at genesis: everything in it stands in the first commit. */
export function genesisRequest({ owner, nonce, args }: Genesis, time: number): CallRequest {
  const who = { caller: owner, owner, service: '' }
  return { method: 'init', args, context: contextOf(who, nonce, undefined, time), limits: limitsOf() }
}

/** A call that succeeded once succeeds again within what its caller allowed, and any size of result. */
export function replayLimits(gas: bigint): CallLimits {
  return { gas, wallMs: WATCHDOG_MS, resultBytes: MAX_REPLAYED_BYTES }
}

/**
 * @param gas what the caller allows; capped, because it is the host that works
 * @param from whose turn it is: strangers may take less of it than this node's own user
 */
export function limitsOf(gas: bigint = DEFAULT_GAS, from: string = 'local'): CallLimits {
  const most = from === 'local' ? MAX_GAS : MAX_STRANGER_GAS
  const capped = gas > most ? most : gas
  return { gas: capped, wallMs: WATCHDOG_MS, resultBytes: MAX_RESULT_BYTES }
}
