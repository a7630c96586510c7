import type { ValueType } from './types.ts'

/** Types of the library by name; `of` gives the n-th type argument. */
export type LibraryTypes = Readonly<Record<string, (of: (index: number) => ValueType) => ValueType>>

/** Those that give items one by one, which are sent so, or as a list. */
export const STREAMS: ReadonlySet<string> = new Set([
  'AsyncGenerator',
  'AsyncIterable',
  'AsyncIterableIterator',
  'AsyncIteratorObject',
])

const stream: LibraryTypes[string] = (of) => ({ kind: 'stream', items: of(0) })

/** Those that a value can have, whether they are written or inferred. */
export const LIBRARY: LibraryTypes = {
  Array: (of) => ({ kind: 'array', items: of(0) }),
  ReadonlyArray: (of) => ({ kind: 'array', items: of(0) }),
  Map: (of) => ({ kind: 'map', keys: of(0), values: of(1) }),
  ReadonlyMap: (of) => ({ kind: 'map', keys: of(0), values: of(1) }),
  Set: (of) => ({ kind: 'set', items: of(0) }),
  ReadonlySet: (of) => ({ kind: 'set', items: of(0) }),
  ...Object.fromEntries([...STREAMS].map((name) => [name, stream])),
  Promise: (of) => of(0),
  Date: () => ({ kind: 'date' }),
  Uint8Array: () => ({ kind: 'bytes' }),
}
