/** Queries on the services of this node, its own and its copies: at the last durable commit, or at any commit. */
import { randomBytes } from 'node:crypto'
import type { CID } from 'multiformats/cid'
import type { History } from '../store/types.ts'
import type { Outcome, Vm } from '../vm/types.ts'
import { checkCall } from './check-call.ts'
import { contextOf, limitsOf } from './context.ts'
import type { Contracts } from './contracts.ts'
import { CallsError, callFailed } from './errors.ts'
import type { Instances } from './instances.ts'
import type { Answered } from './types.ts'

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

export type Ask = (question: Question, options: { signal: AbortSignal }) => Promise<Answered>

export interface AskParts {
  vm: Vm
  history: History
  contracts: Contracts
  instances: Instances
  now: () => number
}

export function createAsk({ vm, history, contracts, instances, now }: AskParts): Ask {
  const answer = (outcome: Outcome, at: Pick<Answered, 'commit' | 'seq' | 'trust'>): Answered => {
    if (!outcome.ok) throw callFailed(outcome.error)
    return { result: outcome.result, gas: outcome.gas, logs: outcome.logs, ...at }
  }

  const atHead: Ask = (question, { signal }) =>
    instances.use(question.service, async ({ key, head, contract, owner, time }) => {
      signal.throwIfAborted()
      checkCall(contract, question)
      const who = { caller: question.caller, owner, service: key }
      const context = contextOf(who, randomBytes(32), head.commit, Math.max(now(), time))
      const request = { method: question.method, args: question.args, context, limits: limitsOf(question.gas) }
      return answer(await vm.query(key, request), { commit: head.commit, seq: head.seq, trust: head.trust })
    })

  /** On an instance of its own, which is thrown away: the past is asked for rarely. */
  const atCommit = async (question: Question, at: CID): Promise<Answered> => {
    const head = await history.head(question.service)
    const commit = await history.commit(at)
    const service = commit.service ?? at
    if (head === undefined || !service.equals(question.service)) {
      throw new CallsError(
        'SERVICE_NOT_FOUND',
        `${at} is not a commit of this service.`,
        'amigo status shows its newest commit',
      )
    }
    const contract = await contracts.load(commit.contract)
    checkCall(contract, question)
    const genesis = await history.commit(question.service)
    const key = `${at}/${randomBytes(8).toString('hex')}`
    const who = { caller: question.caller, owner: genesis.genesis?.owner ?? '', service: service.toString() }
    const context = contextOf(who, question.args, at, commit.time)
    await vm.open(key, await history.image(question.service, at))
    try {
      const request = { method: question.method, args: question.args, context, limits: limitsOf(question.gas) }
      return answer(await vm.query(key, request), { commit: at, seq: commit.seq, trust: head.trust })
    } finally {
      await vm.close(key)
    }
  }

  return (question, options) =>
    question.at === undefined ? atHead(question, options) : atCommit(question, question.at)
}
