import { isUtf8 } from 'node:buffer'
import { PAUSE_GAS } from '../constants.ts'
import { ARGUMENT_BYTE_GAS, RESULT_BYTE_GAS } from '../prices.ts'
import type { CallRequest, Outcome } from '../types.ts'
import { failure } from './answers.ts'
import {
  type Answer,
  AnswersNeeded,
  ContentNeeded,
  type Failure,
  type Guest,
  type GuestCall,
  NotOffered,
  OutOfGas,
} from './guest.ts'
import { goOn, type Instance } from './instance.ts'

/** How the engine came back: by itself, stopped between two instructions (no gas, no content, by the host), or by any other trap. */
export type Trap = 'none' | 'stopped' | 'ended' | 'other'

/** Looked at before a call begins and about once a millisecond while it runs: why it is to be ended, if it is. */
export type Ends = () => Ended | undefined
/** Its caller went away, or its time is over. */
export type Ended = 'CANCELLED' | 'WATCHDOG'

export interface MeteredRun {
  outcome: Outcome
  trap: Trap
}

const NO_CONTENT: ReadonlyMap<string, Uint8Array> = new Map()

/** Thrown into the engine to end a call. */
class EndedByHost extends Error {
  readonly code: Ended

  constructor(code: Ended) {
    super(code)
    this.code = code
  }
}

/**
 * Runs the guest with the gas of the request, and says how it ended. The memory is left as the run left it.
 *
 * @param ends where nothing is to end it but its gas: left out
 */
export function runMetered(
  guest: Guest,
  request: CallRequest,
  use: (call: GuestCall) => Answer,
  ends?: Ends,
): MeteredRun {
  const before = ends?.()
  if (before) return { outcome: failed(failure(before), 0n, []), trap: 'none' }
  const { method, args, context, limits, content = NO_CONTENT, answers = [] } = request
  const { gas } = guest.instance
  const given = limits.gas - ARGUMENT_BYTE_GAS * BigInt(args.length)
  if (given < 0n) return { outcome: outOfGas(limits.gas, []), trap: 'none' }
  gas.value = given
  if (ends) watch(guest.instance, given, ends)
  else pauseNever(guest.instance)
  let answer: Answer
  let trap: Trap = 'none'
  try {
    const call = { method, args, context, resultBytes: limits.resultBytes, content, answers }
    answer = isUtf8(args) ? use(call) : failure('ARGUMENTS_NOT_VALUES', 'they are not UTF-8 text')
  } catch (error) {
    trap = trapOf(error, gas.value as bigint)
    answer = failureOf(error, guest)
  }
  const { logs, ...record } = guest.takeRecord()
  if (trap === 'ended' && !answer.ok) return { outcome: failed(answer, 0n, []), trap }
  const left = (gas.value as bigint) - (answer.ok ? RESULT_BYTE_GAS * BigInt(answer.result.length) : 0n)
  if (left < 0n) return { outcome: outOfGas(limits.gas, logs), trap }
  const used = limits.gas - left
  if (!answer.ok) return { outcome: failed(answer, used, logs), trap }
  return { outcome: { ok: true, result: answer.result, gas: used, logs, ...record }, trap }
}

/** A call that used all the gas it had. @param limit in units of gas */
export function outOfGas(limit: bigint, logs: string[]): Outcome {
  return failed(failure('OUT_OF_GAS'), limit, logs)
}

/** A call that failed. @param gas what it used, in units */
export function failed({ ok: _, ...error }: Failure, gas: bigint, logs: string[]): Outcome {
  return { ok: false, error, gas, logs }
}

/** The engine asks when it is to pause: once for each slice of its gas. */
function watch(instance: Instance, given: bigint, ends: Ends): void {
  const { gas, pause } = instance
  const pauseBelow = (left: bigint): void => {
    pause.value = left > PAUSE_GAS ? left - PAUSE_GAS : 0n
  }
  pauseBelow(given)
  instance.onPause = () => {
    const why = ends()
    if (why) throw new EndedByHost(why)
    pauseBelow(gas.value as bigint)
  }
}

function pauseNever(instance: Instance): void {
  if (instance.onPause === goOn) return
  instance.pause.value = 0n
  instance.onPause = goOn
}

/** Where gas or content runs out, every write before it is marked. Of anything else that was thrown nothing is known. */
function trapOf(error: unknown, gasLeft: bigint): Trap {
  if (error instanceof EndedByHost) return 'ended'
  if (error instanceof AnswersNeeded || error instanceof OutOfGas) return 'none'
  if (error instanceof ContentNeeded || error instanceof NotOffered) return 'stopped'
  return error instanceof WebAssembly.RuntimeError && gasLeft < 0n ? 'stopped' : 'other'
}

function failureOf(error: unknown, guest: Guest): Failure {
  if (error instanceof EndedByHost) return failure(error.code)
  if (error instanceof ContentNeeded) return { ...failure('CONTENT_NEEDED'), needs: error.cid }
  if (error instanceof AnswersNeeded) return { ...failure('ANSWERS_NEEDED'), asks: error.asks }
  if (error instanceof OutOfGas) return failure('OUT_OF_GAS')
  // parts of the engine do not check what they allocate
  return failure(error instanceof WebAssembly.RuntimeError && guest.isFull() ? 'OUT_OF_MEMORY' : 'VM_CRASHED')
}
