import type { KnownHome } from './known-home.ts'
import { mergeLists } from './merge.ts'
import type { ResolvedHome, Source } from './types.ts'

/** What is known of a user as an answer. Only what comes from the disk alone is stale; what is one's own does not expire for oneself. */
export function shownHome({ record, home, nodes }: KnownHome, source: Source, now: number): ResolvedHome {
  const living = nodes.filter((node) => source === 'own' || node.record.expires > now)
  const { warnings, ...merged } = mergeLists(home, living)
  const silent = home.nodes.filter((peer) => !living.some((node) => node.record.node === peer))
  const issued = Math.max(record.issued, ...living.map((node) => node.record.issued))
  return {
    ...{ record, home, nodes: living, ...merged, source },
    warnings: [...warnings, ...silent.map((peer) => `nothing is known of what the user runs on ${peer}`)],
    stale: source === 'cache',
    age: Math.max(0, now - issued),
    expires: Math.min(record.expires, ...living.map((node) => node.record.expires)),
  }
}
