import { MAX_USAGE_NAMES, USAGE_NAMES_MS } from '../constants.ts'
import type { Called } from '../names/called.ts'
import type { ReadUsage } from './read-usage.ts'

/** Says of those who used most how they are called, as far as that is found out in a short time: an ID tells an author nothing. */
export function createNameUsage(read: ReadUsage, called: Called): ReadUsage {
  return async (head, from, waiting) => {
    const usage = await read(head, from, waiting)
    const signal = AbortSignal.any([waiting.signal, AbortSignal.timeout(USAGE_NAMES_MS)])
    const named = usage.by.slice(0, MAX_USAGE_NAMES).map(async (row) => {
      if (row.by === '') return row
      const name =
        row.importer === null
          ? await called.user(row.by, { signal })
          : await called.service(row.by, row.importer, { signal })
      return name === undefined || name === `~${row.by}` ? row : { ...row, name }
    })
    return { ...usage, by: [...(await Promise.all(named)), ...usage.by.slice(MAX_USAGE_NAMES)] }
  }
}
