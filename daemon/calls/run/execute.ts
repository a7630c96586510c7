/**
 * Runs signed calls on the services of this node: each commits whole and is durable before it is answered, or leaves no trace.
 *
 * Calls that wait for the same service share a commit, and while it is being written the next ones are executed already, on what it made:
 * they are answered only when it is durable, and executed once more if it never was. A lone call does not wait for company.
 */
import type { CID } from 'multiformats/cid'
import { verifyEd25519 } from '../../../protocol/signed/ed25519.ts'
import type { History } from '../../store/types.ts'
import { VmError } from '../../vm/errors.ts'
import type { CallFailure, Vm } from '../../vm/types.ts'
import { MAX_KNOWN_ASKING } from '../constants.ts'
import { callFailed } from '../errors.ts'
import { hostsBy, rememberingHosts } from '../receipt/hosts.ts'
import { openCall, type SignedCall } from '../receipt/signed-call.ts'
import type { CheckEpoch } from '../tree/epochs-seen.ts'
import type { RunTree } from '../tree/run-tree.ts'
import type { Asking, Executed, Identity } from '../types.ts'
import { limitsFor } from './call-limits.ts'
import { createCommitGroup, doneOf } from './commit-group.ts'
import type { ContentSource } from './content.ts'
import { type ExecutedBefore, entryKey } from './executed-before.ts'
import type { Taken } from './fair-queue.ts'
import { createGather, lap, type Step, type Turn, type TurnResult, type Unfinished } from './group-step.ts'
import type { Handle, Instance, Instances } from './instances.ts'
import { turnCame } from './stopwatch.ts'

export interface ExecuteParts {
  vm: Vm
  history: History
  executedBefore: ExecutedBefore
  /** calls that ask other services */
  runTree: RunTree
  checkEpoch: CheckEpoch
  instances: Instances
  content: ContentSource
  /** tells the network that content is to be had here. @default it is not told */
  provide?: (cid: CID) => void
  identity: Identity
  now: () => number
}

/** Executes a signed call; the same call again gets the stored answer, also after a restart. */
export type Execute = (envelope: Uint8Array, asking: Asking) => Promise<Executed>

/** The same for a call whose signature was checked. */
export type ExecuteOpened = (call: SignedCall, envelope: Uint8Array, asking: Asking) => Promise<Executed>

export function createExecute(parts: ExecuteParts): Execute {
  const execute = createExecuteOpened(parts)
  const readHosts = rememberingHosts(hostsBy(verifyEd25519))
  return async (envelope, asking) => {
    const call = await openCall(envelope, 'call', parts.identity, readHosts)
    await parts.checkEpoch(call)
    asking.trace?.lap('verify')
    return execute(call, envelope, asking)
  }
}

export function createExecuteOpened(parts: ExecuteParts): ExecuteOpened {
  const { vm, instances, content, executedBefore, runTree, now } = parts
  const gather = createGather(parts)
  const commitGroup = createCommitGroup(parts)
  /** functions that ask others, longest unused first */
  const asking = new Set<string>()

  /** The memory is ahead of what is on disk: the next task opens the service again. */
  const discard = ({ head }: Instance): Promise<void> => instances.discard(head.service)

  const run: Handle<Turn, Executed | Unfinished> = async (instance, turns) => {
    for (const { trace } of turns) if (trace !== undefined) turnCame(trace, instance.opening)
    const time = Math.max(now(), instance.time)
    const steps = await gather(instance, turns, time)
    lap(steps, 'admit')
    const begun = steps.filter(({ request }) => request !== undefined)
    if (begun.length === 0) return taken(steps)

    const { outcomes, change } = await vm.calls(
      instance.key,
      begun.map(({ request }) => request!),
      begun.map(({ turn }) => turn.signal),
    )
    lap(begun, 'run')
    // what they were executed on has to be there for good before anybody hears of it
    if (instance.writing !== undefined) {
      await instance.writing.ended
      lap(begun, 'previous')
    }
    if (instance.lost) throw undone()
    // the worker went away with all of them: one by one it will be seen whose doing it was
    if (begun.length > 1 && !vm.isOpen(instance.key)) return { ...taken(steps), alone: begun.length }

    for (const [i, outcome] of outcomes.entries()) {
      begun[i]!.outcome = outcome
      if (!outcome.ok) begun[i]!.settled = putBack(begun[i]!.turn, outcome.error, instance)
    }
    if (change === undefined) return taken(steps)
    const succeeded = begun.filter(({ outcome }) => outcome?.ok)

    const fulfil = (answers: readonly Executed[]): void => {
      for (const [i, step] of succeeded.entries()) step.settled = { status: 'fulfilled', value: answers[i]! }
      lap(succeeded, 'durable')
    }
    /** Also of those that failed: what they failed on never was. */
    const undo = async (reason: unknown): Promise<void> => {
      await discard(instance)
      for (const step of begun) if (step.outcome !== undefined) step.settled = { status: 'rejected', reason }
    }
    try {
      const { answers } = await commitGroup(instance, doneOf(succeeded), change, time)
      lap(succeeded, 'commit')
      const ended = answers.then(fulfil, undo).finally(() => delete instance.writing)
      instance.writing = { keys: new Set(succeeded.map(({ turn }) => turn.key)), ended }
      const count = firstOf(steps, ({ settled, outcome }) => settled !== undefined || outcome !== undefined)
      return { count, results: ended.then(() => steps.slice(0, count).map(({ settled }) => settled!)) }
    } catch (reason) {
      if (begun.length === 1 || !isTooMuch(reason)) {
        await undo(reason)
        return taken(steps)
      }
      await discard(instance)
      return { ...taken(steps), alone: begun.length }
    }
  }

  /** Undefined: it asks others. */
  const inGroup = async (call: SignedCall, envelope: Uint8Array, waiting: Asking): Promise<Executed | undefined> => {
    const key = entryKey(call.id)
    const lookup = executedBefore.lookups.begin(key)
    const turn = { call, envelope, key, lookup, ...waiting, deadline: now() + call.ttlMs }
    const attempt = (needed: Turn['needed']) => instances.join(call.service, { ...turn, needed }, run, waiting)
    const answer = await content.supply(attempt, waiting)
    return 'asks' in answer ? undefined : answer
  }

  return async (call, envelope, waiting) => {
    const fn = `${call.service} ${call.method}`
    const asks = asking.delete(fn)
    // what is a part of another call waits by other rules than one that holds nothing
    const done = asks || call.chain.length > 0 ? undefined : await inGroup(call, envelope, waiting)
    if (done !== undefined) return done
    if (call.chain.length === 0) asking.add(fn)
    if (asking.size > MAX_KNOWN_ASKING) asking.delete(asking.keys().next().value!)
    return runTree(call, envelope, waiting)
  }
}

/** What becomes of a call that the VM put back: it failed, or is to come again with what it needs. */
function putBack({ from, signal }: Turn, error: CallFailure, { contract }: Instance): TurnResult {
  if (error.needs !== undefined) return { status: 'fulfilled', value: { needs: error.needs } }
  if (error.asks !== undefined) return { status: 'fulfilled', value: { asks: true } }
  if (error.code === 'CANCELLED' && signal.aborted) return { status: 'rejected', reason: signal.reason }
  return { status: 'rejected', reason: callFailed(error, limitsFor(contract.manifest.limits, from)) }
}

/** The first steps, up to one of which nothing is known: that and what follows has not begun. */
function taken(steps: readonly Step[]): Taken<Executed | Unfinished> {
  const count = firstOf(steps, ({ settled }) => settled !== undefined)
  return { count, results: Promise.resolve(steps.slice(0, count).map(({ settled }) => settled!)) }
}

/** How many of the first steps are such. */
function firstOf(steps: readonly Step[], isSuch: (step: Step) => boolean): number {
  const end = steps.findIndex((step) => !isSuch(step))
  return end < 0 ? steps.length : end
}

/** Whether calls are more than a commit holds, which fewer of them may not be. */
function isTooMuch(reason: unknown): boolean {
  return (reason as { code?: string }).code === 'COMMIT_TOO_LARGE'
}

/** The commit before could not be written: the service is opened again at the one that is on disk, and the calls with it. */
function undone(): VmError {
  return new VmError('NOT_OPEN', 'What the calls were executed on was not made durable.', 'Open the service again.')
}
