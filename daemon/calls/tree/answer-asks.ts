/** Answers what a call asks of others: those on this node one after the other, as parts of its tree, those elsewhere meanwhile. */
import type { Ask, Vm } from '../../vm/types.ts'
import { ASK_TIME_SHARE } from '../constants.ts'
import { callFailed } from '../errors.ts'
import { queryLimitsOf } from '../run/call-limits.ts'
import { checkCall } from '../run/check-call.ts'
import { contextOf } from '../run/context.ts'
import type { ExecutedBefore } from '../run/executed-before.ts'
import type { Executed, Identity } from '../types.ts'
import type { CallAway } from './ask-away.ts'
import { signAsk } from './ask-envelope.ts'
import type { AskQuery } from './ask-query.ts'
import { endsTree, failedAnswer, late } from './failed-ask.ts'
import type { Held } from './held.ts'
import type { Input } from './inputs.ts'
import type { TreeName } from './lines.ts'
import { checkedResult, type FindRoute, type Route } from './route.ts'
import type { AnswerAsks, Asker, Tree, TreeAsking } from './tree.ts'

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

type Make = (making: Making) => Promise<Omit<Input, 'service'>>

export function createAnswerAsks(parts: AnswerAsksParts, tree: Tree, name: TreeName): AnswerAsks {
  const { vm, identity, executedBefore, findRoute, callAway, askQuery, now } = parts

  const signed = async ({ asker, ask, index, route }: Making) => {
    const { call, held } = asker
    const { head, owner } = held.instance
    held.instance.hosts ??= await executedBefore.hosts(head.service, head.epoch)
    const place = { call, index, service: route.service, method: ask.method, args: ask.args }
    return signAsk(place, { owner, ...held.instance.hosts }, identity)
  }

  const inputOf = ({ route }: Making, envelope: Uint8Array, done: Executed): Omit<Input, 'service'> => {
    const { commit, index, genesis, handovers, block, chunk, events } = done
    const receipt = {
      envelope,
      commit,
      index,
      genesis,
      handovers,
      block,
      ...(chunk && { chunk }),
      ...(events && { events }),
    }
    return { answer: { ok: true, result: checkedResult(route, done.result), gas: done.gas }, receipt }
  }

  const callHere: Make = async (making) => {
    const { call, envelope } = await signed(making)
    return tree.attempt(async () => inputOf(making, envelope, await tree.run(call, envelope, making.asking)))
  }

  const call: Make = async (making) => {
    const { route, ask, asking } = making
    if (route.host === undefined) return callHere(making)
    const { envelope } = await signed(making)
    const ms = Math.max(1, asking.deadline - now())
    const share = { tree: name, most: ask.gas, ms, signal: asking.signal }
    return inputOf(making, envelope, await callAway({ ...route, host: route.host }, envelope, share))
  }

  /** A question to a service that the tree has changed, or is about to: it sees what the tree did. */
  const queryHeld = async ({ asker, ask, asking }: Making, held: Held): Promise<Uint8Array> => {
    const { contract, owner, head, time, key } = held.instance
    const { call } = asker
    const caller = call.service.toString()
    const by = { owner, user: caller, userOwner: asker.held.instance.owner }
    checkCall({ contract, call: ask, right: 'query', asker: by, from: asking.from })
    const who = { caller, owner, service: key, origin: call.origin, chain: [...call.chain, caller] }
    const context = contextOf(who, call.id.bytes, head.commit, time)
    const limits = queryLimitsOf(contract.manifest.limits, ask.gas, asking.from)
    const outcome = await held.inVm((open) =>
      vm.query(open, { method: ask.method, args: ask.args, context, limits }, asking),
    )
    if (outcome.ok) return outcome.result
    throw callFailed(outcome.error)
  }

  const query: Make = async (making) => {
    const { asker, ask, route, asking } = making
    const held = tree.heldOf(route.service)
    if (held !== undefined && route.host === undefined) {
      return { answer: { ok: true, result: checkedResult(route, await queryHeld(making, held)), gas: 0n } }
    }
    const { call, held: by } = asker
    const who = { service: call.service, owner: by.instance.owner, origin: call.origin, chain: call.chain }
    const found = await askQuery(route, ask, who, asking)
    return { answer: { ok: true, result: checkedResult(route, found.result), gas: found.gas }, at: found.commit }
  }

  const make = async (making: Making): Promise<Input> => {
    const { route, asking, asker } = making
    const { service } = route
    try {
      return { service, ...(await (route.fn.kind === 'query' ? query : call)(making)) }
    } catch (error) {
      asker.asking.signal.throwIfAborted()
      if (endsTree(error)) throw error
      return { service, answer: failedAnswer(asking.signal.aborted ? late(route.name, route.fn.name, error) : error) }
    }
  }

  return async (asker, asks, first) => {
    const { asking: of } = asker
    const ending = new AbortController()
    const ms = Math.max(0, Math.floor((of.deadline - now()) * ASK_TIME_SHARE))
    const signal = AbortSignal.any([of.signal, ending.signal, AbortSignal.timeout(ms)])
    const asking = { from: of.from, signal, deadline: now() + ms }

    const routeOf = async (ask: Ask): Promise<Route | Input> => {
      try {
        return await findRoute(asker.held.instance.contract, asker.call, ask, { signal })
      } catch (error) {
        of.signal.throwIfAborted()
        return { answer: failedAnswer(signal.aborted ? late(ask.import, ask.method, error) : error) }
      }
    }
    const routes = await Promise.all(asks.map(routeOf))
    const makings = routes.map((route, i): Making | Input => {
      const ask = asks[i]!
      return 'answer' in route ? route : { asker, ask, index: first + i, route, asking: { ...asking, most: ask.gas } }
    })
    const away = makings.map((one) => ('route' in one && one.route.host !== undefined ? make(one) : undefined))
    for (const one of away) one?.catch(() => undefined)
    try {
      const inputs: Input[] = []
      for (const [i, one] of makings.entries()) inputs.push('answer' in one ? one : await (away[i] ?? make(one)))
      return inputs
    } catch (error) {
      ending.abort(error)
      await Promise.allSettled(away)
      throw error
    }
  }
}
