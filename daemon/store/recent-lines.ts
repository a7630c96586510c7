import type { CID } from 'multiformats/cid'
import { LINE } from '../vm/constants.ts'
import type { Delta } from '../vm/types.ts'
import { RECENT_LINES, RECENT_SERVICES } from './constants.ts'
import type { Before } from './sparse-delta.ts'

/** What the lines that were changed lately hold: so that a commit need not repeat what is in them and stays. */
export interface RecentLines {
  /** What is known of the memory at this head. */
  before(service: CID, head: CID): Before
  /** A commit was made durable on that head. */
  follow(service: CID, from: CID, to: CID, delta: Delta): void
}

interface Known {
  head: CID
  /** longest unchanged first */
  lines: Map<number, Uint8Array>
}

/** Of the services that were used lately, within a bound. */
export const createRecentLines = (): RecentLines => {
  /** longest unused first */
  const services = new Map<string, Known>()
  // what was not appended here, an upgrade for example, makes all that is known old
  const at = (service: CID, head: CID): Known | undefined => {
    const known = services.get(service.toString())
    return known?.head.equals(head) ? known : undefined
  }
  return {
    before: (service, head) => {
      const known = at(service, head)
      return (line) => known?.lines.get(line)
    },
    follow: (service, from, to, { lines, bytes }) => {
      const key = service.toString()
      const known = at(service, from)?.lines ?? new Map<number, Uint8Array>()
      services.delete(key)
      // so much at once would push everything out
      if (lines.length > RECENT_LINES) return
      lines.forEach((line, i) => {
        known.delete(line)
        known.set(line, bytes.slice(i * LINE, (i + 1) * LINE))
      })
      services.set(key, { head: to, lines: known })
      dropOldest(known, RECENT_LINES)
      dropOldest(services, RECENT_SERVICES)
    },
  }
}

const dropOldest = <K>(map: Map<K, unknown>, most: number): void => {
  for (const key of map.keys()) {
    if (map.size <= most) return
    map.delete(key)
  }
}
