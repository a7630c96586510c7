/**
 * Runs signed calls on the services of this node: each commits whole and is durable before it is answered, or leaves no trace.
 *
 * Calls that wait for the same service share a commit: while one group is being made durable the next gathers. A lone call
 * does not wait for company.
 */
import * as dagCbor from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import type { CallRecord, History, LocalDatabase } from '../store/types.ts'
import type { CallRequest, GroupEffects, Outcome, Vm } from '../vm/types.ts'
import { checkCall } from './check-call.ts'
import { MAX_GROUP_BYTES } from './constants.ts'
import { contextOf, limitsOf } from './context.ts'
import { CallsError, callFailed } from './errors.ts'
import { createExecutedBefore } from './executed-before.ts'
import type { Instance, Instances } from './instances.ts'
import { openCall, type SignedCall } from './signed-call.ts'
import type { Asking, Executed, Identity } from './types.ts'

export interface ExecuteParts {
  vm: Vm
  history: History
  database: LocalDatabase
  instances: Instances
  identity: Identity
  now: () => number
}

/** A call whose signature was checked, as it waits for its turn. */
interface Turn {
  call: SignedCall
  envelope: Uint8Array
  /** under which its answer is kept */
  key: string
  from: string
  /** it may not begin later, in milliseconds since 1970 */
  deadline: number
}

type Succeeded = Outcome & { ok: true }

/** A call of a group, until it is known what became of it. */
interface Step {
  turn: Turn
  request?: CallRequest
  outcome?: Outcome
  settled?: PromiseSettledResult<Executed>
}

/** Executes a signed call; the same call again gets the stored answer, also after a restart. */
export type Execute = (envelope: Uint8Array, asking: Asking) => Promise<Executed>

/** The same for a call whose signature was checked. */
export type ExecuteOpened = (call: SignedCall, envelope: Uint8Array, asking: Asking) => Promise<Executed>

export function createExecute(parts: ExecuteParts): Execute {
  const execute = createExecuteOpened(parts)
  return async (envelope, asking) => execute(await openCall(envelope, 'call', parts.identity), envelope, asking)
}

export function createExecuteOpened(parts: ExecuteParts): ExecuteOpened {
  const { vm, history, instances, now } = parts
  const executedBefore = createExecutedBefore(parts)

  /** The step of a call that need not, or must not, be run; or the step with what to run. */
  const prepare = async (
    instance: Instance,
    turn: Turn,
    entry: Uint8Array | undefined,
    time: number,
  ): Promise<Step> => {
    const { call, envelope, from, deadline } = turn
    try {
      if (entry !== undefined)
        return { turn, settled: { status: 'fulfilled', value: await executedBefore.read(entry) } }
      if (instance.head.trust !== 'own') throw notTheHost()
      if (now() > deadline) throw waitedTooLong()
      checkCall(instance.contract, call)
      const who = { caller: call.caller, owner: instance.owner, service: instance.key }
      const context = contextOf(who, envelope, instance.head.commit, time)
      return { turn, request: { method: call.method, args: call.args, context, limits: limitsOf(call.gas, from) } }
    } catch (reason) {
      return { turn, settled: { status: 'rejected', reason } }
    }
  }

  /** The steps of the first turns: as many as fit together, and none of them the same call twice. */
  const gather = async (instance: Instance, turns: readonly Turn[], time: number): Promise<Step[]> => {
    const taken = new Map<string, Turn>()
    let bytes = 0
    for (const turn of turns) {
      bytes += turn.envelope.length
      if (taken.has(turn.key) || (bytes > MAX_GROUP_BYTES && taken.size > 0)) break
      taken.set(turn.key, turn)
    }
    const entries = await executedBefore.entries([...taken.keys()])
    return Promise.all([...taken.values()].map((turn, i) => prepare(instance, turn, entries[i], time)))
  }

  /** Makes durable what succeeded, and says so to each. */
  const commit = async (instance: Instance, steps: readonly Step[], time: number, change: GroupEffects['change']) => {
    const done = steps.filter(({ outcome }) => outcome?.ok)
    const records = done.map(({ turn, outcome }) => recordOf(turn.envelope, outcome as Succeeded))
    const { head } = instance
    instance.head = await history.append(head.service, {
      parent: head.commit,
      contract: head.contract,
      engine: CID.parse(vm.engine),
      time,
      calls: records,
      delta: change!.delta,
      root: change!.root,
      also: (commit) =>
        done.map(({ turn }, index) => ({ put: 'meta', key: turn.key, value: dagCbor.encode({ commit, index }) })),
    })
    instance.time = time
    const { commit: cid, seq } = instance.head
    const proof = await executedBefore.proofs(cid)
    for (const [index, step] of done.entries()) {
      const { result, gas, logs } = step.outcome as Succeeded
      step.settled = { status: 'fulfilled', value: { result, gas, commit: cid, seq, index, ...proof(index), logs } }
    }
  }

  const run = async (instance: Instance, turns: readonly Turn[]) => {
    const time = Math.max(now(), instance.time)
    const steps = await gather(instance, turns, time)
    const begun = steps.filter(({ request }) => request !== undefined)
    if (begun.length === 0) return { results: steps.map(({ settled }) => settled!) }

    const { outcomes, change } = await vm.calls(
      instance.key,
      begun.map(({ request }) => request!),
    )
    // the worker went away with all of them: one by one it will be seen whose doing it was
    if (begun.length > 1 && !vm.isOpen(instance.key)) return { results: settledFirst(steps), alone: begun.length }

    for (const [i, outcome] of outcomes.entries()) {
      begun[i]!.outcome = outcome
      if (!outcome.ok) begun[i]!.settled = { status: 'rejected', reason: callFailed(outcome.error) }
    }
    try {
      if (change) await commit(instance, begun, time, change)
    } catch (error) {
      // the memory is ahead of what is on disk: throw it away
      await instances.discard(instance.head.service)
      throw error
    }
    return { results: settledFirst(steps) }
  }

  return async (call, envelope, asking) => {
    const turn = { call, envelope, key: `call/${call.id}`, from: asking.from, deadline: now() + call.ttlMs }
    return instances.join(call.service, turn, run, asking)
  }
}

/** What is known of the first steps, up to one of which nothing is: that and what follows has not begun. */
function settledFirst(steps: readonly Step[]): PromiseSettledResult<Executed>[] {
  const first = steps.findIndex(({ settled }) => settled === undefined)
  return steps.slice(0, first < 0 ? steps.length : first).map(({ settled }) => settled!)
}

function recordOf(envelope: Uint8Array, { result, gas }: Succeeded): CallRecord {
  return { envelope, result, gas }
}

function notTheHost(): CallsError {
  const hint = 'ask the host; amigo resolve NAME says who that is'
  return new CallsError('NOT_THE_HOST', 'This node only holds a copy of the service.', hint)
}

function waitedTooLong(): CallsError {
  const message = 'The call waited longer than its caller allowed.'
  return new CallsError('SERVICE_BUSY', message, 'nothing was changed: try again')
}
