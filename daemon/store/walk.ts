import type { CID } from 'multiformats/cid'
import { sameBytes } from './block.ts'
import type { HeadRow } from './bookkeeping.ts'
import type { ChainComponents, CommitList, WalkOptions } from './chain.ts'
import { broken, createCommitList, readCommit, readFirst, readParent } from './chain.ts'
import { isFirst } from './commit-body.ts'
import type { SignedCommit } from './commit-codec.ts'
import { decodeCommit } from './commit-codec.ts'
import { refuseFork } from './equivocation.ts'
import { StoreError } from './errors.ts'
import type { SignedFirst } from './handover.ts'
import { hostsOf, isByHost, isOrdered, notOrdered } from './handover.ts'
import { need } from './payload.ts'
import type { Base } from './types.ts'

/** A history that was checked from a new head down to what it stands on. */
export interface Walk {
  head: SignedCommit
  genesis: SignedFirst
  /** the commits that are new, newest first, without the one below them */
  fresh: CommitList
  below: SignedCommit
  /** what that one is: a commit of the history that is known here, the first one, or a base */
  on: 'known' | 'genesis' | 'base'
  /** where the memory after `below` stands, if that is not known here and it has one of its own */
  firstCheckpoint?: CID
  /** the handovers up to the head, oldest first */
  handovers: CID[]
}

/**
 * Checks every commit from `commit` down to the genesis, to a commit known here, or to the base: signature, parent, sequence, service,
 * one host key in each epoch, and the owner's word at each handover. Returns nothing if the known head is newer and descends from it,
 * or is of a later epoch.
 *
 * @throws StoreError BLOCK_MISSING, BLOCK_INVALID, BAD_SIGNATURE, BROKEN_CHAIN, EQUIVOCATION, BUDGET_EXCEEDED
 */
export const walkHistory = async (
  components: ChainComponents,
  service: CID,
  cid: CID,
  known: HeadRow | undefined,
  options: WalkOptions & { base?: Base | undefined },
): Promise<Walk | undefined> => {
  const { blocks, verify } = components
  const { signal, budget, base } = options
  const genesis = await readFirst(components, service)
  const head = await readCommit(components, service, cid)
  if (known && (await isOld(components, known, head, options))) return undefined

  const fresh = createCommitList()
  const handovers: CID[] = []
  const ours = known && ourCommits(components, known)
  const walk = (below: SignedCommit, on: Walk['on'], before: readonly CID[], firstCheckpoint?: CID): Walk => ({
    ...{ head, genesis, fresh, below, on, ...(firstCheckpoint && { firstCheckpoint }) },
    handovers: [...before, ...handovers.reverse()],
  })
  let commit = head
  for (;;) {
    signal?.throwIfAborted()
    if (known && commit.body.seq <= known.seq) {
      if ((await ours!(commit.body.seq))?.equals(commit.cid))
        return walk(commit, 'known', known.handovers.slice(0, commit.body.epoch))
      // within one epoch nothing but what is known here can lie below: a second history would be the host's lie
      if (head.body.epoch === known.epoch) await refuseFork(components, known, commit, options)
    }
    // asked before what it was forked from is: the host may have nothing of that
    if (base?.commit.equals(commit.cid)) {
      await checkBase(components, genesis, commit, base)
      return walk(commit, 'base', base.handovers ?? [], base.checkpoint)
    }
    if (isFirst(commit.body))
      return walk(commit, 'genesis', [], 'checkpoint' in commit.body ? commit.body.checkpoint : undefined)
    if (fresh.length >= budget)
      throw new StoreError('BUDGET_EXCEEDED', `The history has more than ${budget} new commits.`, [cid])
    fresh.push(commit.cid)
    if (commit.body.kind === 'handover') {
      if (!(await isOrdered(genesis.body.genesis, commit.body, verify))) throw notOrdered(commit.cid)
      handovers.push(commit.cid)
    }
    commit = await readParent(commit, blocks, verify)
  }
}

/** Whether the known head makes this one unimportant. */
const isOld = async (
  components: ChainComponents,
  known: HeadRow,
  head: SignedCommit,
  options: WalkOptions,
): Promise<boolean> => {
  const { epoch, seq, host } = head.body
  // the owner has handed it over since: what the host before appends is nobody's business any more
  if (epoch !== known.epoch) return epoch < known.epoch
  // asked before anything is called an equivocation: a stranger's signature accuses nobody
  if (!sameBytes(host, known.host)) throw broken('is not by the host of its service', head.cid)
  if (seq > known.seq) return false
  await refuseFork(components, known, head, options)
  return true
}

/** Our commit at a place, for places that go down; none below where our history begins. */
const ourCommits = ({ blocks }: ChainComponents, { commit, base }: HeadRow) => {
  let ours: SignedCommit | undefined
  return async (seq: number): Promise<CID | undefined> => {
    ours ??= decodeCommit(commit, await need(blocks, commit))
    while (ours.body.seq > seq && ours.body.seq > (base?.seq ?? 0)) ours = await readParent(ours, blocks)
    return ours.body.seq === seq ? ours.cid : undefined
  }
}

const checkBase = async (
  components: ChainComponents,
  genesis: SignedFirst,
  commit: SignedCommit,
  { handovers = [] }: Base,
): Promise<void> => {
  const read = await Promise.all(handovers.map((cid) => readCommit(components, genesis.cid, cid)))
  const hosts = await hostsOf(genesis, read, components.verify)
  const last = read.at(-1)
  const fits = hosts.length === commit.body.epoch + 1 && isByHost(hosts, commit)
  const follows = last === undefined || last.body.seq < commit.body.seq || last.cid.equals(commit.cid)
  if (!fits || !follows) throw broken('is not by the host of its epoch', commit.cid)
}
