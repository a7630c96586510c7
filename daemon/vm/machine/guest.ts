import type { CallContext, CallFailureCode } from '../types.ts'
import type { Instance } from './instance.ts'

/** What comes back from the guest: a result, or why there is none. */
export type Answer = { ok: true; result: Uint8Array } | Failure

export interface Failure {
  ok: false
  code: CallFailureCode
  message: string
}

export interface GuestCall {
  method: string
  args: Uint8Array
  context: CallContext
  resultBytes: number
}

/**
 * The language inside an engine: how a contract is loaded into an instance and called. Another engine is another of these.
 *
 * All methods run on the live memory and answer with what the contract did; a trap of the engine is thrown as it comes.
 * Whatever they write into the memory is marked.
 */
export interface Guest {
  readonly instance: Instance
  /** addresses inside the memory that the guest needs to find its way about; empty before boot() */
  readonly anchors: readonly number[]
  /** Starts the language in fresh memory. Not metered. */
  boot(): void
  /** Evaluates the contract and calls its `init`, if there is one. */
  load(module: Uint8Array, call: GuestCall): Answer
  invoke(call: GuestCall): Answer
  /** Lines that the contract logged since the last take; bounded. */
  takeLogs(): string[]
  /** Whether the memory has been full at some time: it never shrinks but by a put-back. */
  isFull(): boolean
}

export interface Engine {
  /** An instance in which nothing has run yet; `anchors` are those of the image that will be put into it. */
  createGuest(anchors?: readonly number[]): Guest
}
