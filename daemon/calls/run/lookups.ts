/**
 * Whether calls were executed before: asked of the disk, many at a time, while they wait for their turn. What is executed between the
 * question and the turn is remembered here, so that the answer holds when it counts.
 */
import type { Write } from '../../store/database-types.ts'

type Entry = Uint8Array | undefined

/** A question under way. */
export interface Lookup {
  /** how many groups had been executed when it was asked */
  readonly since: number
  readonly found: Promise<Entry>
}

export interface Lookups {
  begin(key: string): Lookup
  /** At the turn of the call; nothing else may execute it meanwhile. */
  end(key: string, lookup: Lookup): Promise<Entry>
  /** What was written with a group of calls that are durable now. */
  note(entries: readonly Extract<Write, { put: 'meta' }>[]): void
}

export interface LookupsInit {
  /** of executed calls that are remembered. */
  most: number
}

export function createLookups(read: (keys: readonly string[]) => Promise<Entry[]>, { most }: LookupsInit): Lookups {
  /** by the number of the group, the oldest first */
  const lately = new Map<number, ReadonlyMap<string, Uint8Array>>()
  let executed = 0
  let remembered = 0
  let asked: { key: string; resolve: (entry: Entry | Promise<Entry>) => void }[] = []

  /** Those that were asked in one turn of this thread. */
  const flush = (): void => {
    const batch = asked
    asked = []
    const found = read(batch.map(({ key }) => key))
    for (const [i, { resolve }] of batch.entries()) resolve(found.then((entries) => entries[i]))
  }

  const begin: Lookups['begin'] = (key) => {
    const { promise, resolve } = Promise.withResolvers<Entry>()
    if (asked.push({ key, resolve }) === 1) queueMicrotask(flush)
    // whoever waits for its turn may go away before
    promise.catch(() => undefined)
    return { since: executed, found: promise }
  }

  return {
    begin,
    async end(key, { since, found }) {
      const [oldest = executed] = lately.keys()
      // some of what came between is forgotten
      if (since < oldest) return begin(key).found
      const before = await found
      if (before !== undefined) return before
      for (let group = since; group < executed; group++) {
        const entry = lately.get(group)?.get(key)
        if (entry !== undefined) return entry
      }
      return undefined
    },
    note(entries) {
      lately.set(executed++, new Map(entries.map(({ key, value }) => [key, value])))
      remembered += entries.length
      for (const [group, { size }] of lately) {
        if (remembered <= most) return
        lately.delete(group)
        remembered -= size
      }
    },
  }
}
