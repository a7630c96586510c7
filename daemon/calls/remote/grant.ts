/** A user's word that a node of theirs may do something with a service in their name: what stands in for a signature on each request. */
import type { CID } from 'multiformats/cid'
import { CallsError } from '../errors.ts'
import type { Caller } from '../receipt/hosts.ts'
import { makeCall, openCall } from '../receipt/signed-call.ts'
import type { Identity } from '../types.ts'
import { decodeArguments } from '../values.ts'

/** What a grant is for: reading the history of a service, or asking it questions. */
export type GrantedRight = 'history' | 'query'

/** Methods of grants: no function can have such a name. Their argument is the peer ID of the node that may use it. */
const METHODS: Readonly<Record<GrantedRight, string>> = { history: '@history', query: '@query' }

/** What is signed of a grant, besides who signs it. @param peer ID of the node that may use it */
export function grantOf(right: GrantedRight, peer: string): { method: string; args: [string] } {
  return { method: METHODS[right], args: [peer] }
}

/** Signed as a question, so that nobody can have it executed. */
export function makeGrant(service: CID, identity: Identity, right: GrantedRight): Promise<Uint8Array> {
  return makeCall({ service, ...grantOf(right, identity.peerId) }, 'query', identity)
}

/**
 * The user who signed it, or the service whose host did. It is for this service and for the node that sends it: whoever is shown one cannot use it elsewhere.
 *
 * @throws CallsError ACCESS_DENIED, WRONG_NETWORK; ProtocolError ENVELOPE_INVALID, SIGNATURE_INVALID
 */
export async function openGrant(
  envelope: Uint8Array,
  { service, peer, right }: { service: CID; peer: string; right: GrantedRight },
  identity: Pick<Identity, 'network'>,
): Promise<Caller> {
  const grant = await openCall(envelope, 'query', identity)
  if (grant.method === METHODS[right] && grant.service.equals(service) && decodeArguments(grant.args)[0] === peer) {
    const { caller, callerOwner, callerEpoch } = grant
    return callerOwner === undefined ? { caller } : { caller, callerOwner, callerEpoch: callerEpoch ?? 0 }
  }
  const message = `What was signed does not give this node the right of ${right} in this service.`
  throw new CallsError('ACCESS_DENIED', message, 'see specs/internode.md, section 12')
}

/** Asks again with a grant when the host wants one before it begins. */
export async function* orGranted<T>(
  ask: (more: object) => AsyncIterable<T>,
  wanting: string,
  grant: () => Promise<Uint8Array>,
): AsyncGenerator<T> {
  let began = false
  try {
    for await (const one of ask({})) {
      began = true
      yield one
    }
  } catch (error) {
    if (began || (error as { code?: string }).code !== wanting) throw error
    yield* ask({ envelope: await grant() })
  }
}
