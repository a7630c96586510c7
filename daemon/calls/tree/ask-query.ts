/** A question that a service asks another, on this node or elsewhere. Nobody executes it again; what it answered stands in the commit of who asked. */
import { randomBytes } from 'node:crypto'
import { CID } from 'multiformats/cid'
import { signQuery } from '../../../protocol/signed/envelope.ts'
import type { Network } from '../../../registry/network/types.ts'
import type { History } from '../../store/types.ts'
import type { Ask } from '../../vm/types.ts'
import { CALL_TTL_MS, NONCE_BYTES } from '../constants.ts'
import { grantOf } from '../remote/grant.ts'
import type { Remote } from '../remote/remote.ts'
import type { ExecutedBefore } from '../run/executed-before.ts'
import type { Ask as AskHere } from '../run/question.ts'
import type { Answered, Asking, Identity } from '../types.ts'
import { encodeArguments } from '../values.ts'
import type { Abroad } from './abroad.ts'
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
  abroad: Abroad
}

export type AskQuery = (
  route: Route,
  ask: Pick<Ask, 'method' | 'args' | 'gas'>,
  who: AskingFor,
  asking: Asking,
) => Promise<Answered>

/** Who asks on which network: this node on its own, on another one the second node that it has there. */
interface Through {
  remote: Pick<Remote, 'query'>
  peerId: string
  network: Pick<Network, 'id'>
}

export function createAskQuery(parts: AskQueryParts): AskQuery {
  const { identity, history, executedBefore, ask: askHere, remote, abroad } = parts

  /** This node's word, as the host of a service, that it asks for it, or a node of its own does. */
  const grantFor = async (
    { service, origin, chain }: AskingFor,
    of: CID,
    epoch: number,
    { peerId, network }: Through,
  ): Promise<Uint8Array> => {
    const { genesis, handovers } = await executedBefore.hosts(service, epoch)
    const { method, args } = grantOf('query', peerId)
    const nonce = randomBytes(NONCE_BYTES)
    const via = {
      // whose user began it counts for each question, and is said with each
      origin: origin === '' ? identity.user : origin,
      tree: randomBytes(32),
      chain: [...chain.map((one) => CID.parse(one)), service],
      proof: [genesis, ...handovers],
    }
    const grant = { network: network.id, service: of, method, args: encodeArguments(args), nonce, via }
    return signQuery({ ...grant, ttlMs: CALL_TTL_MS, gas: 0 }, identity.node)
  }

  return async ({ service, host, abroad: network }, { method, args, gas }, who, asking) => {
    const head = await history.head(who.service)
    // a copy is nobody's host: it asks as somebody who did not sign
    const caller = head?.hosted ? who.service.toString() : ''
    const course = { origin: who.origin, chain: [...who.chain, who.service.toString()] }
    const question = { service, method, args, gas }
    if (host === undefined) {
      const callerOwner = caller === '' ? undefined : who.owner
      return askHere({ ...question, caller, callerOwner, ...course }, asking)
    }
    const queryBy = (through: Through): Promise<Answered> => {
      const grant = (): Promise<Uint8Array> => grantFor(who, service, head!.epoch, through)
      return through.remote.query(host, { ...question, as: { caller, ...course, grant } }, asking)
    }
    if (network === undefined) return queryBy({ remote, peerId: identity.peerId, network: identity.network })
    const options = { signal: asking.signal, byInvite: caller !== '' }
    return abroad(network, options, (there) => queryBy({ ...there, network: network.network }))
  }
}
