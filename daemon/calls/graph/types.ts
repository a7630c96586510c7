/** What depends on what, as the parts of this folder tell each other. */
import type { CID } from 'multiformats/cid'
import type { Contract } from '../../contract/types.ts'

/** How one thing depends on another; `called`: it has called, and nobody says how it came to that. */
export type DependentMode = 'live' | 'fork' | 'code' | 'called'

/** How it is known: it is on this node, its host announced it, it stands in the history, or another node says so. */
export type KnownBy = 'here' | 'announced' | 'called' | 'told'

/** A service that uses another one, or its code. */
export interface Dependent {
  mode: DependentMode
  known: KnownBy
  service: CID
  /** user ID of its owner */
  user: string
  /** peer ID */
  host: string
  /** what its user calls it: `blog`, `blog@v1`; undefined where nobody said */
  label?: string | undefined
  /** its own */
  version?: string | undefined
  contract?: CID | undefined
  /** what it pinned */
  range?: string | undefined
  pinned?: string | undefined
  /** calls that stand in the history */
  calls?: number | undefined
  /** when it was last heard of: announced, or called; in milliseconds since 1970 */
  at?: number | undefined
  /** that is a name of this node alone */
  isLocal?: boolean | undefined
  /** others are not told of it */
  isPrivate?: boolean | undefined
}

export interface KnownDependents {
  dependents: Dependent[]
  /** there are more, or may be */
  more: boolean
}

/** What depends on something: a contract, and where it runs. */
export interface Depending {
  contract: Pick<Contract, 'cid' | 'manifest' | 'imports' | 'bundle'>
  service: CID | undefined
  host: string | undefined
}

/** Whether a host answers. */
export interface Up {
  up: boolean
  /** how long the answer took; undefined for this node and for who is down */
  ms?: number
  /** why it is not up */
  code?: string
  /** when it last answered or was heard of, in milliseconds since 1970 */
  seen?: number
  /** what the service runs, as its host says */
  contract?: CID
}
