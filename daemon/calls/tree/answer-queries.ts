/** Answers what a query asks of others: questions too, whatever it asks for, all at the same time. */
import type { Ask, ImportAnswer } from '../../vm/types.ts'
import { ASK_TIME_SHARE, MAX_TREE_MS } from '../constants.ts'
import type { AnswerQueries } from '../run/question.ts'
import type { AskQuery } from './ask-query.ts'
import { failedAnswer, late } from './failed-ask.ts'
import { checkedAnswer, type FindRoute } from './route.ts'

export function createAnswerQueries(parts: { findRoute: FindRoute; askQuery: AskQuery }): AnswerQueries {
  const { findRoute, askQuery } = parts
  return ({ question, contract, owner }, asks, { from, signal: waiting }) => {
    const { service, caller, origin = caller, chain = [] } = question
    const who = { service, owner, origin, chain }
    const ms = Math.floor(MAX_TREE_MS * ASK_TIME_SHARE ** (chain.length + 1))
    const answer = async (ask: Ask): Promise<ImportAnswer> => {
      const signal = AbortSignal.any([waiting, AbortSignal.timeout(ms)])
      try {
        const route = await findRoute(contract, who, ask, { signal })
        const { result, gas } = checkedAnswer(route, ask, await askQuery(route, ask, who, { from, signal }))
        return { ok: true, result, gas }
      } catch (error) {
        waiting.throwIfAborted()
        return failedAnswer(signal.aborted ? late(ask.import, ask.method, error) : error, ask)
      }
    }
    return Promise.all(asks.map(answer))
  }
}
