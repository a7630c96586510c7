import { base36 } from 'multiformats/bases/base36'
import { CID } from 'multiformats/cid'
import { identity } from 'multiformats/hashes/identity'
import { sameBytes } from './block.ts'
import type { FirstBody, HandoverBody } from './commit-body.ts'
import type { SignedCommit } from './commit-codec.ts'
import type { Verify } from './database-types.ts'
import { StoreError } from './errors.ts'
import { type HandoverOrder, handoverBytes } from './signed-bytes.ts'

/** Multicodec of a libp2p public key. */
const LIBP2P_KEY = 0x72

/** Whether the owner of the genesis gave this handover commit its word. */
export const isOrdered = async (
  { owner }: FirstBody['genesis'],
  { handover, ...order }: Pick<HandoverBody, 'handover' | keyof HandoverOrder>,
  verify: Verify,
): Promise<boolean> => {
  // the user ID is the key itself: no other key has it
  if (CID.createV1(LIBP2P_KEY, identity.digest(handover.owner)).toString(base36) !== owner) return false
  try {
    return await verify(handover.owner, handoverBytes(order), handover.sig)
  } catch {
    // a key that is no point of the curve, for example
    return false
  }
}

export interface SignedFirst extends SignedCommit {
  body: FirstBody
}

/**
 * The host's key in each epoch, by the genesis and the handovers alone; what lies between them need not be at hand.
 *
 * @param handovers oldest first, their own signatures checked
 * @throws StoreError BROKEN_CHAIN
 */
export const hostsOf = async (
  genesis: SignedFirst,
  handovers: readonly SignedCommit[],
  verify: Verify,
): Promise<Uint8Array[]> => {
  const hosts = [genesis.body.host]
  let seq = 0
  for (const { cid, body } of handovers) {
    const follows =
      body.kind === 'handover' && body.service.equals(genesis.cid) && body.epoch === hosts.length && body.seq > seq
    if (!follows) throw new StoreError('BROKEN_CHAIN', 'A commit is not the next handover of its service.', [cid])
    if (!(await isOrdered(genesis.body.genesis, body, verify))) throw notOrdered(cid)
    hosts.push(body.host)
    seq = body.seq
  }
  return hosts
}

/** Whether one of these keys, by epoch, is that of the commit. */
export const isByHost = (hosts: readonly Uint8Array[], { body: { epoch, host } }: SignedCommit): boolean =>
  hosts[epoch] !== undefined && sameBytes(hosts[epoch], host)

/** BROKEN_CHAIN, about a handover without the word of the owner. */
export const notOrdered = (cid: CID): StoreError =>
  new StoreError('BROKEN_CHAIN', 'The owner of a service did not hand it over to this host.', [cid])
