/** A question that a service asks another, on this node or elsewhere. Nobody executes it again; what it answered stands in the commit of who asked. */
import { randomBytes } from 'node:crypto'
import { CID } from 'multiformats/cid'
import { signQuery } from '../../../protocol/signed/envelope.ts'
import type { History } from '../../store/types.ts'
import type { Ask } from '../../vm/types.ts'
import { CALL_TTL_MS, NONCE_BYTES } from '../constants.ts'
import { grantOf } from '../remote/grant.ts'
import type { Remote } from '../remote/remote.ts'
import type { ExecutedBefore } from '../run/executed-before.ts'
import type { Ask as AskHere } from '../run/question.ts'
import type { Answered, Asking, Identity } from '../types.ts'
import { encodeArguments } from '../values.ts'
import type { Route } from './route.ts'

/** The service that asks, and in whose course. */
export interface AskingFor {
  service: CID
  /** user ID of its owner */
  owner: string
  origin: string
  chain: readonly string[]
}

export interface AskQueryParts {
  identity: Identity
  history: Pick<History, 'head'>
  executedBefore: Pick<ExecutedBefore, 'hosts'>
  ask: AskHere
  remote: Pick<Remote, 'query'>
}

export type AskQuery = (
  route: Route,
  ask: Pick<Ask, 'method' | 'args' | 'gas'>,
  who: AskingFor,
  asking: Asking,
) => Promise<Answered>

export function createAskQuery({ identity, history, executedBefore, ask: askHere, remote }: AskQueryParts): AskQuery {
  /** This node's word, as the host of a service, that it asks for it. */
  const grantFor = async ({ service, origin, chain }: AskingFor, of: CID, epoch: number): Promise<Uint8Array> => {
    const { genesis, handovers } = await executedBefore.hosts(service, epoch)
    const { method, args } = grantOf('query', identity.peerId)
    const nonce = randomBytes(NONCE_BYTES)
    const via = {
      // whose user began it counts for each question, and is said with each
      origin: origin === '' ? identity.user : origin,
      tree: randomBytes(32),
      chain: [...chain.map((one) => CID.parse(one)), service],
      proof: [genesis, ...handovers],
    }
    const grant = { network: identity.network.id, service: of, method, args: encodeArguments(args), nonce, via }
    return signQuery({ ...grant, ttlMs: CALL_TTL_MS, gas: 0 }, identity.node)
  }

  return async ({ service, host }, { method, args, gas }, who, asking) => {
    const head = await history.head(who.service)
    // a copy is nobody's host: it asks as somebody who did not sign
    const caller = head?.hosted ? who.service.toString() : ''
    const course = { origin: who.origin, chain: [...who.chain, who.service.toString()] }
    const question = { service, method, args, gas }
    if (host === undefined) {
      const callerOwner = caller === '' ? undefined : who.owner
      return askHere({ ...question, caller, callerOwner, ...course }, asking)
    }
    const grant = (): Promise<Uint8Array> => grantFor(who, service, head!.epoch)
    return remote.query(host, { ...question, as: { caller, ...course, grant } }, asking)
  }
}
