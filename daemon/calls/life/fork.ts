/** Makes a service of this user's own of a commit of another: the same code and the same state, and nothing is copied. */

import { randomBytes } from 'node:crypto'
import type { CID } from 'multiformats/cid'
import type { Serial } from '../../../registry/serial.ts'
import type { Head, History } from '../../store/types.ts'
import { NONCE_BYTES } from '../constants.ts'
import { CallsError } from '../errors.ts'
import { checkServiceName, type Names } from '../names/names.ts'
import type { LocalReplayer } from '../replay/replayer.ts'
import { isSealed } from '../run/check-access.ts'
import { isWrong } from '../run/instances.ts'
import type { Identity } from '../types.ts'
import { commitOf } from '../view/commit-of.ts'
import type { Contracts } from './contracts.ts'

export interface Forked {
  name: string
  head: Head
  /** the commit whose state it has */
  from: CID
}

/** @param of a service whose history is on this node. @throws CallsError NAME_TAKEN, NOT_A_COMMIT, REPLAY_MISMATCH */
export type Fork = (of: { head: Head; at?: CID | undefined }, as: string) => Promise<Forked>

export interface ForkParts {
  history: History
  contracts: Pick<Contracts, 'load'>
  names: Names
  identity: Identity
  replayer: Pick<LocalReplayer, 'behind' | 'mismatch'>
  /** two services under one name must not both find it free */
  naming: Serial
  now: () => number
}

export function createFork({ history, contracts, names, identity, replayer, naming, now }: ForkParts): Fork {
  const make: Fork = async ({ head, at }, as) => {
    const name = checkServiceName(as)
    const taken = await names.get(name)
    if (taken !== undefined && taken.running.length + taken.published.length > 0) {
      const hint = `choose another name: --as ${name}-2; amigo status lists those that are taken`
      throw new CallsError('NAME_TAKEN', `This node has used the name ${name} already.`, hint)
    }
    const mismatch = replayer.mismatch(head.service)
    if (mismatch) throw isWrong(head.service, mismatch)
    const from = await commitOf(history, head.service, at ?? head.commit)
    const forked = await history.fork({
      from: from.cid,
      sealed: isSealed(await contracts.load(from.contract)),
      genesis: { owner: identity.user, nonce: randomBytes(NONCE_BYTES), args: new Uint8Array(0) },
      time: Math.max(now(), from.time),
      also: (service) => [names.write({ name, running: [{ service, line: null }], published: [] })],
    })
    // its trust is that of what it was made of, until that has been executed here
    if (forked.trust === 'signed') replayer.behind(forked.service)
    return { name, head: forked, from: from.cid }
  }

  return (of, as) => naming(identity.user, () => make(of, as))
}
