import type { HeadRow } from './bookkeeping.ts'
import type { ChainComponents, WalkOptions } from './chain.ts'
import { broken, readParent } from './chain.ts'
import { isFirst } from './commit-body.ts'
import type { SignedCommit } from './commit-codec.ts'
import { decodeCommit } from './commit-codec.ts'
import { StoreError } from './errors.ts'
import { need } from './payload.ts'

/**
 * Returns if `other`, which is not newer than the known head, is one of its ancestors or the head itself; also if it lies so far back
 * that this node no longer has what it would have to be compared with.
 *
 * @param other of the epoch and by the host of the known head
 * @throws StoreError EQUIVOCATION with the two commits, ours first, at which the histories part; BROKEN_CHAIN if the two began the epoch
 * at different commits: then it is the owner who said two things
 */
export const refuseFork = async (
  components: ChainComponents,
  known: HeadRow,
  other: SignedCommit,
  options: WalkOptions,
): Promise<void> => {
  const { blocks } = components
  if (known.base && other.body.seq < known.base.seq) return
  let ours = decodeCommit(known.commit, await need(blocks, known.commit))
  for (let steps = 0; ours.body.seq > other.body.seq; steps++) {
    options.signal?.throwIfAborted()
    if (steps >= options.budget) {
      throw new StoreError('BUDGET_EXCEEDED', `The commit is more than ${options.budget} behind the head.`, [other.cid])
    }
    ours = await readParent(ours, blocks)
  }
  if (ours.cid.equals(other.cid)) return
  if (ours.body.epoch !== other.body.epoch) throw broken('begins its epoch elsewhere than is known here', other.cid)
  const proof = await partingOf(components, ours, other, options)
  throw new StoreError(
    'EQUIVOCATION',
    'The host signed two commits with one sequence number.',
    proof.map(({ cid }) => cid),
  )
}

/** Goes down both histories until they have one parent, or as far as epoch, blocks and budget reach: every pair on the way is proof. */
const partingOf = async (
  { blocks, verify }: ChainComponents,
  ours: SignedCommit,
  theirs: SignedCommit,
  { signal, budget }: WalkOptions,
): Promise<[SignedCommit, SignedCommit]> => {
  let pair: [SignedCommit, SignedCommit] = [ours, theirs]
  for (let steps = 0; steps < budget && !signal?.aborted; steps++) {
    const [a, b] = pair
    if (isFirst(a.body) || isFirst(b.body) || a.body.parent.equals(b.body.parent)) break
    if (a.body.kind === 'handover' || b.body.kind === 'handover') break
    try {
      pair = [await readParent(a, blocks), await readParent(b, blocks, verify)]
    } catch {
      break
    }
  }
  return pair
}
