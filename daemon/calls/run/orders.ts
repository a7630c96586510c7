/** What the owner of a service may order of its host, besides calls: other code, an older state. Each stands in the history, signed. */
import type { CID } from 'multiformats/cid'
import type { Json } from '../../api/vocabulary.ts'
import { CallsError } from '../errors.ts'
import { makeCall } from '../receipt/signed-call.ts'
import type { Identity } from '../types.ts'
import type { Instance, Instances } from './instances.ts'

/** An order that was signed, with what a commit of it says of its time. */
export interface Order {
  envelope: Uint8Array
  /** milliseconds since 1970 */
  time: number
}

export interface OrderParts {
  identity: Identity
  instances: Instances
  now: () => number
}

export type Carry = <T>(
  service: CID,
  order: { method: string; args: (instance: Instance) => Json[] },
  task: (instance: Instance, order: Order) => Promise<T>,
  signal: AbortSignal,
) => Promise<T>

/**
 * Signs an order and carries it out while nothing else is called: what the task sees of the service is what is on disk. Afterwards the
 * service is opened again from there, whatever came of it.
 *
 * @throws CallsError NOT_THE_HOST, NOT_THE_OWNER
 */
export function createCarry({ identity, instances, now }: OrderParts): Carry {
  return (service, { method, args }, task, signal) => {
    const alone = async (instance: Instance) => {
      check(instance, identity)
      const envelope = await makeCall({ service, method, args: args(instance) }, 'call', identity)
      try {
        return await task(instance, { envelope, time: Math.max(now(), instance.time) })
      } finally {
        await instances.discard(service)
      }
    }
    return instances.use(service, alone, { from: 'local', signal })
  }
}

function check({ head, contract, owner }: Instance, { user }: Identity): void {
  const { name } = contract.manifest
  if (!head.hosted) {
    const hint = 'do it on the node of its host, or fork the service'
    throw new CallsError('NOT_THE_HOST', `This node only holds a copy of ${name}.`, hint)
  }
  if (owner === user) return
  throw new CallsError(
    'NOT_THE_OWNER',
    `${name} belongs to ${owner}, and this node works for ${user}.`,
    'fork the service',
  )
}
