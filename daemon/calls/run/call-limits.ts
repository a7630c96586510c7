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

/**
 * The gas that a call starts with. It follows from the envelope and the contract alone, so that a replay gives the same `gasLeft()`:
 * a host refuses what is too much for it, and never gives less.
 *
 * @param said what the envelope says
 */
export function gasOf(limits: Limits, said: bigint | undefined): bigint {
  return said ?? BigInt(limits.gas)
}

/**
 * @param from whose turn it is: strangers may take less of it than this node's own user, and their answers have to fit a frame
 * @throws CallsError GAS_LIMIT_TOO_HIGH
 */
export function limitsOf(limits: Limits, said?: bigint, from: string = 'local'): CallLimits {
  const gas = gasOf(limits, said)
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
