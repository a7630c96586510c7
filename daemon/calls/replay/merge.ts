/** Executes a merge again: with the states of the other service, if its history is on this node. */
import type { CID } from 'multiformats/cid'
import { heapBytesOf } from '../../contract/limits.ts'
import type { Commit } from '../../store/commit-types.ts'
import type { History } from '../../store/types.ts'
import type { Vm } from '../../vm/types.ts'
import { REPLAY_WATCHDOG_MS } from '../constants.ts'
import { serviceOf } from '../life/lifecycle.ts'
import type { MergeOrder } from '../life/merge-order.ts'
import { mergeStates } from '../life/merge-states.ts'
import { contextOf } from '../run/context.ts'
import { type Callee, compareContent, ended } from './calls.ts'
import { compareCall, type Difference, difference } from './compare.ts'
import type { ReplayRows } from './rows.ts'
import type { ReplaySource } from './source.ts'

/** What is known here of the states that a merge took in. */
export type Grounds =
  /** they were executed here, or made here */
  | 'proven'
  /** they are as their host signed them */
  | 'signed'
  /** they are not here: the merge cannot be done again */
  | 'missing'

export interface GroundsParts {
  history: Pick<History, 'head' | 'base' | 'at' | 'commit'>
  rows: Pick<ReplayRows, 'get'>
}

export async function groundsOf(
  { history, rows }: GroundsParts,
  { upstream, base, theirs }: MergeOrder,
): Promise<Grounds> {
  const head = await history.head(upstream)
  if (head === undefined) return 'missing'
  const { seq: first } = await history.base(upstream)
  const found = await Promise.all([base, theirs].map((cid) => history.commit(cid).catch(() => undefined)))
  for (const commit of found) {
    if (commit === undefined || commit.seq < first) return 'missing'
    if (!(await history.at(upstream, commit.seq))?.equals(commit.cid)) return 'missing'
  }
  if (head.trust !== 'signed') return 'proven'
  const { upTo, mismatch } = await rows.get(upstream)
  return mismatch === undefined && (upTo?.seq ?? -1) >= Math.max(...found.map((commit) => commit!.seq))
    ? 'proven'
    : 'signed'
}

export interface ReplayMergeParts {
  vm: Vm
  source: Pick<ReplaySource, 'module' | 'content' | 'stateOf'>
}

/** @param to the new instance is opened as this */
export async function replayMerge(
  { vm, source }: ReplayMergeParts,
  { commit, before, order, to }: { commit: Commit; before: Callee; order: MergeOrder; to: string },
): Promise<{ root: Uint8Array } | Difference> {
  const { contract, owner } = before
  if (!commit.contract.equals(contract.cid)) return difference('contract', null, commit.contract, contract.cid)
  const [record] = commit.calls
  const who = { caller: owner, owner, service: serviceOf(commit).toString() }
  const migration = {
    from: before.key,
    to,
    module: await source.module(contract),
    options: { heapBytes: heapBytesOf(contract.manifest.limits) },
    context: contextOf(who, record!.envelope, commit.parent, commit.time),
    content: await source.content(commit),
    wallMs: REPLAY_WATCHDOG_MS,
  }
  const side = (at: CID) => () => source.stateOf(order.upstream, at)
  const { outcome, origin } = await mergeStates(vm, migration, { base: side(order.base), theirs: side(order.theirs) })
  return compareCall(0, record!, ended(outcome)) ?? compareContent(commit, [outcome]) ?? { root: origin!.root }
}
