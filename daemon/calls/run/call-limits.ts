/** What one call may use: what the contract's manifest says, within the settings of this node. */
import type { ServiceRules } from '../../api/vocabulary.ts'
import type { Limits } from '../../contract/types.ts'
import type { CallLimits } from '../../vm/types.ts'
import {
  MAX_ARGUMENT_BYTES,
  MAX_DELTA_BYTES,
  MAX_GAS,
  MAX_MEMORY_BYTES,
  MAX_QUEUE,
  MAX_REMOTE_ARGUMENT_BYTES,
  MAX_REMOTE_RESULT_BYTES,
  MAX_RESULT_BYTES,
  MAX_STRANGER_GAS,
  WATCHDOG_MS,
} from '../constants.ts'
import { CallsError } from '../errors.ts'
import type { SignedCall } from '../receipt/signed-call.ts'

/**
 * The gas that a call starts with. It follows from the envelope, the contract and the owner alone, so that a replay gives the same
 * `gasLeft()`: a host refuses what is too much for it, and never gives less. Whoever is not the owner and says nothing gets no more than
 * every host allows: a service cannot say how much it wants of what it imports.
 *
 * @param owner user ID of the owner of the service that is called
 */
export function gasOf(limits: Limits, { caller, gas }: Pick<SignedCall, 'caller' | 'gas'>, owner: string): bigint {
  if (gas !== undefined) return gas
  const most = BigInt(limits.gas)
  return caller === owner || most < MAX_STRANGER_GAS ? most : MAX_STRANGER_GAS
}

/**
 * @param gas what the call starts with
 * @param from whose turn it is: strangers may take less of it than this node's own user, and their answers have to fit a frame
 * @throws CallsError GAS_LIMIT_TOO_HIGH
 */
export function limitsOf(limits: Limits, gas: bigint, from: string): CallLimits {
  const { gas: most, result, delta } = limitsFor(limits, from)
  if (gas > BigInt(most)) throw gasTooHigh(gas, most)
  return { gas, wallMs: WATCHDOG_MS, resultBytes: result, deltaBytes: delta }
}

/**
 * The same for a query, which nobody replays: one that does not say how much it may use gets as much as there is, and its answer holds no
 * proof beside the result.
 */
export function queryLimitsOf(limits: Limits, said: bigint | undefined, from: string): CallLimits {
  const gas = said ?? BigInt(limitsFor(limits, from).gas)
  return { ...limitsOf(limits, gas, from), resultBytes: resultLimitOf(limits) }
}

/** What one service gives another of its gas: no more than there is for whoever asks, and that is no reason to refuse it. */
export function shareOf(limits: Limits, given: bigint | undefined, from: string): bigint | undefined {
  const most = BigInt(limitsFor(limits, from).gas)
  return given === undefined || given < most ? given : most
}

/** Bytes that a query may answer, whoever asks. */
function resultLimitOf({ result }: Limits): number {
  return Math.min(result, MAX_RESULT_BYTES)
}

/** The limits of a query, as whoever asks is told that it broke one. */
export function queryLimitsFor(limits: Limits, from: string): ServiceRules['limits'] {
  return { ...limitsFor(limits, from), result: resultLimitOf(limits) }
}

/** The limits of a service as they are applied to whoever asks. */
export function limitsFor(limits: Limits, from: string): ServiceRules['limits'] {
  const near = isNear(from)
  return {
    gas: Math.min(limits.gas, Number(from === 'local' ? MAX_GAS : MAX_STRANGER_GAS)),
    memory: Math.min(limits.memory, MAX_MEMORY_BYTES),
    args: Math.min(limits.args, near ? MAX_ARGUMENT_BYTES : MAX_REMOTE_ARGUMENT_BYTES),
    result: Math.min(limits.result, near ? MAX_RESULT_BYTES : MAX_REMOTE_RESULT_BYTES),
    delta: Math.min(limits.delta, MAX_DELTA_BYTES),
    queue: Math.min(limits.queue, MAX_QUEUE),
  }
}

/** Whether who asks is at this machine: its answers go through no frame. */
export function isNear(from: string): boolean {
  return from === 'local' || from === 'page'
}

function gasTooHigh(gas: bigint, most: number): CallsError {
  const message = `The call may use ${gas} units of gas, and ${most} are the most here for whoever sent it.`
  return new CallsError('GAS_LIMIT_TOO_HIGH', message, `call with --gas ${most}, or with less`)
}
