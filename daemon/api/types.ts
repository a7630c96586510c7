/** The two ends of the local API. */
import type { Implementation, Item, Method, Params, Progress, Result } from './vocabulary.ts'

/** Where the detail of a failure goes that no caller may see. */
export type Log = (message: string, detail: unknown) => void

export interface ApiServerComponents {
  implementation: Implementation
  /** @default nothing is logged */
  log?: Log
}

export interface ApiServerInit {
  /** from socketPathFor() */
  socketPath: string
}

export interface ApiServer {
  readonly path: string
  /**
   * Resolves once requests are answered. Takes the place of a dead daemon's socket; rejects with SOCKET_IN_USE if a
   * living one answers there and with UNSAFE_FOLDER if another account could reach it.
   */
  start(): Promise<void>
  /** Aborts what runs, lets answers out for a short while, removes the socket. Idempotent. */
  stop(): Promise<void>
}

export interface RequestOptions {
  /** gives the request up: CANCELLED here, and the daemon's handler is aborted */
  signal?: AbortSignal
  /** how long to wait, in milliseconds, at most one hour; @default as is usual for the method */
  timeoutMs?: number
  /**
   * Told how far it is, at most five times a second and possibly never. Without a time given, what is heard of in this way may
   * go on for up to a day.
   */
  onProgress?: (progress: Progress) => void
}

/** Of a method that answers item by item. */
export interface StreamOptions<M extends Method> extends RequestOptions {
  /** Told each item in its order; the next one comes when this resolved. What it throws gives the request up, which rejects with it. */
  onItem?: (item: Item<M>) => Promise<void> | void
}

export interface Client {
  /** One request over a connection of its own. Rejects with ApiError, or with what `onItem` threw. */
  request<M extends Method>(method: M, params: Params<M>, options?: StreamOptions<M>): Promise<Result<M>>
}
