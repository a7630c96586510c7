/** Queries on the services of this node, its own and its copies: at the last durable commit, or at any commit. */
import { randomBytes } from 'node:crypto'
import type { CID } from 'multiformats/cid'
import type { History } from '../store/types.ts'
import type { Outcome, Vm } from '../vm/types.ts'
import { checkCall } from './check-call.ts'
import { MAX_PAST, MAX_PAST_PER_SOURCE, MAX_PAST_QUEUE } from './constants.ts'
import { contextOf, limitsOf } from './context.ts'
import type { Contracts } from './contracts.ts'
import { CallsError, callFailed } from './errors.ts'
import { createFairQueue } from './fair-queue.ts'
import { busy, type Instance, type Instances, notHere } from './instances.ts'
import type { Answered, Asking } from './types.ts'

export interface Question {
  service: CID
  method: string
  args: Uint8Array
  /** user ID */
  caller: string
  gas?: bigint | undefined
  /** a commit of the service, @default its head */
  at?: CID | undefined
}

export type Ask = (question: Question, asking: Asking) => Promise<Answered>

export interface AskParts {
  vm: Vm
  history: History
  contracts: Contracts
  instances: Instances
  now: () => number
}

export function createAsk({ vm, history, contracts, instances, now }: AskParts): Ask {
  // each of them opens a memory of its own
  const past = createFairQueue({
    concurrency: MAX_PAST,
    perSource: MAX_PAST_PER_SOURCE,
    total: MAX_PAST_QUEUE,
    refuse: busy,
  })
  const answer = (outcome: Outcome, at: Pick<Answered, 'commit' | 'seq' | 'trust'>): Answered => {
    if (!outcome.ok) throw callFailed(outcome.error)
    return { result: outcome.result, gas: outcome.gas, logs: outcome.logs, ...at }
  }

  const atHead: Ask = (question, asking) => {
    const task = async ({ key, head, contract, owner, time }: Instance): Promise<Answered> => {
      checkCall(contract, question)
      const who = { caller: question.caller, owner, service: key }
      const context = contextOf(who, randomBytes(32), head.commit, Math.max(now(), time))
      const request = {
        method: question.method,
        args: question.args,
        context,
        limits: limitsOf(question.gas, asking.from),
      }
      return answer(await vm.query(key, request), { commit: head.commit, seq: head.seq, trust: head.trust })
    }
    return instances.use(question.service, task, asking)
  }

  /** On an instance of its own, which is thrown away: the past is asked for rarely. */
  const atCommit = async (question: Question, at: CID, { from, signal }: Asking): Promise<Answered> => {
    const head = await history.head(question.service)
    if (head === undefined) throw notHere(question.service)
    const commit = await history.commit(at).catch(() => undefined)
    const service = commit?.service ?? at
    if (commit === undefined || !service.equals(question.service)) throw notACommit(at.toString())
    const contract = await contracts.load(commit.contract)
    checkCall(contract, question)
    const genesis = await history.commit(question.service)
    const key = `${at}/${randomBytes(8).toString('hex')}`
    const who = { caller: question.caller, owner: genesis.genesis?.owner ?? '', service: service.toString() }
    const context = contextOf(who, question.args, at, commit.time)
    const origin = await history.image(question.service, at)
    signal.throwIfAborted()
    await vm.open(key, origin)
    try {
      const request = { method: question.method, args: question.args, context, limits: limitsOf(question.gas, from) }
      return answer(await vm.query(key, request), { commit: at, seq: commit.seq, trust: head.trust })
    } finally {
      await vm.close(key)
    }
  }

  return (question, asking) => {
    const { at } = question
    return at === undefined ? atHead(question, asking) : past.run(() => atCommit(question, at, asking), asking)
  }
}

export function notACommit(text: string): CallsError {
  const hint = 'every call and every query answers with the CID of its commit'
  return new CallsError('NOT_A_COMMIT', `${text.slice(0, 80)} is not the CID of a commit of this service.`, hint)
}
