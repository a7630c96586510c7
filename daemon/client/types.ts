/** What programs outside see of services: the words of `amigos/client`. See specs/client.md. Needs no other file, so that it is read as it is. */

/** What became of a call that has no result: see specs/api.md, "Errors". */
export type Outcome = 'not-sent' | 'refused' | 'executed' | 'unknown'

/** For whatever waits. */
export interface Waiting {
  /** gives the request up: it rejects with CANCELLED, and of a call `outcome` says what that means */
  signal?: AbortSignal | undefined
  /** how long to wait, in milliseconds, at most one hour. @default as is usual for what is asked */
  timeoutMs?: number | undefined
}

export interface CallOptions extends Waiting {
  /** units of gas that it may use. @default what the manifest of the service says */
  gas?: number | undefined
}

export interface QueryOptions extends CallOptions {
  /** CID of a commit of the service: asked of the state as it was then. @default now */
  at?: string | undefined
}

export interface SubscribeOptions extends Waiting {
  /** sequence number of the first commit that is wanted. @default the next one that is made */
  from?: number | undefined
  /** told each time the connection with the node stands, and each time it is lost and will be tried again. What it throws ends it */
  onConnection?: ((state: Connectivity) => void) | undefined
}

/** Whether one who follows a service hears of it now; nothing is missed either way. */
export type Connectivity =
  | { connected: true }
  | {
      connected: false
      /** what went wrong, as of an AmigoError */
      code: string
      message: string
      /** how often it was lost since it last went well */
      tries: number
      /** until the next try, in milliseconds */
      retryMs: number
    }

/** Something that a contract emitted. */
export interface Emitted {
  name: string
  value: unknown
}

/** A call that was executed: its result, and all that is known of it. */
export interface Called<T> {
  result: T
  /** units used */
  gas: number
  /** CID of the commit that holds it */
  commit: string
  seq: number
  /** service ID */
  service: string
  /** peer ID of the node that executed it */
  host: string
  /** milliseconds */
  ms: number
  /** lines that the contract logged */
  logs: string[]
  events: Emitted[]
  /** the proof that it was executed, which anybody can check without asking: `amigo verify FILE` of its JSON text */
  receipt: unknown
}

/** An answer to a question, and what it is worth. */
export interface Queried<T> {
  result: T
  gas: number
  /** CID of the commit whose state answered */
  commit: string
  seq: number
  host: string
  /** `own`, `host` (its word alone), `replayed` or `signed` */
  trust: string
  ms: number
  logs: string[]
}

/** A commit of a service that is followed. */
export interface Commit {
  commit: string
  seq: number
  time: Date
  events: Emitted[]
  /** calls of it whose events were left out because there were too many */
  omitted: number
  /** commits before this one that were left out, because they were taken too slowly */
  skipped: number
}

/** A function of a service. */
export interface FunctionInfo {
  name: string
  kind: 'call' | 'query'
  /** the text of its result type */
  returns: string
  /** its doc comment, up to the first tag */
  doc: string
}

/** The names of the functions among the exports of a contract. */
export type FunctionName<T> = {
  [K in keyof T]: K extends string ? (T[K] extends (...args: never[]) => unknown ? K : never) : never
}[keyof T]

export type Arguments<F> = F extends (...args: infer A) => unknown ? A : never

/** What a function gives, waited for; of items one by one, all of them. */
export type Result<F> = F extends (...args: never[]) => infer R
  ? Awaited<R> extends AsyncIterable<infer I>
    ? I[]
    : Awaited<R>
  : never

/** One item of a function that gives them one by one. */
export type Item<F> = Result<F> extends (infer I)[] ? I : never

/** The functions of a service: each gives a promise. */
export type Remote<T> = {
  readonly [K in Exclude<FunctionName<T>, 'then' | `$${string}`>]: (...args: Arguments<T[K]>) => Promise<Result<T[K]>>
}

/** Where nothing is known of the types. */
export interface Untyped {
  [name: string]: (...args: unknown[]) => unknown
}

/** What every service has beside its functions. */
export interface Tools<T> {
  /** as it was named */
  readonly $name: string
  /** service ID: the CID of its first commit */
  readonly $service: string
  readonly $version: string
  /** user ID in whose name this program calls */
  readonly $user: string
  readonly $functions: readonly FunctionInfo[]
  /** A call, with its receipt. */
  $call<K extends FunctionName<T>>(name: K, args: Arguments<T[K]>, options?: CallOptions): Promise<Called<Result<T[K]>>>
  /** A question: it changes nothing, whatever the function would change. */
  $query<K extends FunctionName<T>>(
    name: K,
    args: Arguments<T[K]>,
    options?: QueryOptions,
  ): Promise<Queried<Result<T[K]>>>
  /** The items of a function that gives them one by one. The next is made when it is asked for; leaving the loop ends it. */
  $stream<K extends FunctionName<T>>(
    name: K,
    args?: Arguments<T[K]>,
    options?: QueryOptions,
  ): AsyncIterableIterator<Item<T[K]>>
  /** What the service commits. Ends only by leaving the loop, by the signal, or with an error; a connection that is lost for a while is none, see `onConnection`. */
  $subscribe(options?: SubscribeOptions): AsyncIterableIterator<Commit>
  /** The same service with these options for every call of a function by its name. */
  $with(options: CallOptions): Service<T>
}

/** A service as a program outside holds it. A function whose name begins with `$`, and one named `then`, is reached by `$call` and `$query` alone. */
export type Service<T> = Tools<T> & Remote<T>

export interface Amigo {
  /**
   * A service by its name, as `amigo call` takes it: `alice.amigos.net/forum`, `alice/forum`, `~k51.../forum`, `local.land/_/forum`, a service ID. Its
   * interface is fetched once; nothing is loaded or run here.
   *
   * @throws AmigoError
   */
  import<T = Untyped>(name: string, options?: Waiting): Promise<Service<T>>
}
