/** Queries on the services of this node, its own and its copies: at the last durable commit, or at any commit. */
import type { CID } from 'multiformats/cid'
import type { Contract } from '../../contract/types.ts'
import type { History } from '../../store/types.ts'
import type { CallContext, CallRequest, ImportAnswer, Ask as ImportAsk, Outcome, Vm } from '../../vm/types.ts'
import {
  MAX_ASIDE,
  MAX_PAST,
  MAX_PAST_PER_SOURCE,
  MAX_PAST_QUEUE,
  MAX_QUEUE,
  MAX_QUEUE_PER_SOURCE,
} from '../constants.ts'
import { callFailed } from '../errors.ts'
import { cycle } from '../tree/failed-ask.ts'
import type { Answered, Asking } from '../types.ts'
import { createBeside } from './beside.ts'
import { queryLimitsFor, queryLimitsOf, shareOf } from './call-limits.ts'
import { checkCall } from './check-call.ts'
import type { ContentNeeded, ContentSource, Needed } from './content.ts'
import { askerOf, contextOf, whoAsks } from './context.ts'
import { createFairQueue } from './fair-queue.ts'
import type { Instance, Instances } from './instances.ts'
import { openedFor } from './opened-for.ts'
import type { AnswerQueries, Ask, Asked, Question } from './question.ts'
import { createSeeds } from './seeds.ts'
import { busy } from './slots.ts'
import type { Snapshot, Snapshots } from './snapshot.ts'
import { turnCame } from './stopwatch.ts'

export interface AskParts {
  vm: Vm
  history: Pick<History, 'image'>
  snapshots: Snapshots
  instances: Instances
  content: ContentSource
  /** what a query asks of other services */
  answerQueries: AnswerQueries
  /** whether a call has the service that waits for others: a query does not wait for that */
  isHeld: (service: string) => boolean
  /** calls back when one gets it */
  watchHeld: (service: string, onTaken: () => void) => () => void
  now: () => number
}

export function createAsk(parts: AskParts): Ask {
  const { vm, history, snapshots, instances, content, answerQueries, isHeld, watchHeld, now } = parts
  // each of them opens a memory of its own
  const past = createFairQueue({
    concurrency: MAX_PAST,
    perSource: MAX_PAST_PER_SOURCE,
    total: MAX_PAST_QUEUE,
    refuse: busy,
  })

  const aside = createFairQueue({
    concurrency: MAX_ASIDE,
    perSource: MAX_QUEUE_PER_SOURCE,
    total: MAX_QUEUE,
    refuse: busy,
  })
  const beside = createBeside(parts)
  const seed = createSeeds()

  const requestOf = (
    { method, args, gas, chain = [] }: Question,
    contract: Contract,
    context: CallContext,
    from: string,
  ): CallRequest => {
    const { limits } = contract.manifest
    const most = chain.length > 0 ? shareOf(limits, gas, from) : gas
    return { method, args, context, limits: queryLimitsOf(limits, most, from) }
  }

  const supplied = async (request: CallRequest, { needed, answers }: Known): Promise<CallRequest> => ({
    ...request,
    ...(needed.size > 0 && { content: await content.read(needed) }),
    ...(answers.length > 0 && { answers }),
  })

  /** Does not wait where a call gets the service first, and waits for others with it. */
  const notHeld = async <T>(service: string, ask: (left: { isTrue: boolean }) => Promise<T>): Promise<T | Moved> => {
    const left = { isTrue: false }
    const { promise, resolve } = Promise.withResolvers<Moved>()
    const stop = watchHeld(service, () => {
      left.isTrue = true
      resolve({ moved: true })
    })
    try {
      return await Promise.race([ask(left), promise])
    } finally {
      stop()
    }
  }

  /** @param left nobody waits for it any more */
  const atHead = (
    question: Question,
    known: Known,
    asking: Asking,
    left: { isTrue: boolean },
  ): Promise<Attempted | Moved> => {
    const task = async ({ key, head, contract, owner, time, opening }: Instance): Promise<Attempted | Moved> => {
      if (left.isTrue) return { moved: true }
      if (asking.trace !== undefined) turnCame(asking.trace, opening)
      checkCall({ contract, call: question, right: 'query', asker: askerOf(question, owner), from: asking.from })
      // what was answered was asked of another state
      if (known.pinned !== undefined && !head.commit.equals(known.pinned)) return { moved: true }
      const context = {
        ...whoAsks(question, { owner, service: key }),
        time: Math.max(known.time, time),
        seed: known.seed,
      }
      const request = await supplied(requestOf(question, contract, context, asking.from), known)
      asking.trace?.lap('admit')
      const outcome = await vm.query(key, request, asking)
      asking.trace?.lap('run')
      const { commit, seq, trust } = head
      return answered(outcome, { contract, owner, question }, asking, { commit, seq, trust })
    }
    return instances.ask(question.service, task, asking)
  }

  /** On an instance of its own, which is thrown away: the past is asked for rarely, and a service that is held is asked by many. */
  const apart = async (question: Question, of: Snapshot, known: Known, asking: Asking): Promise<Attempted> => {
    const { from, signal, trace } = asking
    const { service, args } = question
    const { contract, owner, time, ...found } = of
    checkCall({ contract, call: question, right: 'query', asker: askerOf(question, owner), from })
    const context = contextOf(whoAsks(question, { owner, service: service.toString() }), args, found.commit, time)
    const request = await supplied(requestOf(question, contract, context, from), known)
    trace?.lap('admit')
    const query = (key: string): Promise<Outcome> => {
      trace?.lap('open')
      signal.throwIfAborted()
      return vm.query(key, request, { signal })
    }
    const outcome =
      question.at === undefined
        ? await beside(service, found.commit, query)
        : await openedFor(vm, found.commit.toString(), await history.image(service, found.commit), query)
    trace?.lap('run')
    return answered(outcome, { contract, owner, question }, asking, found)
  }

  const attempt = async (question: Question, known: Known, asking: Asking): Promise<Attempted> => {
    const { service, at } = question
    if (at === undefined && !isHeld(service.toString())) {
      const answer = await notHeld(service.toString(), (left) => atHead(question, known, asking, left))
      if (!('moved' in answer)) return answer
    }
    return (at === undefined ? aside : past).run(async () => {
      asking.trace?.lap('wait')
      const of = at === undefined ? snapshots.durable(service, known.pinned) : snapshots.at(service, at, question)
      return apart(question, await of, known, asking)
    }, asking)
  }

  return async (question, asking) => {
    const { service, chain = [] } = question
    if (chain.includes(service.toString())) throw cycle([...chain, service.toString()])
    const known: Omit<Known, 'needed'> = { answers: [], time: now(), seed: seed() }
    const answeredWith = async (needed: Needed): Promise<Answered | ContentNeeded> => {
      for (;;) {
        const answer = await attempt(question, { ...known, needed }, asking)
        if (!('asks' in answer)) return answer
        known.pinned ??= answer.commit
        known.answers.push(...(await answerQueries(answer.of, answer.asks, asking)))
      }
    }
    return content.supply(answeredWith, asking)
  }
}

/** What an attempt was given. */
interface Known {
  needed: Needed
  answers: ImportAnswer[]
  /** the commit that was asked, once it has asked others itself: all attempts are about one state */
  pinned?: CID
  /** of the first attempt, in milliseconds since 1970 */
  time: number
  seed: Uint8Array
}

/** It asks others. */
interface AsksNeeded {
  asks: readonly ImportAsk[]
  of: Asked
  commit: CID
}

/** It is to be asked of another state than the one that is open. */
interface Moved {
  moved: true
}

type Attempted = Answered | ContentNeeded | AsksNeeded

function answered(
  outcome: Outcome,
  of: Asked,
  { from, signal }: Asking,
  at: Pick<Answered, 'commit' | 'seq' | 'trust'>,
): Attempted {
  if (outcome.ok) return { result: outcome.result, gas: outcome.gas, logs: outcome.logs, ...at }
  if (outcome.error.needs !== undefined) return { needs: outcome.error.needs }
  if (outcome.error.asks !== undefined) return { asks: outcome.error.asks, of, commit: at.commit }
  if (outcome.error.code === 'CANCELLED') signal.throwIfAborted()
  throw callFailed(outcome.error, queryLimitsFor(of.contract.manifest.limits, from))
}
