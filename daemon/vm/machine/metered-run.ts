import { isUtf8 } from 'node:buffer'
import type { CallRequest, Outcome } from '../types.ts'
import { failure } from './answers.ts'
import type { Answer, Guest, GuestCall } from './guest.ts'

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
  gas.value = limits.gas
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
  const left = gas.value as bigint
  if (left < 0n) answer = failure('OUT_OF_GAS')
  const used = left < 0n ? limits.gas : limits.gas - left
  const logs = guest.takeLogs()
  if (answer.ok) return { outcome: { ok: true, result: answer.result, gas: used, logs }, trap }
  const { code, message } = answer
  return { outcome: { ok: false, error: { code, message }, gas: used, logs }, trap }
}
