/** What the rest of the daemon knows of the virtual machine. See specs/vm.md. */
import type { Ask, ImportAnswer } from './ask-types.ts'

export type { Ask, ImportAnswer }

/**
 * The whole state of a service: the linear memory of its engine plus the few registers outside it.
 *
 * `memory` is `pages` × 64 KiB long. `globals` are the engine's mutable globals in export order. `anchors` are addresses inside
 * the memory that the host needs to find its way about (made once, at genesis).
 */
export interface Image {
  memory: Uint8Array
  pages: number
  globals: number[]
  anchors: number[]
}

/** What one commit changed: the 256-byte lines of memory that differ, in ascending order, and the registers after it. */
export interface Delta {
  /** indexes of the changed lines, ascending, each once */
  lines: Uint32Array
  /** the new content of those lines, one after the other, 256 bytes each */
  bytes: Uint8Array
  /** size of the memory after the commit, in pages of 64 KiB */
  pages: number
  globals: number[]
}

/** What a contract may know about the call it serves. All of it is recorded in the commit, so that a replay sees the same. */
export interface CallContext {
  /** user ID of whoever signed the call; the service ID of the service that asks, where one does */
  caller: string
  /** user ID of whoever signed the first call of the tree; equals `caller` where a user calls */
  origin: string
  /** service IDs from the first service of the tree down to the one that asks; empty where a user calls */
  chain: readonly string[]
  /** ID of the call; the empty string where no call runs: at a genesis, in questions, while the state is shown or taken over */
  call: string
  /** user ID of the owner of the service */
  owner: string
  /** service ID; the empty string while the genesis runs, because the ID is the hash of what genesis makes */
  service: string
  /** commit time in milliseconds since 1970; the only clock a contract sees */
  time: number
  /** 32 bytes that seed `Math.random()` */
  seed: Uint8Array
}

export interface CallRequest {
  /** exported function */
  method: string
  /** the arguments: UTF-8 JSON text of an array, in the value encoding of specs/values.md */
  args: Uint8Array
  context: CallContext
  limits: CallLimits
  /** content that `amigos:content` may read during this call, by CID; what is not here makes the call end with CONTENT_NEEDED */
  content?: ReadonlyMap<string, Uint8Array>
  /** What came of its asks, in their order. A batch that these do not cover makes the call end with ANSWERS_NEEDED. @default none */
  answers?: readonly ImportAnswer[]
}

export interface CallLimits {
  /** units of gas, see specs/vm.md */
  gas: bigint
  /** the wall-clock watchdog, in milliseconds: the last resort, its outcome is never committed */
  wallMs: number
  /** largest result, in bytes of its encoding */
  resultBytes: number
  /** largest change of state, in bytes of changed lines; @default DELTA_BYTES_MAX */
  deltaBytes?: number
}

/** How a call ended. A failed one left no trace in the memory. */
export type Outcome =
  | {
      ok: true
      result: Uint8Array
      gas: bigint
      logs: string[]
      /** what the contract emitted, in order; part of the commit */
      events: ContractEvent[]
      /** CIDs of the content it read, each once, in the order of their first use; part of the commit */
      reads: string[]
      /** content it wrote, each once; stored with the commit */
      writes: Content[]
      /** what it asked of its imports, in order: as many as answers were used */
      asks: Ask[]
    }
  | { ok: false; error: CallFailure; gas: bigint; logs: string[] }

/** Something a contract says to whoever follows it. */
export interface ContractEvent {
  name: string
  /** UTF-8 JSON text of one value (specs/values.md) */
  value: Uint8Array
}

/** A raw block, CIDv1, sha2-256. */
export interface Content {
  cid: string
  bytes: Uint8Array
}

export interface CallFailure {
  code: CallFailureCode
  /** one sentence; for CONTRACT_THREW it holds what the contract threw */
  message: string
  /** with CONTENT_NEEDED: the CID that the contract asked for */
  needs?: string
  /** with ANSWERS_NEEDED: the asks of the first batch that has no answers, in order */
  asks?: Ask[]
}

/** The ways in which a contract can fail a call. They are deterministic but for CONTENT_NEEDED, ANSWERS_NEEDED, CANCELLED, WATCHDOG and VM_CRASHED. */
export type CallFailureCode =
  | 'CONTRACT_THREW'
  | 'NO_SUCH_FUNCTION'
  | 'NEVER_SETTLED'
  | 'OUT_OF_GAS'
  | 'OUT_OF_MEMORY'
  | 'STACK_OVERFLOW'
  | 'RESULT_TOO_LARGE'
  | 'RESULT_NOT_A_VALUE'
  | 'ARGUMENTS_NOT_VALUES'
  /** the call changed more of the state than its limit */
  | 'CHANGE_TOO_LARGE'
  /** a path into the logical state that leads nowhere */
  | 'NO_SUCH_STATE'
  /** the state holds what cannot be carried over by name: the new contract must export `migrate` */
  | 'MIGRATION_NEEDED'
  /** it is no async iterable that the function returned */
  | 'NOT_A_STREAM'
  /** nothing was done: run the call again with this content in CallRequest.content */
  | 'CONTENT_NEEDED'
  /** nothing was done: run the call again with the answers to these asks behind those it had, in CallRequest.answers */
  | 'ANSWERS_NEEDED'
  /** its signal was aborted: it did not begin, or was ended */
  | 'CANCELLED'
  | 'WATCHDOG'
  | 'VM_CRASHED'

/** For whoever may lose interest. */
export interface Waited {
  /**
   * Ends the call with CANCELLED: before it begins, or within about a millisecond while it runs. It leaves no trace, and its instance stays as it
   * is. A call that is done is done.
   */
  signal?: AbortSignal | undefined
}

/** A call that succeeded, with what it changed. */
export interface Effects {
  outcome: Outcome
  /** present when, and only when, outcome.ok */
  change?: { delta: Delta; root: Uint8Array }
}

/**
 * What became of a group of calls, made in order on one service, each accepted or put back by itself: one outcome of each that was begun, at
 * least one. The worker stops early when the group has taken long, or changed a lot.
 */
export interface GroupEffects {
  outcomes: Outcome[]
  /** of all calls together that succeeded; absent if none did */
  change?: { delta: Delta; root: Uint8Array }
}

export interface GenesisOptions {
  /** what the contract may allocate, in bytes; at most GUEST_HEAP_BYTES. @default GUEST_HEAP_BYTES */
  heapBytes?: number
}

/** Where a service's next instance starts from. */
export interface Origin {
  image: Image
  root: Uint8Array
  /**
   * The digests of the image's 4 KiB pages, if whoever opens it has checked them already: then they need not be made again,
   * which is most of the cost of opening. They must give the root; that they are of these pages is taken on trust.
   */
  leaves?: Uint8Array
}

/**
 * Runs contracts. Calls to one service are made one at a time by whoever uses it; different services run side by side.
 *
 * An opened service lives in a worker as a warm instance. `call` leaves the instance in its new state: whoever could not make
 * that state durable must `close` the service and open it again from what is durable. After WATCHDOG or VM_CRASHED
 * the instance may be gone: `isOpen` says so. So may any other that shared its worker, or was idle for longest when there were
 * too many: a call to one that is not open, or that was still waiting when the worker ended, rejects with VmError NOT_OPEN, has
 * not begun, and may be repeated once the service is open again.
 *
 * All methods reject with VmError: NOT_OPEN, ALREADY_OPEN, BAD_IMAGE, BAD_REQUEST, TOO_LARGE, STOPPED, ENGINE_MISMATCH,
 * VM_CRASHED (of `open`). What the contract did wrong is an Outcome.
 */
export interface Vm {
  /** CID of the instrumented engine: stands in each commit */
  readonly engine: string
  /**
   * Evaluates the module in a fresh engine; the instance stays open as `key`. Then, by `init.method`:
   * - `init`: calls its `init` with `args`, if it exports one.
   * - `migrate`: `args` is the logical state of the contract before it, as `state` gives it. Calls its `migrate` with it, if it exports
   *   one; else carries the variables over by name. The result is JSON: `{"migrated": boolean, "dropped": [path], "kept": [path]}`.
   * - `merge`: `args` is the JSON text of a list of three logical states. The result is what its `merge` makes of them, as a logical state;
   *   NO_SUCH_FUNCTION if it exports none.
   */
  genesis(
    key: string,
    module: Uint8Array,
    init: CallRequest,
    options?: GenesisOptions & Waited,
  ): Promise<{ outcome: Outcome; origin?: Origin }>
  open(key: string, origin: Origin): Promise<void>
  isOpen(key: string): boolean
  /** @param waited `asks`: it is known to ask its imports, and what it asks may be found out where that is quickest. @default false */
  call(key: string, request: CallRequest, waited?: Waited & { asks?: boolean }): Promise<Effects>
  /**
   * Many calls in one go. The watchdog is that of the first request: it is for all of them.
   *
   * @param signals end single calls of them, by their place
   */
  calls(
    key: string,
    requests: readonly CallRequest[],
    signals?: readonly (AbortSignal | undefined)[],
  ): Promise<GroupEffects>
  /** Runs and puts the memory back, whatever happened. */
  query(key: string, request: CallRequest, waited?: Waited): Promise<Outcome>
  /**
   * The logical state (specs/state.md), as a query: what the contract's `state()` returns, else its module-level variables. `request.method`
   * is not used; `request.args` is the JSON text of a path, an array of keys (`[]` is all of it). The result is state JSON.
   */
  state(key: string, request: CallRequest, waited?: Waited): Promise<Outcome>
  /**
   * Begins with what a function gives item by item, an async iterable, on an instance that was opened for this alone: from then on it is asked for
   * nothing but the next items. It keeps its place until it is closed, but for the end of its worker. The result is `null`.
   */
  stream(key: string, request: CallRequest, waited?: Waited): Promise<Outcome>
  /**
   * The next item, with limits, time and seed of its own: the JSON text of an array that holds it, and `[]` at the end. One that failed can
   * be asked for again, as with content that was missing. `request.method` and `request.args` are not used.
   */
  next(key: string, request: CallRequest, waited?: Waited): Promise<Outcome>
  /** Whether an open service keeps its place, but for the end of its worker; else it may make way after each of its calls. */
  stay(key: string, stays: boolean): void
  close(key: string): Promise<void>
  stop(): Promise<void>
}
