/** The words of the local API for what depends on what. */

/** Whether a host answers, as far as this node found out. */
export interface UpJson {
  /** null: nobody asked, because there was no time left, or there is nothing that could be up */
  up: boolean | null
  /** milliseconds that the answer took; null of this node, and where there was none */
  ms: number | null
  /** why it is not up, or not known to be */
  code: string | null
  /** when it last answered, or was heard of otherwise; null if never */
  seen: string | null
}

/** One thing in a graph of services, and the edge that leads to it. */
export interface GraphItem extends UpJson {
  /** the edge: a service that is called, a copy of it, code, a package of npm; `called`: it called, and nobody says what it imports */
  mode: 'live' | 'fork' | 'code' | 'npm' | 'called'
  /** of a dependency as it is imported; of a dependent as it is found from elsewhere, its service ID where nobody says */
  name: string
  /** of a dependency the one that is pinned; of a dependent its own; null if not known */
  version: string | null
  /** of the edge, as amigo.yaml has it */
  range: string | null
  service: string | null
  contract: string | null
  /** peer ID; null if nobody says where it runs */
  host: string | null
  /** the name of its page on this node */
  here: string | null
  /** it stands above itself in the tree, or its own edges are drawn elsewhere in it */
  repeated: 'circle' | 'shown' | null
}

export interface Dependency extends GraphItem {
  /** what the name stands for now; null of npm, and where nobody knows. `newer`: than what is pinned; `moved`: it is another service */
  now: { version: string | null; service: string | null; newer: boolean; moved: boolean } | null
  /** of npm: as its package.json says */
  license: string | null
  /** of a fork: the service ID of the copy on this node */
  copy: string | null
  dependencies: Dependency[]
}

export interface Dependent extends GraphItem {
  /** user ID of its owner */
  user: string
  /** how it is known: it is on this node, its host announced it, it stands in the history, or the host of what it uses says so */
  known: 'here' | 'announced' | 'called' | 'told'
  /** the version of what it uses that it pinned */
  pinned: string | null
  /** calls that are recorded; null if not known */
  calls: number | null
  dependents: Dependent[]
}

/** method name: parameters and answer */
export interface GraphMethods {
  /** What a service depends on, and who depends on it. @param depth how far it is followed. @default 5 */
  graph: {
    params: { name: string; depth?: number }
    result: {
      name: string
      version: string
      service: string | null
      contract: string
      host: string | null
      here: string | null
      dependencies: Dependency[]
      dependents: Dependent[]
      /** there is more than an answer holds, or than could be found out in time */
      more: boolean
      warnings: string[]
    } & UpJson
  }
}
