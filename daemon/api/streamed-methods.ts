/** The methods of the local API that answer item by item, before the answer itself. */
import type { Json, Progress } from './words.ts'

export interface StreamedMethods {
  /** a query whose function gives an async iterable, consumed item by item */
  stream: {
    params: { name: string; method: string; args: Json[]; at?: string; gas?: number }
    item: { item: Json; gas: number; commit: string; seq: number; trust: string; logs: string[] }
    /** of all items */
    result: { items: number; gas: number; host: string; ms: number }
  }
  /** what a service commits, from a sequence number on, or from now; ends only with an error, or when the client goes away */
  subscribe: {
    params: { name: string; from?: number }
    /** `skipped`: commits before this one that were left out; `omitted`: calls of it whose events were left out */
    item: {
      commit: string
      seq: number
      time: string
      events: { name: string; value: Json }[]
      omitted: number
      skipped: number
    }
    result: { items: number }
  }
}

/** The names of these methods. */
export type Streamed = keyof StreamedMethods
/** What each tells, one after the other. */
export type Items = { [M in Streamed]: StreamedMethods[M]['item'] }
export type Item<M extends string> = M extends Streamed ? Items[M] : never

/**
 * What a method is given besides its parameters. `signal` aborts when the patience of the caller ends or the daemon stops. `onProgress` is there if the
 * caller wants to hear how far it is; it may be called as often as anything moves, and never throws. `onItem` resolves when the caller can take
 * the next item, and rejects when it is gone.
 */
export type MethodOptions<M extends string> = {
  signal: AbortSignal
  onProgress?: (progress: Progress) => void
} & ItemSink<M>
type ItemSink<M extends string> = M extends Streamed ? { onItem: (item: Items[M]) => Promise<void> } : unknown
