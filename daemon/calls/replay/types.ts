/** Where commits stand. */
import type { CID } from 'multiformats/cid'
import type { MergeOrder } from '../life/merge-order.ts'

export interface Step {
  commit: CID
  seq: number
}

/** What of a commit says where it stands, and what else it was made of. */
export interface Header extends Step {
  service: CID
  parent?: CID | undefined
  /** of a first commit: the commit of another service that it was forked from */
  origin?: CID | undefined
  /** of a merge: what it took in */
  merged?: MergeOrder | undefined
}
