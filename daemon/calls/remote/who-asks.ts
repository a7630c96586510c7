/** In whose name other nodes ask: they show a user's grant once, and are remembered, so that a question need not be signed. */
import type { CID } from 'multiformats/cid'
import { MAX_KNOWN_ASKERS } from '../constants.ts'
import { CallsError } from '../errors.ts'
import type { Caller } from '../receipt/hosts.ts'
import type { CheckEpoch } from '../tree/epochs-seen.ts'
import type { Identity } from '../types.ts'
import { openGrant } from './grant.ts'

export interface Claim {
  /** peer ID, certain */
  peer: string
  service: CID
  /** user ID, or service ID, claimed; the empty string: nobody's */
  caller: string
}

/**
 * The user in whose name a node asks.
 *
 * @param grant what proves it, if this node has not seen it
 * @throws CallsError GRANT_NEEDED if nothing proves the claim, ACCESS_DENIED if the grant is for something else
 */
export type WhoAsks = (claim: Claim, grant: Uint8Array | undefined) => Promise<Caller>

export interface WhoAsksParts {
  identity: Pick<Identity, 'network'>
  checkEpoch: CheckEpoch
}

export function createWhoAsks({ identity, checkEpoch }: WhoAsksParts): WhoAsks {
  /** longest unused first */
  const known = new Map<string, Caller>()
  /** A service may have gone to another host since, and come back. */
  const holds = (who: Caller): Promise<boolean> =>
    checkEpoch(who).then(
      () => true,
      () => false,
    )

  return async ({ peer, service, caller }, grant) => {
    if (caller === '') return { caller }
    const key = `${peer} ${caller} ${Buffer.from(service.multihash.digest).toString('latin1')}`
    let who = known.get(key)
    known.delete(key)
    if (who === undefined || !(await holds(who))) {
      if (grant === undefined) throw grantNeeded()
      who = await openGrant(grant, { service, peer, right: 'query' }, identity)
      if (who.caller !== caller) throw notTheirs()
      await checkEpoch(who)
    }
    known.set(key, who)
    if (known.size > MAX_KNOWN_ASKERS) known.delete(known.keys().next().value!)
    return who
  }
}

function grantNeeded(): CallsError {
  const hint = "show the user's grant, see specs/internode.md, section 12"
  return new CallsError('GRANT_NEEDED', 'Nothing says that this node may ask in the name of that user.', hint)
}

function notTheirs(): CallsError {
  const hint = 'see specs/internode.md, section 12'
  return new CallsError('ACCESS_DENIED', 'The grant is of another user than the one named.', hint)
}
