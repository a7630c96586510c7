/** Queries on the services of this node, its own and its copies: at the last durable commit, or at any commit. */
import type { CID } from 'multiformats/cid'
import type { Contract } from '../../contract/types.ts'
import type { History } from '../../store/types.ts'
import type { CallContext, CallRequest, Outcome, Vm } from '../../vm/types.ts'
import { MAX_PAST, MAX_PAST_PER_SOURCE, MAX_PAST_QUEUE } from '../constants.ts'
import { callFailed } from '../errors.ts'
import type { Answered, Asking } from '../types.ts'
import { limitsFor, queryLimitsOf, resultLimitOf } from './call-limits.ts'
import { checkCall } from './check-call.ts'
import type { ContentNeeded, ContentSource, Needed } from './content.ts'
import { contextOf } from './context.ts'
import { createFairQueue } from './fair-queue.ts'
import type { Instance, Instances } from './instances.ts'
import { openedFor } from './opened-for.ts'
import { createSeeds } from './seeds.ts'
import { busy } from './slots.ts'
import type { Snapshots } from './snapshot.ts'
import { turnCame } from './stopwatch.ts'

export interface Question {
  service: CID
  method: string
  args: Uint8Array
  /** user ID; the empty string for who did not sign */
  caller: string
  gas?: bigint | undefined
  /** a commit of the service, @default its head */
  at?: CID | undefined
}

/** @throws CallsError ACCESS_DENIED, and whatever went wrong */
export type Ask = (question: Question, asking: Asking) => Promise<Answered>

export interface AskParts {
  vm: Vm
  history: Pick<History, 'image'>
  snapshots: Snapshots
  instances: Instances
  content: ContentSource
  now: () => number
}

export function createAsk({ vm, history, snapshots, instances, content, now }: AskParts): Ask {
  // each of them opens a memory of its own
  const past = createFairQueue({
    concurrency: MAX_PAST,
    perSource: MAX_PAST_PER_SOURCE,
    total: MAX_PAST_QUEUE,
    refuse: busy,
  })

  const seed = createSeeds()

  const requestOf = (
    { method, args, gas }: Question,
    contract: Contract,
    context: CallContext,
    from: string,
  ): CallRequest => ({ method, args, context, limits: queryLimitsOf(contract.manifest.limits, gas, from) })

  const supplied = async (request: CallRequest, needed: Needed): Promise<CallRequest> =>
    needed.size === 0 ? request : { ...request, content: await content.read(needed) }

  const atHead = (question: Question, needed: Needed, asking: Asking): Promise<Answered | ContentNeeded> => {
    const task = async ({ key, head, contract, owner, time, opening }: Instance): Promise<Answered | ContentNeeded> => {
      if (asking.trace !== undefined) turnCame(asking.trace, opening)
      const { caller } = question
      checkCall({ contract, call: question, right: 'query', asker: { owner, user: caller }, from: asking.from })
      const context = {
        caller,
        origin: caller,
        chain: [],
        owner,
        service: key,
        time: Math.max(now(), time),
        seed: seed(),
      }
      const request = await supplied(requestOf(question, contract, context, asking.from), needed)
      asking.trace?.lap('admit')
      const outcome = await vm.query(key, request, asking)
      asking.trace?.lap('run')
      const { commit, seq, trust } = head
      return answered(outcome, contract, asking, { commit, seq, trust })
    }
    return instances.ask(question.service, task, asking)
  }

  /** On an instance of its own, which is thrown away: the past is asked for rarely. */
  const atCommit = async (question: Question, at: CID, needed: Needed, asking: Asking) => {
    const { from, signal, trace } = asking
    const { service, args, caller } = question
    trace?.lap('wait')
    const { contract, owner, time, ...found } = await snapshots.at(service, at, caller)
    checkCall({ contract, call: question, right: 'query', asker: { owner, user: caller }, from })
    const context = contextOf({ caller, owner, service: service.toString() }, args, at, time)
    const request = await supplied(requestOf(question, contract, context, from), needed)
    trace?.lap('admit')
    const origin = await history.image(service, at)
    signal.throwIfAborted()
    const outcome = await openedFor(vm, at.toString(), origin, (key) => {
      trace?.lap('open')
      return vm.query(key, request, { signal })
    })
    trace?.lap('run')
    return answered(outcome, contract, asking, found)
  }

  return (question, asking) => {
    const { at } = question
    const attempt = (needed: Needed): Promise<Answered | ContentNeeded> =>
      at === undefined
        ? atHead(question, needed, asking)
        : past.run(() => atCommit(question, at, needed, asking), asking)
    return content.supply(attempt, asking)
  }
}

function answered(
  outcome: Outcome,
  { manifest }: Contract,
  { from, signal }: Asking,
  at: Pick<Answered, 'commit' | 'seq' | 'trust'>,
): Answered | ContentNeeded {
  if (outcome.ok) return { result: outcome.result, gas: outcome.gas, logs: outcome.logs, ...at }
  if (outcome.error.needs !== undefined) return { needs: outcome.error.needs }
  if (outcome.error.code === 'CANCELLED') signal.throwIfAborted()
  const result = resultLimitOf(manifest.limits)
  throw callFailed(outcome.error, { ...limitsFor(manifest.limits, from), result })
}
