/** Which commits a replay has to execute, and from what state. */
import type { CID } from 'multiformats/cid'
import type { History } from '../../store/types.ts'
import { notACommit } from '../view/commit-of.ts'
import { type GroundsParts, groundsOf } from './merge.ts'
import type { ReplayRows } from './rows.ts'
import type { ReplaySource } from './source.ts'
import type { Step } from './types.ts'

export interface ReplayPlan {
  /** oldest first; the first one is executed on the state at `base`, or is a first commit */
  commits: Step[]
  /** a commit whose state is taken as it is on this node */
  base?: Step
  /** the base was executed here before */
  isProven: boolean
}

export interface PlanParts {
  history: GroundsParts['history'] & Pick<History, 'base' | 'head'>
  rows: Pick<ReplayRows, 'get'>
  source: Pick<ReplaySource, 'header'>
}

/**
 * Walks back from a commit to the first one, through the histories that it was forked from; or to what was executed here before, to
 * where the history was pruned, or to a merge with what is not here.
 *
 * @param options.again do not stop at what was executed before
 * @param options.from stop at this commit, whose state is taken as it is
 * @throws BrokenHistory, StoreError BLOCK_MISSING, CallsError NOT_A_COMMIT if `from` is none on the way
 */
export async function planReplay(parts: PlanParts, to: CID, options: PlanOptions): Promise<ReplayPlan> {
  const plan = await walkBack(parts, to, options)
  const { from } = options
  if (from === undefined || plan.base?.commit.equals(from)) return plan
  throw notACommit(from.toString(), ` before ${to}, as far as that goes back on this node`)
}

export interface PlanOptions {
  again: boolean
  from?: CID | undefined
  signal: AbortSignal
}

async function walkBack(
  { history, rows, source }: PlanParts,
  to: CID,
  { again, from, signal }: PlanOptions,
): Promise<ReplayPlan> {
  /** newest first; of the services that it was forked from, too */
  const commits: Step[] = []
  let header = await source.header(to)
  // of what was merged in, states that nobody executed here
  let isWhole = true
  for (;;) {
    const { service } = header
    const known = again ? undefined : (await rows.get(service)).upTo?.commit
    const base = (await history.head(service)) && (await history.base(service)).commit
    // down one service
    for (;;) {
      signal.throwIfAborted()
      const { commit, seq, parent } = header
      const isProven = known?.equals(commit) ?? false
      const isBase = from?.equals(commit) || (parent !== undefined && (base?.equals(commit) ?? false))
      if (isProven || isBase)
        return { commits: commits.reverse(), base: { commit, seq }, isProven: isProven && isWhole }
      if (header.merged !== undefined) {
        const grounds = await groundsOf({ history, rows }, header.merged)
        if (grounds === 'missing') return { commits: commits.reverse(), base: { commit, seq }, isProven: false }
        isWhole &&= grounds === 'proven'
      }
      commits.push({ commit, seq })
      if (parent === undefined) break
      const next = await found(source.header(parent, seq - 1))
      if (next === undefined) return withoutOrigin(commits)
      header = next
    }
    if (header.origin === undefined) return { commits: commits.reverse(), isProven: isWhole }
    const origin = await found(source.header(header.origin))
    if (origin === undefined) return withoutOrigin(commits)
    header = origin
  }
}

/** Not all of the history is here: it begins with the first state of the service itself. */
function withoutOrigin(commits: readonly Step[]): ReplayPlan {
  const first = commits.findIndex(({ seq }) => seq === 0)
  // what is not here of the service itself is missed when its state is opened
  const own = first < 0 ? commits : commits.slice(0, first + 1)
  const [base, ...rest] = own.toReversed()
  return { commits: rest, base: base!, isProven: false }
}

/** Undefined if it is not on this node. */
async function found<T>(read: Promise<T>): Promise<T | undefined> {
  try {
    return await read
  } catch (error) {
    if ((error as { code?: string }).code === 'BLOCK_MISSING') return undefined
    throw error
  }
}
