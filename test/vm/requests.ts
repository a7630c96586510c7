/** Calls as the tests make them, and what comes back, in short. */
import type { CallContext, CallLimits, CallRequest, Outcome } from '../../daemon/vm/types.ts'
import { encodeValue } from './values.ts'

export const TIME = 1_700_000_000_000

export interface RequestOptions {
  context?: Partial<CallContext>
  limits?: Partial<CallLimits>
}

/** A call with arguments that are values, or the text of them. */
export function request(method: string, args: unknown[] | string = [], options: RequestOptions = {}): CallRequest {
  return {
    method,
    args: bytes(typeof args === 'string' ? args : encodeValue(args)),
    context: {
      caller: 'user:caller',
      origin: 'user:caller',
      chain: [],
      call: 'call:id',
      owner: 'user:owner',
      service: 'service:id',
      time: TIME,
      seed: new Uint8Array(32),
      ...options.context,
    },
    limits: { gas: 1_000_000_000n, wallMs: 20_000, resultBytes: 65_536, ...options.limits },
  }
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** The text of a result, or the code of a failure. */
export function end(outcome: Outcome): string {
  return outcome.ok ? new TextDecoder().decode(outcome.result) : outcome.error.code
}

export function message(outcome: Outcome): string {
  return outcome.ok ? '' : outcome.error.message
}

export function hex(root: Uint8Array): string {
  return Buffer.from(root).toString('hex')
}
