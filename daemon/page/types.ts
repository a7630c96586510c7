/** What the page shows: the slice of the daemon that it needs. */

export interface PageService {
  /** the segment of its pages: a name on this node, of a copy the service ID */
  name: string
  /** what it is called */
  title: string
  /** as which commands on this node find it: `local.land/_/name`, `~k51.../name`, or the service ID */
  address: string
  service: string
  contract: string
  version: string
  description: string
  commit: string
  seq: number
  trust: string
  /** `~k51.../name` once published */
  published?: string
  /** its version was withdrawn */
  yanked?: boolean
  /** why its version should not be used any more */
  deprecated?: string
  /** what it was forked from; `name` is how commands on this node find that */
  forkedFrom?: { service: string | null; commit: string; name?: string }
  /** the other services under the same name, each by the segment of its pages */
  beside?: string[]
}

export interface PageFunction {
  name: string
  kind: 'call' | 'query'
  /** `(name: string, text: string): number`, the author's words */
  signature: string
  /** arguments that it takes, as they are typed in a shell: `'text' 1`; empty if it needs none */
  example: string
  doc: string
}

export interface PagePeer {
  peerId: string
  address: string
  /** over another node that passes on what it cannot read */
  relayed: boolean
  /** milliseconds; null if nobody has measured it yet */
  roundTripMs: number | null
  /** on the stream with it */
  sent: { bytes: number }
  received: { bytes: number }
}

export interface PageNode {
  peerId: string
  user: string
  username: string | null
  /** how its commands are typed: `amigo`, or `npx amigo` in a checkout */
  command: string
  network: string
  addresses: string[]
  /** seconds */
  uptime: number
  peers: PagePeer[]
}

/** A value in the JSON encoding of specs/values.md and specs/state.md. */
export type PageJson = null | boolean | number | string | PageJson[] | { [key: string]: PageJson }

/** `public`, `owner`, or IDs of users and services. */
export type PageWho = 'public' | 'owner' | string[]

/** As `describe` of the local API answers it. */
export interface PageRules {
  access: { call: PageWho; query: PageWho; history: PageWho; functions: { [name: string]: PageWho } }
  /** sizes in bytes */
  limits: { gas: number; memory: number; args: number; result: number; delta: number; queue: number }
}

/** As `state` of the local API answers it. */
export interface PageState {
  state: PageJson
  commit: string
  seq: number
  trust: string
}

export interface PageCall {
  caller: string
  method: string
  args: PageJson[]
  gas: number
  ok: boolean
}

/** As `log` of the local API answers it: the newest first. */
export interface PageHistory {
  commits: {
    commit: string
    seq: number
    parent: string | null
    time: string
    kind: string
    contract: string
    from: string | null
    forced: boolean
    calls: PageCall[]
  }[]
  more: boolean
  pruned: boolean
}

/** As `show` of the local API answers it, with what it changed. */
export interface PageCommit {
  commit: string
  service: string
  seq: number
  epoch: number
  parent: string | null
  from: string | null
  time: string
  kind: string
  contract: string
  engine: string
  host: string
  before: string | null
  root: string
  trust: string
  forced: boolean
  /** user ID, of a genesis and a fork */
  owner: string | null
  /** arguments of `init`, of a genesis */
  init: PageJson[] | null
  delta: { lines: number; pages: number } | null
  content: string[]
  calls: (PageCall & {
    id: string
    result: PageJson
    events: { name: string; value: PageJson }[]
    /** what it asked of other services, and what came of it */
    asks: {
      service: string | null
      method: string | null
      ok: boolean
      code: string | null
      gas: number
      commit: string | null
    }[]
  })[]
  /** what `diff` finds in the logical state against the parent; null where there is nothing to compare with */
  changes: { path: string; from?: PageJson; to?: PageJson }[] | null
  /** there are more changes than these */
  moreChanges: boolean
}

/** One thing in a graph of services, and the edge that leads to it: as `graph` of the local API answers it. */
export interface PageGraphItem {
  mode: 'live' | 'fork' | 'code' | 'npm' | 'called'
  name: string
  version: string | null
  range: string | null
  service: string | null
  contract: string | null
  host: string | null
  /** the segment of its pages, if it is on this node */
  here: string | null
  up: boolean | null
  ms: number | null
  code: string | null
  seen: string | null
  repeated: 'circle' | 'shown' | null
}

export interface PageDependency extends PageGraphItem {
  now: { version: string | null; newer: boolean; moved: boolean } | null
  dependencies: PageDependency[]
}

export interface PageDependent extends PageGraphItem {
  dependents: PageDependent[]
}

export interface PageGraph {
  version: string
  service: string | null
  contract: string
  host: string | null
  up: boolean | null
  ms: number | null
  code: string | null
  dependencies: PageDependency[]
  dependents: PageDependent[]
  /** there is more than could be found out */
  more: boolean
}

type Waiting = { signal: AbortSignal }

/** What is asked by name is undefined if this node has no such service. Whoever looks at the page is an anonymous caller: rejections with a coded error are shown as such. */
export interface PageSource {
  node(): Promise<PageNode>
  services(): Promise<PageService[]>
  functions(name: string): Promise<PageFunction[] | undefined>
  rules(name: string): Promise<PageRules | undefined>
  /** Markdown by the contract's `render(path)`, path beginning with a slash; undefined if it exports none. Rejects with a coded error if it fails. */
  render(name: string, path: string, options: Waiting): Promise<string | undefined>
  /** the logical state of now */
  state(name: string, options: Waiting): Promise<PageState | undefined>
  /** a page of some 50 commits: the newest, or those before a commit of the service */
  history(name: string, before: string | undefined, options: Waiting): Promise<PageHistory | undefined>
  /** what it depends on, and who depends on it, as everybody may know it */
  graph(name: string, options: Waiting): Promise<PageGraph | undefined>
  /** undefined, too, if it is no commit of this service */
  commit(name: string, cid: string, options: Waiting): Promise<PageCommit | undefined>
}
