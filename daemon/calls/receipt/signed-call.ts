/** Signed calls as the use cases speak of them: user IDs in place of keys, gas that can be added up. */
import { randomBytes } from 'node:crypto'
import type { CID } from 'multiformats/cid'
import { callIdOf, signCall, signQuery, verifyCall, verifyQuery } from '../../../protocol/signed/envelope.ts'
import { userIdOf } from '../../../protocol/signed/user-id.ts'
import type { Json } from '../../api/vocabulary.ts'
import { CALL_TTL_MS, NONCE_BYTES } from '../constants.ts'
import { CallsError } from '../errors.ts'
import type { Identity } from '../types.ts'
import { encodeArguments } from '../values.ts'

/** A question can never be executed as a call: the two are signed apart. */
export type Purpose = 'call' | 'query'

export interface SignedCall {
  id: CID
  service: CID
  method: string
  args: Uint8Array
  /** user ID of whoever signed it */
  caller: string
  /** what it may use at most; undefined: as much as the contract's manifest gives a call */
  gas: bigint | undefined
  ttlMs: number
}

/** What the user wants called, before it is signed. */
export interface Wanted {
  service: CID
  method: string
  args: readonly Json[]
  /** @default what the contract's manifest gives a call */
  gas?: number | undefined
}

/** Signs a call or a query in the name of this node's user. Each has a nonce of its own: signing twice makes two calls. */
export function makeCall(
  { service, method, args, gas }: Wanted,
  purpose: Purpose,
  identity: Identity,
): Promise<Uint8Array> {
  const call = {
    network: identity.network.id,
    service,
    method,
    args: encodeArguments(args),
    nonce: randomBytes(NONCE_BYTES),
    ttlMs: CALL_TTL_MS,
    gas: wholeGas(gas) ?? 0,
  }
  return (purpose === 'call' ? signCall : signQuery)(call, identity.owner)
}

/** @throws ProtocolError ENVELOPE_INVALID, SIGNATURE_INVALID; CallsError WRONG_NETWORK */
export async function openCall(
  envelope: Uint8Array,
  purpose: Purpose,
  { network }: Pick<Identity, 'network'>,
): Promise<SignedCall> {
  const { service, method, args, caller, gas, ttlMs, ...call } = await (purpose === 'call' ? verifyCall : verifyQuery)(
    envelope,
  )
  if (call.network !== network.id) {
    const hint = `this node is on the network ${network.name} (${network.id})`
    throw new CallsError('WRONG_NETWORK', 'The call was signed for another network.', hint)
  }
  const limit = gas === 0 ? undefined : BigInt(gas)
  return { id: await callIdOf(envelope), service, method, args, caller: userIdOf(caller), gas: limit, ttlMs }
}

/** What a user allows, as an envelope says it: whole units, at least one. */
export function wholeGas(gas: number | undefined): number | undefined {
  return gas === undefined ? undefined : Math.min(Math.max(1, Math.floor(gas)), Number.MAX_SAFE_INTEGER)
}
