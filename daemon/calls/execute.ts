/** Runs signed calls on the services of this node: each commits whole and is durable before it is answered, or leaves no trace. */
import * as dagCbor from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import type { Database, History } from '../store/types.ts'
import type { Vm } from '../vm/types.ts'
import { checkCall } from './check-call.ts'
import { contextOf, limitsOf } from './context.ts'
import { CallsError, callFailed } from './errors.ts'
import type { Instance, Instances } from './instances.ts'
import { openCall, type SignedCall } from './signed-call.ts'
import type { Asking, Executed, Identity } from './types.ts'

export interface ExecuteParts {
  vm: Vm
  history: History
  database: Database
  instances: Instances
  identity: Identity
  now: () => number
}

/** One call whose turn it is. */
interface Turn {
  call: SignedCall
  envelope: Uint8Array
  /** under which its answer is kept */
  key: string
  from: string
}

/** Executes a signed call; the same call again gets the stored answer, also after a restart. */
export type Execute = (envelope: Uint8Array, asking: Asking) => Promise<Executed>

export function createExecute(parts: ExecuteParts): Execute {
  const { vm, history, database, instances, identity, now } = parts

  const answered = async (key: string): Promise<Executed | undefined> => {
    const entry = await database.meta.get(key)
    if (entry === undefined) return undefined
    const { commit: cid, index } = dagCbor.decode<{ commit: CID; index: number }>(entry)
    const [commit, block] = await Promise.all([history.commit(cid), database.blocks.get(cid)])
    const { result, gas } = commit.calls[index]!
    return { result, gas, commit: cid, seq: commit.seq, index, block: block!, logs: [] }
  }

  const run = async (instance: Instance, { call, envelope, key, from }: Turn): Promise<Executed> => {
    const { head, contract } = instance
    checkCall(contract, call)
    const time = Math.max(now(), instance.time)
    const who = { caller: call.caller, owner: instance.owner, service: instance.key }
    const { outcome, change } = await vm.call(instance.key, {
      method: call.method,
      args: call.args,
      context: contextOf(who, envelope, head.commit, time),
      limits: limitsOf(call.gas, from),
    })
    if (!outcome.ok) throw callFailed(outcome.error)
    const record = { envelope, result: outcome.result, gas: outcome.gas }
    try {
      instance.head = await history.append(head.service, {
        parent: head.commit,
        contract: head.contract,
        engine: CID.parse(vm.engine),
        time,
        calls: [record],
        delta: change!.delta,
        root: change!.root,
        also: (commit) => [{ put: 'meta', key, value: dagCbor.encode({ commit, index: 0 }) }],
      })
    } catch (error) {
      // the memory is ahead of what is on disk: throw it away
      await instances.discard(head.service)
      throw error
    }
    instance.time = time
    const { commit, seq } = instance.head
    const block = (await database.blocks.get(commit))!
    return { result: outcome.result, gas: outcome.gas, commit, seq, index: 0, block, logs: outcome.logs }
  }

  return async (envelope, asking) => {
    const call = await openCall(envelope, 'call', identity)
    const key = `call/${call.id}`
    const deadline = now() + call.ttlMs
    const head = await history.head(call.service)
    if (head !== undefined && head.trust !== 'own') {
      const hint = 'ask the host; amigo resolve NAME says who that is'
      throw new CallsError('NOT_THE_HOST', 'This node only holds a copy of the service.', hint)
    }
    const task = async (instance: Instance): Promise<Executed> => {
      const before = await answered(key)
      if (before !== undefined) return before
      if (now() > deadline) {
        throw new CallsError(
          'SERVICE_BUSY',
          'The call waited longer than its caller allowed.',
          'nothing was changed: try again',
        )
      }
      return run(instance, { call, envelope, key, from: asking.from })
    }
    return instances.use(call.service, task, asking)
  }
}
