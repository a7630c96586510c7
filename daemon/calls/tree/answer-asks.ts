/** Answers what a call asks of others: those on this node one after the other, as parts of its tree, those elsewhere meanwhile. */
import type { Ask, Vm } from '../../vm/types.ts'
import { ASK_TIME_SHARE } from '../constants.ts'
import type { ExecutedBefore } from '../run/executed-before.ts'
import type { Executed, Identity } from '../types.ts'
import type { CallAway } from './ask-away.ts'
import { type AskPlace, callOf, signAsk } from './ask-envelope.ts'
import type { AskQuery } from './ask-query.ts'
import { endsTree, failedAnswer, late } from './failed-ask.ts'
import { inOrder } from './in-order.ts'
import type { Input } from './inputs.ts'
import type { TreeName } from './lines.ts'
import { createQueryInTree } from './query-in-tree.ts'
import { checkedAnswer, type FindRoute, type Route } from './route.ts'
import type { AnswerAsks, Asker, Tree, TreeAsking } from './tree.ts'
import type { Unproven } from './unproven.ts'

export interface AnswerAsksParts {
  vm: Vm
  identity: Identity
  executedBefore: Pick<ExecutedBefore, 'hosts'>
  findRoute: FindRoute
  callAway: CallAway
  askQuery: AskQuery
  now: () => number
}

/** One ask, on its way. */
interface Making {
  asker: Asker
  ask: Ask
  index: number
  route: Route
  asking: TreeAsking
}

type Make = (making: Making) => Promise<Omit<Unproven, 'service'>>

export function createAnswerAsks(parts: AnswerAsksParts, tree: Tree, name: TreeName): AnswerAsks {
  const { identity, executedBefore, findRoute, callAway, now } = parts
  const queryInTree = createQueryInTree({ ...parts, content: tree.content, heldOf: tree.heldOf })

  const placeOf = ({ asker: { call }, ask: { method, args }, index, route: { service } }: Making): AskPlace => ({
    ...{ call, index, service, method, args },
  })

  const signed = async (making: Making): Promise<Uint8Array> => {
    const { held } = making.asker
    const { head, owner } = held.instance
    held.instance.hosts ??= await executedBefore.hosts(head.service, head.epoch)
    const network = making.route.abroad?.network ?? identity.network
    return signAsk(placeOf(making), { owner, ...held.instance.hosts }, { node: identity.node, network })
  }

  const inputOf = ({ route, ask }: Making, envelope: Uint8Array, done: Executed): Omit<Input, 'service'> => {
    const { commit, index, genesis, handovers, block, chunk, events } = done
    const optional = { ...(chunk && { chunk }), ...(events && { events }) }
    const receipt = { envelope, commit, index, genesis, handovers, block, ...optional }
    return { answer: { ok: true, ...checkedAnswer(route, ask, done) }, receipt }
  }

  const callHere: Make = async (making) => {
    const envelope = await signed(making)
    const call = await callOf(envelope, placeOf(making), making.asker.held.instance)
    return tree.attempt(async () => inputOf(making, envelope, await tree.run(call, envelope, making.asking)))
  }

  const call: Make = async (making) => {
    const { route, ask, asking } = making
    if (route.host === undefined) return callHere(making)
    const envelope = await signed(making)
    const ms = Math.max(1, asking.deadline - now())
    const share = { tree: name, most: ask.gas, ms, signal: asking.signal }
    const { done, prove } = await callAway({ ...route, host: route.host }, envelope, share)
    try {
      const check = () => prove().then(nothing, (error: unknown) => failed(making, error))
      return { ...inputOf(making, envelope, done), check }
    } catch (error) {
      await prove()
      throw error
    }
  }

  const query: Make = async ({ asker: { call: by, held }, ask, route, asking }) => {
    const asker = { service: by.service, owner: held.instance.owner, origin: by.origin, chain: by.chain }
    const { result, gas, commit } = await queryInTree({ route, ask, asker, seed: by.id.bytes }, asking)
    return { answer: { ok: true, result, gas }, ...(commit && { at: commit }) }
  }

  const make = async (making: Making): Promise<Unproven> => {
    const { route, asking, asker } = making
    try {
      return { service: route.service, ...(await (route.fn.kind === 'query' ? query : call)(making)) }
    } catch (error) {
      asker.asking.signal.throwIfAborted()
      if (endsTree(error) && !asker.asking.isLastTry) throw error
      const told = asking.signal.aborted ? late(route.name, route.fn.name, error) : error
      return failed(making, told)
    }
  }

  return async (asker, asks, first) => {
    const { asking: of } = asker
    const ms = Math.max(0, Math.floor((of.deadline - now()) * ASK_TIME_SHARE))
    const signal = AbortSignal.any([of.signal, AbortSignal.timeout(ms)])
    const asking = { from: of.from, signal, deadline: now() + ms, isLastTry: of.isLastTry }

    const routeOf = async (ask: Ask): Promise<Route | Input> => {
      try {
        return await findRoute(asker.held.instance.contract, asker.call, ask, { signal })
      } catch (error) {
        of.signal.throwIfAborted()
        return {
          answer: failedAnswer(signal.aborted ? late(ask.import, ask.method, error) : error, { ...ask, gas: 0n }),
        }
      }
    }
    const routes = await Promise.all(asks.map(routeOf))
    const makings = routes.map((route, i): Making | Input => {
      const ask = asks[i]!
      return 'answer' in route ? route : { asker, ask, index: first + i, route, asking: { ...asking, most: ask.gas } }
    })
    const isAway = (one: Making | Input): one is Making => 'route' in one && one.route.host !== undefined
    const away = makings.filter(isAway)
    let isOver = false
    const run = (one: Making) => async (): Promise<Unproven> => {
      try {
        return await make(one)
      } catch (error) {
        isOver = true
        throw error
      }
    }
    const begun = inOrder(
      away.map((one) => ({
        with: one.route.service.toString(),
        isQuestion: one.route.fn.kind === 'query',
        run: run(one),
      })),
      () => isOver,
    )
    try {
      const inputs: Unproven[] = []
      for (const one of makings) {
        if ('answer' in one) inputs.push(one)
        else inputs.push((await (isAway(one) ? begun[away.indexOf(one)] : make(one))) ?? (await firstFailure(begun)))
      }
      return inputs
    } finally {
      // those that are under way stay what they are, and are found again when the tree begins anew
      isOver = true
      await Promise.allSettled(begun)
    }
  }
}

const failed = ({ route, ask }: Making, error: unknown): Input => ({
  service: route.service,
  answer: failedAnswer(error, ask),
})

const nothing = (): undefined => undefined

/** Of work that ended because some of it failed. */
const firstFailure = <T>(all: readonly Promise<T>[]): Promise<never> =>
  Promise.all(all).then(() => Promise.reject(new Error('nothing of it failed')))
