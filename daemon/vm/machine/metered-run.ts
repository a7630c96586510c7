import { isUtf8 } from 'node:buffer'
import { ARGUMENT_BYTE_GAS, RESULT_BYTE_GAS } from '../prices.ts'
import type { CallRequest, Outcome } from '../types.ts'
import { failure } from './answers.ts'
import type { Answer, Failure, Guest, GuestCall } from './guest.ts'

/** How the engine came back: by itself, by running out of gas, or by any other trap. */
export type Trap = 'none' | 'gas' | 'other'

export interface MeteredRun {
  outcome: Outcome
  trap: Trap
}

/** Runs the guest with the gas of the request, and says how it ended. The memory is left as the run left it. */
export function runMetered(guest: Guest, request: CallRequest, use: (call: GuestCall) => Answer): MeteredRun {
  const { method, args, context, limits } = request
  const { gas } = guest.instance
  const given = limits.gas - ARGUMENT_BYTE_GAS * BigInt(args.length)
  if (given < 0n) return { outcome: outOfGas(limits.gas, []), trap: 'none' }
  gas.value = given
  let answer: Answer
  let trap: Trap = 'none'
  try {
    const call = { method, args, context, resultBytes: limits.resultBytes }
    answer = isUtf8(args) ? use(call) : failure('ARGUMENTS_NOT_VALUES', 'they are not UTF-8 text')
  } catch (error) {
    const byEngine = error instanceof WebAssembly.RuntimeError
    trap = byEngine && (gas.value as bigint) < 0n ? 'gas' : 'other'
    // parts of the engine do not check what they allocate
    answer = failure(byEngine && guest.isFull() ? 'OUT_OF_MEMORY' : 'VM_CRASHED')
  }
  const logs = guest.takeLogs()
  const left = (gas.value as bigint) - (answer.ok ? RESULT_BYTE_GAS * BigInt(answer.result.length) : 0n)
  if (left < 0n) return { outcome: outOfGas(limits.gas, logs), trap }
  const used = limits.gas - left
  if (answer.ok) return { outcome: { ok: true, result: answer.result, gas: used, logs }, trap }
  return { outcome: failed(answer, used, logs), trap }
}

export function outOfGas(limit: bigint, logs: string[]): Outcome {
  return failed(failure('OUT_OF_GAS'), limit, logs)
}

export function failed({ code, message }: Failure, gas: bigint, logs: string[]): Outcome {
  return { ok: false, error: { code, message }, gas, logs }
}
