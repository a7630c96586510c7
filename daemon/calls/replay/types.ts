/** Where commits stand. */
import type { CID } from 'multiformats/cid'

export interface Step {
  commit: CID
  seq: number
}

/** What of a commit says where it stands. */
export interface Header extends Step {
  service: CID
  parent?: CID | undefined
  /** of a first commit: the commit of another service that it was forked from */
  origin?: CID | undefined
}
