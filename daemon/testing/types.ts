/** What a test of a contract is given, and what comes of it. The authors' side is declared in daemon/contract/amigos.d.ts, "amigos:test". */
import type { Service } from '../client/types.ts'

/** Functions that stand for those of an import. */
export type Mock = Readonly<Record<string, (...args: never[]) => unknown>>

/** An answer that was written down, also one of `asks` of a commit as `amigo show` has it: values in the encoding of specs/values.md. */
export interface Recorded {
  /** null: whichever it is */
  method: string | null
  /** @default whatever the arguments are */
  args?: unknown
  result?: unknown
  /** in place of a result: what the contract gets as an ImportError. @default null, it did not fail */
  code?: string | null
  message?: string
}

/** One instance of a contract, alone in the world. */
export interface Started<T> {
  /** called by the owner */
  contract: Service<T>
  /** The same, called by somebody else: a user ID, or a word that stands for one. */
  as(user: string): Service<T>
  /** The user ID for which a word stands. */
  user(word: string): string
  /** user ID */
  owner: string
  /** service ID */
  service: string
  /** The clock stands still until it is set; it never goes back. */
  setTime(time: Date): void
  /** What stands for an import, by its name in amigo.yaml, from now on. */
  mock(name: string, functions: Mock): void
  /** The same with answers that were recorded: each is given once, in their order. */
  answers(name: string, recorded: readonly Recorded[]): void
  /** The logical state, or a part of it, as JSON (specs/state.md). */
  state(...path: string[]): Promise<unknown>
}

/** What each test gets: a fresh instance, and others on demand. */
export interface TestContext<T> extends Started<T> {
  /** An instance of another contract. @param dir relative to the file of the test */
  start<U>(dir: string, options?: TestOptions): Promise<Started<U>>
}

/** How an instance begins. */
export interface TestOptions {
  /** arguments of the contract's `init` */
  init?: readonly unknown[]
  /** in place of `init`: a logical state as JSON (specs/state.md), which it takes over as at an upgrade */
  state?: unknown
}

export type TestBody = (context: TestContext<never>) => unknown

/** How one test ended. */
export interface TestResult {
  /** relative to the folder */
  file: string
  name: string
  ok: boolean
  ms: number
  error?: { message: string; code?: string; at?: string }
}
