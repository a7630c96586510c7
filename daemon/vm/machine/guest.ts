import type { Ask, CallContext, CallFailureCode, Content, ContractEvent, ImportAnswer } from '../types.ts'
import type { Instance } from './instance.ts'

/**
 * THE port for a language. An engine is any WebAssembly module that went through `instrument`, with a guest that knows how contracts
 * are loaded into it and called. test/vm/engine-suite.ts checks everything that is said here; specs/vm.md says it for people.
 *
 * A guest promises:
 * - Its instance's memory, size and mutable globals are all of the state. What a guest keeps on the host's side between two calls
 *   changes no result: a fresh guest with the same anchors over the same memory goes on as the old one would have.
 * - What it writes into the memory it marks (`mark`, GuestMemory); it never writes above the live size, nor touches `pages`.
 * - The same module, state and call end the same way, with the same gas: no clock, no entropy, no host address.
 * - What it is given by the memory may be made to harm. It bounds every length before it allocates, and never loops as long as the
 *   memory says without the engine's gas paying for it.
 * - What the host does for the contract in the middle of a call it charges at once (`charge`), by daemon/vm/prices.ts.
 */
export interface Engine {
  /** An instance in which nothing has run yet; `anchors` are those of the image that will be put into it. */
  createGuest(anchors?: readonly number[]): Guest
  /** Makes an instance ahead of its use, if there is none: it takes some milliseconds. An engine need not. */
  prepare?(): void
}

/** Methods run on the live memory and answer with what the contract did; a trap of the engine is thrown as it comes. */
export interface Guest {
  readonly instance: Instance
  /** 32-bit numbers that the guest needs to find its way about the memory; part of the root; empty before boot() */
  readonly anchors: readonly number[]
  /** Starts the language in fresh memory. Not metered. */
  boot(options: BootOptions): void
  /** Evaluates the contract, then does what `call.method` says: `init`, `migrate` or `merge`, see Vm.genesis. */
  load(module: Uint8Array, call: GuestCall): Answer
  invoke(call: GuestCall): Answer
  /** The logical state at a path (`call.args`), see Vm.state. The machine puts back whatever it does. */
  state(call: GuestCall): Answer
  /** As invoke, but what the function gives to be consumed item by item is kept in the memory. The result is `null`. */
  open(call: GuestCall): Answer
  /** The next item of what open() kept: `[item]`, at the end `[]`. Method and arguments of the call are not used. */
  next(call: GuestCall): Answer
  /** What the contract did besides answering, since the last take; bounded. Taken after each call, however it ended. */
  takeRecord(): CallRecord
  /** Whether the memory has been full at some time: it never shrinks but by a put-back. */
  isFull(): boolean
}

export interface BootOptions {
  /** what the contract may allocate, in bytes */
  heapBytes: number
}

export interface GuestCall {
  method: string
  args: Uint8Array
  context: CallContext
  resultBytes: number
  /** what the contract may read, by CID */
  content: ReadonlyMap<string, Uint8Array>
  /** what came of its asks, in order, as far as it is known */
  answers: readonly ImportAnswer[]
}

/** What comes back from the guest: a result, or why there is none. */
export type Answer = { ok: true; result: Uint8Array } | Failure

export interface Failure {
  ok: false
  code: CallFailureCode
  message: string
  /** with CONTENT_NEEDED: its CID */
  needs?: string
  /** with ANSWERS_NEEDED: the batch that is not answered */
  asks?: Ask[]
}

export interface CallRecord {
  logs: string[]
  events: ContractEvent[]
  /** CIDs, each once, in the order of their first use */
  reads: string[]
  /** each CID once */
  writes: Content[]
  /** what it asked of its imports, in order */
  asks: Ask[]
}

/** Thrown by every function that a contract asks of the host, by an engine that offers it none: ends the call. */
export class NotOffered extends Error {}

/** Thrown by a function that the engine imports when the contract wants content that the call does not bring: ends the call. */
export class ContentNeeded extends Error {
  readonly cid: string

  constructor(cid: string) {
    super('content is needed')
    this.cid = cid
  }
}

/** Thrown when a contract waits for answers that the call does not bring, outside the engine: ends the call. */
export class AnswersNeeded extends Error {
  readonly asks: Ask[]

  constructor(asks: Ask[]) {
    super('answers are needed')
    this.asks = asks
  }
}

/** Thrown outside the engine when what is to be done next cannot be paid for: ends the call. */
export class OutOfGas extends Error {}
