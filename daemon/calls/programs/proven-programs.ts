/** In whose name programs in browsers ask. All come through this node, so that each shows what its user signed every time; it is checked once. */
import type { CID } from 'multiformats/cid'
import type { Claim } from '../../door/types.ts'
import { MAX_KNOWN_PROGRAMS } from '../constants.ts'
import { CallsError } from '../errors.ts'
import { type GrantedRight, openGrant } from '../remote/grant.ts'
import type { Identity } from '../types.ts'

/**
 * The user ID that a claim proves; the empty string for who claims nothing.
 *
 * @throws CallsError ACCESS_DENIED, WRONG_NETWORK; ProtocolError ENVELOPE_INVALID, SIGNATURE_INVALID
 */
export type ProvenUser = (claim: Claim | undefined, of: { service: CID; right: GrantedRight }) => Promise<string>

export function createProvenUser(identity: Pick<Identity, 'network' | 'peerId' | 'user'>): ProvenUser {
  /** by everything that was shown, longest unused first */
  const known = new Map<string, string>()
  return async (claim, { service, right }) => {
    if (claim === undefined) return ''
    const key = `${right} ${service} ${Buffer.from(claim.grant).toString('base64')}`
    const user =
      known.get(key) ?? (await openGrant(claim.grant, { service, peer: identity.peerId, right }, identity)).caller
    known.delete(key)
    known.set(key, user)
    if (known.size > MAX_KNOWN_PROGRAMS) known.delete(known.keys().next().value!)
    if (user !== claim.user) throw denied('The grant is of another user than the one named.')
    // other nodes are shown such grants, and might pass them on to a program
    if (user === identity.user) throw denied('No program asks in the name of the user of this node.')
    return user
  }
}

function denied(message: string): CallsError {
  return new CallsError('ACCESS_DENIED', message, 'see specs/client.md, "Browsers"')
}
