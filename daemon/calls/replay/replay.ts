/** Executes a history again, from a state that is known or from nothing, and finds the first place where it is not what was signed. */
import { randomBytes } from 'node:crypto'
import type { CID } from 'multiformats/cid'
import type { Mismatch } from '../../api/vocabulary.ts'
import type { Commit } from '../../store/commit-types.ts'
import type { Verify } from '../../store/database-types.ts'
import type { Vm } from '../../vm/types.ts'
import { MAX_REPLAY_ATTEMPTS, REPLAY_NOTE_COMMITS } from '../constants.ts'
import { CallsError } from '../errors.ts'
import { serviceOf } from '../life/lifecycle.ts'
import type { Identity, Waiting } from '../types.ts'
import { BrokenHistory } from './broken-history.ts'
import { createReplayCalls, ReplayBroke } from './calls.ts'
import { checkChain } from './chain.ts'
import { createReplayCommit, isDifference, type ReplayCommit, type Stage } from './commit.ts'
import { type Difference, difference } from './compare.ts'
import { type PlanParts, planReplay, type ReplayPlan } from './plan.ts'
import { createReplaySource, type ReplaySource, type ReplaySourceParts } from './source.ts'
import type { Step } from './types.ts'

export interface Replayed {
  from: CID
  to: CID
  commits: number
  calls: number
  /** from the first commit on, here and now or before */
  isComplete: boolean
  mismatch?: Mismatch
}

export interface ReplayOptions extends Waiting {
  /** also what was executed here before */
  again: boolean
  /** nothing up to this commit. @default from the first one on */
  from?: CID | undefined
  /** told after every REPLAY_NOTE_COMMITS commits, and at the end: everything of this service up to this commit is as it was signed */
  onProven?: (service: CID, upTo: Step) => Promise<void>
  /** waits, so that others have their turn */
  pause?: () => Promise<void>
}

/** Executes everything up to a commit of this node. @throws CallsError ENGINE_UNKNOWN, REPLAY_FAILED; StoreError BLOCK_MISSING */
export type Replay = (to: CID, options: ReplayOptions) => Promise<Replayed>

export interface ReplayParts extends Omit<PlanParts, 'source'>, ReplaySourceParts {
  /** apart from the one that serves calls: these executions must not take its workers */
  vm: Vm
  history: PlanParts['history'] & ReplaySourceParts['history']
  identity: Pick<Identity, 'network'>
  verify: Verify
}

interface Run {
  source: ReplaySource
  execute: ReplayCommit
  plan: ReplayPlan
  /** open in the VM */
  keys: Set<string>
  /** that were looked at */
  commits: number
  calls: number
}

export function createReplay(parts: ReplayParts): Replay {
  const { vm, identity, verify } = parts

  const begin = (source: ReplaySource, plan: ReplayPlan): Run => {
    const keys = new Set<string>()
    const newKey = (): string => {
      const key = `replay/${randomBytes(8).toString('hex')}`
      keys.add(key)
      return key
    }
    const calls = createReplayCalls({ vm, source, identity, verify })
    return {
      source,
      execute: createReplayCommit({ vm, source, calls, verify, newKey }),
      plan,
      keys,
      commits: 0,
      calls: 0,
    }
  }

  /** The service as a commit left it, from what is on this node: the root says that it is that state. */
  const openAt = async ({ source, keys }: Run, step: Step): Promise<Stage> => {
    const last = await source.commit(step)
    const first = await source.commit({ commit: serviceOf(last), seq: 0 })
    const key = `replay/${randomBytes(8).toString('hex')}`
    await vm.open(key, await source.image(last))
    keys.add(key)
    return { key, last, contract: await source.contract(last.contract), owner: first.genesis?.owner ?? '' }
  }

  /** One commit; tried again where the VM, not the commit, is to blame. */
  const executeOne = async (run: Run, commit: Commit, before: Stage | undefined): Promise<Stage | Difference> => {
    const broken = checkChain(commit, before?.last, vm.engine)
    if (broken?.what === 'engine') throw engineUnknown(commit, vm.engine)
    if (broken) return broken
    let stage = before
    for (let left = MAX_REPLAY_ATTEMPTS; ; left--) {
      try {
        return await run.execute(commit, stage)
      } catch (error) {
        if (isRefused(error)) return difference('failed', null, 'what a host could have executed', error.message)
        if (!isPassing(error)) throw error
        if (left === 0) throw replayFailed(commit, error as Error)
        if (before) stage = { ...before, ...(await openAt(run, { commit: before.last.cid, seq: before.last.seq })) }
      }
    }
  }

  const executeAll = async (run: Run, options: ReplayOptions): Promise<void> => {
    const { signal, onProgress, onProven, pause } = options
    const { commits, base, isProven } = run.plan
    let stage = base && (await openAt(run, base))
    const note = async (): Promise<void> => {
      const last = isProven ? stage?.last : undefined
      if (last) await onProven?.(serviceOf(last), { commit: last.cid, seq: last.seq })
    }
    try {
      let ahead = commits[0] && run.source.commit(commits[0])
      for (const [i, step] of commits.entries()) {
        signal.throwIfAborted()
        run.commits++
        const commit = await ahead!
        // the next one is read while this one is executed
        const next = commits[i + 1]
        ahead = next && run.source.commit(next)
        ahead?.catch(() => undefined)
        if (commit.kind === 'fork' || i % REPLAY_NOTE_COMMITS === 0) await note()
        const found = await executeOne(run, commit, stage)
        if (isDifference(found)) throw new BrokenHistory(step, found)
        stage = found
        run.calls += commit.calls.length
        onProgress?.({ doing: 'replaying', done: i + 1, total: commits.length })
        await pause?.()
      }
    } finally {
      await note()
    }
  }

  return async (to, options) => {
    let plan: ReplayPlan = { commits: [], isProven: false }
    let run: Run | undefined
    const result = (mismatch?: Mismatch): Replayed => ({
      from: (plan.base ?? plan.commits[0])?.commit ?? to,
      to,
      commits: run?.commits ?? 0,
      calls: run?.calls ?? 0,
      isComplete: plan.isProven && mismatch === undefined,
      ...(mismatch && { mismatch }),
    })
    try {
      const source = createReplaySource(parts)
      plan = await planReplay({ ...parts, source }, to, options)
      run = begin(source, plan)
      await executeAll(run, options)
      return result()
    } catch (error) {
      if (!(error instanceof BrokenHistory)) throw error
      const { at, difference: found } = error
      return result({ commit: at.commit.toString(), seq: at.seq, ...found })
    } finally {
      for (const key of run?.keys ?? []) await vm.close(key).catch(() => undefined)
    }
  }
}

/** The VM takes no such request from anybody. */
const isRefused = (error: unknown): error is Error =>
  ['BAD_REQUEST', 'TOO_LARGE'].includes((error as { code?: string }).code ?? '')

/** The worker was ended, or closed the service for another. */
const isPassing = (error: unknown): boolean =>
  error instanceof ReplayBroke || ['NOT_OPEN', 'VM_CRASHED'].includes((error as { code?: string }).code ?? '')

function engineUnknown({ seq, engine }: Commit, ours: string): CallsError {
  const message = `Commit ${seq} was made by the engine ${engine}, and this node has ${ours}.`
  return new CallsError('ENGINE_UNKNOWN', message, 'replay it with the version of Amigos that has this engine')
}

function replayFailed({ seq }: Commit, cause: Error): CallsError {
  const message = `Commit ${seq} could not be executed on this machine: ${cause.message}`
  return new CallsError('REPLAY_FAILED', message, 'try again when the machine is less busy', { cause })
}
