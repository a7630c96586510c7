/** A user's word that a node of theirs may read the history of a service: what stands in for a signature on each request. */
import type { CID } from 'multiformats/cid'
import { CallsError } from './errors.ts'
import { makeCall, openCall } from './signed-call.ts'
import type { Identity } from './types.ts'
import { decodeArguments } from './values.ts'

/** The method of a grant: no function can have such a name. Its argument is the peer ID of the node that may use it. */
const HISTORY = '@history'

/** Signed as a question, so that nobody can have it executed. */
export function makeGrant(service: CID, identity: Identity): Promise<Uint8Array> {
  return makeCall({ service, method: HISTORY, args: [identity.peerId] }, 'query', identity)
}

/**
 * The user who signed it. It is for this service and for the node that sends it: whoever is shown one cannot use it elsewhere.
 *
 * @throws CallsError ACCESS_DENIED, WRONG_NETWORK; ProtocolError ENVELOPE_INVALID, SIGNATURE_INVALID
 */
export async function openGrant(
  envelope: Uint8Array,
  { service, peer }: { service: CID; peer: string },
  identity: Identity,
): Promise<string> {
  const grant = await openCall(envelope, 'query', identity)
  if (grant.method === HISTORY && grant.service.equals(service) && decodeArguments(grant.args)[0] === peer)
    return grant.caller
  const message = 'What was signed does not let this node read the history of this service.'
  throw new CallsError('ACCESS_DENIED', message, 'see specs/internode.md, section 12')
}
