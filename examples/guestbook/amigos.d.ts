/** What a contract may ask about the call it serves. */
declare module 'amigos:context' {
  /** User ID of whoever signed this call; where another service asks this one, the ID of that service. */
  export function caller(): string
  /** User ID of whoever signed the first call, from which all others came. Equals `caller()` where a user calls. */
  export function origin(): string
  /** IDs of the services through which this call comes, the one that asks last; empty where a user calls. */
  export function chain(): string[]
  /**
   * ID of this call, the hash of what was signed: the same when the call is sent again, and `id` in `amigo show COMMIT`. Where another service asks,
   * that of what it asks. The empty string where no call runs: in questions and streams, in `init`, `migrate`, `merge` and `state`.
   */
  export function callId(): string
  /** User ID of the owner of this service. */
  export function owner(): string
  /** ID of this service; the empty string while `init` runs, because the ID is the hash of what it makes. */
  export function service(): string
  /** Time of this call, which stands still while it runs. */
  export function time(): Date
  /** Units of gas that are left to this call. */
  export function gasLeft(): bigint
  /** As Math.random(): at least 0, less than 1, drawn from the seed of this call. Not secret. */
  export function random(): number
  /** Bytes drawn from the seed of this call, at most 65,536 at once. Not secret. */
  export function randomBytes(length: number): Uint8Array
  /** Adds a line to the log of this call; it is shown to the caller and not kept. */
  export function log(...values: unknown[]): void
}

/** What a contract says to those who follow it. */
declare module 'amigos:events' {
  /**
   * Adds an event to this call; it becomes part of the history if the call succeeds. The name has 1 to 64 characters. Throws a RangeError
   * beyond 100 events or 64 KiB in one call, a TypeError when the value is none that can be sent.
   */
  export function emit(name: string, value?: unknown): void
}

declare module 'amigos:crypto' {
  /** SHA-256 of bytes, or of a string in UTF-8. */
  export function sha256(data: Uint8Array | string): Uint8Array
  /** Whether an Ed25519 signature (64 bytes) of the message is good; false for keys (32 bytes) that are not canonical or of small order. */
  export function verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean
}

/** Content by its CID (version 1, raw, sha2-256), at most 1 MiB each; 64 pieces are read and 64 written in one call at most. */
declare module 'amigos:content' {
  /** The bytes that the CID names; the call is run again when they have been fetched. */
  export function get(cid: string): Uint8Array
  /** Stores bytes with the commit of this call and answers their CID. */
  export function put(bytes: Uint8Array): string
}

/** Functions of other services. Contracts import those by the name of the service; what is here tells what went wrong with one. */
declare module 'amigos:imports' {
  /**
   * What a call of an imported function rejects with: the other service refused, failed, cannot be reached, or answered with what it did not
   * promise. Nothing of that call was changed there, unless `code` says that this is not known.
   */
  export class ImportError extends Error {
    constructor(message?: string, code?: string, service?: string, method?: string)
    /** What went wrong: a code of the other service, such as CONTRACT_THREW or ACCESS_DENIED, or of the way to it. */
    readonly code: string
    /** Name of the import, as in amigo.yaml. */
    readonly service: string
    /** Name of the function. */
    readonly method: string
  }
  /**
   * The function of an import, by its name in amigo.yaml; the compiler writes this for `import { method } from 'service'`. At most 64 calls of such
   * functions are made in one call. What is called without being awaited is done before the call ends, and its failure makes the call fail
   * unless it is caught.
   */
  export function importFunction(service: string, method: string): (...args: unknown[]) => Promise<unknown>
}

/**
 * Calls of services on other nodes that can be repeated, and made good. All of it works on plain objects in variables of the contract, and keeps nothing
 * itself. See specs/imports.md, "Making good".
 */
declare module 'amigos:steps' {
  /** What became of an ID: one entry of a map, by caller and ID, the newest last. */
  export interface Done<T = unknown> {
    at: Date
    /** running: within this very call, behind an await */
    state: 'running' | 'done' | 'undone'
    /** what `work` gave, when it is done */
    answer?: T
  }

  /** What `once` throws of an ID that was undone before: it came late, and does nothing. */
  export class UndoneError extends Error {}

  /**
   * Does `work` the first time that this caller asks for the ID, and answers the same each further time. What throws was not done. IDs are the caller's
   * own (1 to 1,024 characters): those of another mean something else.
   */
  export function once<T, R extends T | Promise<T>>(done: Map<string, Done<T>>, id: string, work: () => R): T | R

  /**
   * Takes back what `once` did for this caller under the ID, the first time; `makeGood` gets what was answered. An ID that was not seen is marked, so
   * that whatever comes late does nothing. Gives what `makeGood` gives, if it was asked.
   */
  export function undo<T, R>(done: Map<string, Done<T>>, id: string, makeGood: (answer: T) => R): R | undefined

  /** Forgets IDs older than `before`, the oldest first, at most 100 at once; answers how many. What is asked for after that is done anew. */
  export function forget(done: Map<string, Done>, before: Date): number

  /** Steps that other services are to do one after the other, each or none. Plain data: keep it in a variable of the contract. */
  export interface Work {
    id: string
    state: 'wanted' | 'done' | 'giving up' | 'given up'
    /** the call that said what is wanted now */
    call: string
    steps: Step[]
    /** why it is given up */
    why?: string
  }

  export interface Step {
    /** which of `kinds` does it */
    kind: string
    args: unknown[]
    /** wanted: it may have been asked for, and may be done; later: it was not asked for */
    state: 'later' | 'wanted' | 'done' | 'undone'
    /** what was answered */
    answer?: unknown
    /** what went wrong the last time */
    why?: string
  }

  /** How a step is asked for, and how it is taken back; both with the ID of the step first. */
  export interface Kind {
    ask(id: string, ...args: never[]): Promise<unknown>
    undo(id: string): Promise<unknown>
  }

  /** Says what is wanted, and asks for nothing yet. @param id one of its own, such as `callId()` @param wishes kind and arguments of each step */
  export function begin(id: string, wishes: [kind: string, ...args: unknown[]][]): Work

  /**
   * Goes on, and answers how far it came: to be called until that is 'done' or 'given up', each time in another call, because what is asked for has to
   * be in a commit before (it throws in the call that said it). While the work is 'wanted' it asks for one step: what the other service itself refuses
   * gives up the whole, other failures of an import leave it for the next time. While it is 'giving up' it takes back what was done or may have been, the
   * last first. Errors that are none of an import are thrown on.
   */
  export function proceed(work: Work, kinds: Record<string, Kind>): Promise<Work['state']>

  /** Has `proceed` take back everything, whatever was done. Nothing happens if that is so already. */
  export function giveUp(work: Work, why?: string): void
}

/** For tests alone, `amigo test`: each begins with a fresh instance of the contract of its folder, in the real virtual machine. */
declare module 'amigos:test' {
  /** The functions of a contract as whoever calls it has them: each gives a promise. */
  type Functions<T> = {
    readonly [K in keyof T]: T[K] extends (...args: infer A) => infer R
      ? (...args: A) => Promise<Awaited<R> extends AsyncIterable<infer I> ? I[] : Awaited<R>>
      : never
  }

  /** What every contract has beside its functions. */
  interface Tools {
    /** A call, with what it emitted and logged. Fails with `code` and `message`. */
    $call(name: string, args: unknown[], options?: { gas?: number }): Promise<Done>
    /** A question: nothing of it stays, whatever the function does. */
    $query(name: string, args: unknown[], options?: { gas?: number }): Promise<Done>
    /** The items of a function that gives them one by one. */
    $stream(name: string, args?: unknown[]): AsyncIterableIterator<unknown>
  }

  interface Done {
    result: unknown
    /** units used */
    gas: number
    logs: string[]
    events: { name: string; value: unknown }[]
  }

  /** An instance of a contract. */
  interface Started<T> {
    /** Its functions, called by the owner. */
    contract: Functions<T> & Tools
    /** The same, called by somebody else: by a user ID, or a word that stands for one. */
    as(user: string): Functions<T> & Tools
    /** The user ID for which a word stands, which is what `caller()` gives. */
    user(word: string): string
    /** User ID of the owner. */
    owner: string
    /** ID of the service. */
    service: string
    /** Sets the clock, which stands still otherwise, at the beginning of 2026 first. It never goes back. */
    setTime(time: Date): void
    /**
     * What stands for an import, by its name in amigo.yaml: functions, also those of a module (`import * as forum from './forum.mock.ts'`) or of another
     * contract (`(await start('../forum')).contract`). What one throws is the failure of the import. Arguments and answers are checked against the interface.
     */
    mock(name: string, functions: object): void
    /**
     * The same with answers that were written down, each given once, in their order: values as in specs/values.md, a failure by its `code`. What
     * `amigo show COMMIT --json` has as `asks` of a call can be taken as it is.
     */
    answers(name: string, recorded: Recorded[]): void
    /** The logical state, or the part of it that a path leads to, as JSON. */
    state(...path: string[]): Promise<unknown>
  }

  interface Recorded {
    /** null: whichever it is */
    method: string | null
    /** whatever the arguments are, if it is left out */
    args?: unknown
    result?: unknown
    code?: string | null
    message?: string
  }

  /** What a test is given. */
  interface TestContext<T> extends Started<T> {
    /** An instance of another contract, by its folder: relative to the file of the test. */
    start<U>(dir: string, options?: Begin): Promise<Started<U>>
  }

  /** How an instance begins. */
  interface Begin {
    /** arguments of the contract's `init` */
    init?: unknown[]
    /** In place of `init`: a state that it takes over as at an upgrade, such as what `amigo state NAME --json` printed of a service. */
    state?: unknown
  }

  type Body<T> = (context: TestContext<T>) => unknown

  /** `test<typeof import('./hello.ts')>('greets', async ({ contract }) => { ... })` */
  export function test<T>(name: string, body: Body<T>): void
  export function test<T>(name: string, options: Begin, body: Body<T>): void
  export const it: typeof test
  /** Puts a name before those of the tests that `body` registers. */
  export function describe(name: string, body: () => void): void

  /** As `node:assert/strict`. */
  export const assert: {
    (value: unknown, message?: string): asserts value
    ok(value: unknown, message?: string): asserts value
    equal(actual: unknown, expected: unknown, message?: string): void
    notEqual(actual: unknown, expected: unknown, message?: string): void
    deepEqual(actual: unknown, expected: unknown, message?: string): void
    notDeepEqual(actual: unknown, expected: unknown, message?: string): void
    match(text: string, pattern: RegExp, message?: string): void
    doesNotMatch(text: string, pattern: RegExp, message?: string): void
    throws(run: () => unknown, expected?: object, message?: string): void
    rejects(work: Promise<unknown> | (() => Promise<unknown>), expected?: object, message?: string): Promise<void>
    fail(message?: string): never
  }
}
