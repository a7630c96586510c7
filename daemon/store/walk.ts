import type { CID } from 'multiformats/cid'
import { sameBytes } from './block.ts'
import type { HeadRow } from './bookkeeping.ts'
import type { ChainComponents, CommitList, WalkOptions } from './chain.ts'
import { createCommitList, readCommit, readParent } from './chain.ts'
import type { FirstBody } from './commit-body.ts'
import { isFirst } from './commit-body.ts'
import type { SignedCommit } from './commit-codec.ts'
import { refuseFork } from './equivocation.ts'
import { StoreError } from './errors.ts'

/** A history that was checked from a new head down to what was known before. */
export interface Walk {
  head: SignedCommit
  /** the commits that are new, newest first, without the genesis */
  fresh: CommitList
  /** the first commit, when the walk went down to it */
  genesis?: { cid: CID; body: FirstBody }
}

/**
 * Checks every commit from `commit` down to the genesis, or to the known head: signature, parent, sequence, epoch, service, and
 * one host key all the way. Returns nothing if the known head is newer and descends from it.
 *
 * @throws StoreError BLOCK_MISSING, BLOCK_INVALID, BAD_SIGNATURE, BROKEN_CHAIN, EQUIVOCATION, BUDGET_EXCEEDED
 */
export const walkHistory = async (
  components: ChainComponents,
  service: CID,
  cid: CID,
  known: HeadRow | undefined,
  options: WalkOptions,
): Promise<Walk | undefined> => {
  const head = await readCommit(components, service, cid)
  // asked before anything is called an equivocation: a stranger's signature accuses nobody
  if (known && !(sameBytes(head.body.host, known.host) && head.body.epoch === known.epoch)) {
    throw new StoreError('BROKEN_CHAIN', 'A commit is not by the host of its service.', [cid])
  }
  if (known && head.body.seq <= known.seq) {
    await refuseFork(components, known, head, options)
    return undefined
  }
  const fresh = createCommitList()
  let commit = head
  while (!isFirst(commit.body)) {
    options.signal?.throwIfAborted()
    if (known?.seq === commit.body.seq) {
      await refuseFork(components, known, commit, options)
      return { head, fresh }
    }
    if (fresh.length >= options.budget) {
      throw new StoreError('BUDGET_EXCEEDED', `The history has more than ${options.budget} new commits.`, [cid])
    }
    fresh.push(commit.cid)
    commit = await readParent(commit, components.blocks, components.verify)
  }
  // readParent made sure that it is the genesis of this service; it is also the known head, if that never moved
  return { head, fresh, genesis: { cid: commit.cid, body: commit.body } }
}
