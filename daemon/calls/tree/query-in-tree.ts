/** Questions of a call that runs: a service that its tree has answers as the tree left it, any other as it stands on the disk. */
import type { Contract } from '../../contract/types.ts'
import type { Ask, CallRequest, ImportAnswer, Vm } from '../../vm/types.ts'
import { callFailed } from '../errors.ts'
import { queryLimitsFor, queryLimitsOf, shareOf } from '../run/call-limits.ts'
import { checkCall } from '../run/check-call.ts'
import type { ContentNeeded, ContentSource, Needed } from '../run/content.ts'
import { contextOf } from '../run/context.ts'
import type { Answered, Asking } from '../types.ts'
import type { AskingFor, AskQuery } from './ask-query.ts'
import { failedAnswer } from './failed-ask.ts'
import type { Held } from './held.ts'
import { checkedAnswer, type FindRoute, type Route } from './route.ts'

export interface QueryInTreeParts {
  vm: Vm
  content: ContentSource
  findRoute: FindRoute
  askQuery: AskQuery
  /** a service that the tree has */
  heldOf: (service: Route['service']) => Held | undefined
}

/** @param asker the service that asks @param seed bytes that name the call that asks */
export type QueryInTree = (
  question: { route: Route; ask: Ask; asker: AskingFor; seed: Uint8Array },
  asking: Asking,
) => Promise<Found>

/** The commit is that of who answered, if it stands on the disk. */
type Found = Pick<Answered, 'result' | 'gas'> & Partial<Pick<Answered, 'commit'>>

export function createQueryInTree({ vm, content, findRoute, askQuery, heldOf }: QueryInTreeParts): QueryInTree {
  /** What a question asks in turn. */
  const answerTo = async (contract: Contract, asker: AskingFor, ask: Ask, seed: Uint8Array, asking: Asking) => {
    try {
      const route = await findRoute(contract, asker, ask, asking)
      const { result, gas } = await queryInTree({ route, ask, asker, seed }, asking)
      return { ok: true, result, gas } satisfies ImportAnswer
    } catch (error) {
      asking.signal.throwIfAborted()
      return failedAnswer(error, ask)
    }
  }

  const queryHeld: (held: Held, ...rest: Parameters<QueryInTree>) => Promise<Found> = async (
    held,
    { ask, asker, seed },
    asking,
  ) => {
    const { contract, owner, head, time, key } = held.instance
    const { limits } = contract.manifest
    const caller = asker.service.toString()
    const by = { owner, user: caller, userOwner: asker.owner }
    checkCall({ contract, call: ask, right: 'query', asker: by, from: asking.from })
    const who = { caller, owner, service: key, origin: asker.origin, chain: [...asker.chain, caller] }
    const course = { service: head.service, owner, origin: who.origin, chain: who.chain }
    const answers: ImportAnswer[] = []

    const attempt = async (needed: Needed): Promise<Found | ContentNeeded> => {
      for (;;) {
        const request: CallRequest = {
          ...{ method: ask.method, args: ask.args, context: contextOf(who, seed, head.commit, time), answers },
          limits: queryLimitsOf(limits, shareOf(limits, ask.gas, asking.from), asking.from),
          ...(needed.size > 0 && { content: await content.read(needed) }),
        }
        const outcome = await held.inVm((open) => vm.query(open, request, asking))
        if (outcome.ok) return { result: outcome.result, gas: outcome.gas }
        const { needs, asks, code } = outcome.error
        if (needs !== undefined) return { needs }
        if (code === 'CANCELLED') asking.signal.throwIfAborted()
        if (asks === undefined) throw callFailed(outcome.error, queryLimitsFor(limits, asking.from))
        answers.push(...(await Promise.all(asks.map((one) => answerTo(contract, course, one, seed, asking)))))
      }
    }
    return content.supply(attempt, asking)
  }

  const queryInTree: QueryInTree = async (question, asking) => {
    const { route, ask, asker } = question
    const held = route.host === undefined ? heldOf(route.service) : undefined
    const found = held ? await queryHeld(held, question, asking) : await askQuery(route, ask, asker, asking)
    return { ...found, ...checkedAnswer(route, ask, found) }
  }
  return queryInTree
}
