/** What is told of a service, as plain JSON. */

/** Where a replay and the history part. */
export interface Mismatch {
  commit: string
  seq: number
  /** what differs: `result`, `gas`, `events`, `delta`, `root`, `envelope`, `time`, `block`, `signature`, `content`, `failed` ... */
  what: string
  /** the call it is about, by its place in the commit; null: the commit as a whole */
  call: number | null
  expected: string
  found: string
}

/** What a service was forked from. */
export interface ForkedFrom {
  /** null where that is not known on this node */
  service: string | null
  /** the commit whose state it began with */
  commit: string
  /** how this node finds it */
  name?: string
}

/** Where a fork stands beside the service that it comes from. */
export interface PulledUpstream {
  service: string
  name?: string
  /** the newest commit of it that the fork knows of: that of its last merge, or the one that was forked */
  base: string
  /** commits that came since */
  ahead: number
}

/** One of the services on a node. */
export interface ServiceSummary {
  /** `local.land/_/NAME` without the prefix */
  name: string
  service: string
  contract: string
  version: string
  commit: string
  seq: number
  description: string
  forkedFrom?: ForkedFrom
  /** `own`, `replayed`, `signed`; `mismatch` for a copy that is used no more */
  trust: string
  /** its page; empty for a copy of somebody else's service */
  url: string
  /** of a copy that is only signed: the last commit that was executed again here; -1 for none */
  replayed?: number
  /** where a copy was found to be other than its host signed */
  mismatch?: Mismatch
  /** how it is reached from other nodes, once published */
  published?: string
  /** its version was withdrawn: only who names it exactly finds it */
  yanked?: boolean
  /** why its version should not be used any more */
  deprecated?: string
}

/** What somebody used of a service. */
export interface UsageBy {
  /** `alice.amigos.net/blog`, or `alice.amigos.net`, where that is known */
  name?: string
  /** service ID of the service that called; null: a user did */
  importer: string | null
  /** user ID of the user, or of the owner of that service; the empty string: not known, or all others */
  by: string
  calls: number
  /** units */
  gas: number
}
