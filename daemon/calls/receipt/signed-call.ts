/** Signed calls as the use cases speak of them: user IDs in place of keys, gas that can be added up. */
import { randomBytes } from 'node:crypto'
import type { CID } from 'multiformats/cid'
import { ProtocolError } from '../../../protocol/errors.ts'
import { verifyEd25519 } from '../../../protocol/signed/ed25519.ts'
import { callIdOf, signCall, signQuery, verifyCall, verifyQuery } from '../../../protocol/signed/envelope.ts'
import type { Call } from '../../../protocol/types.ts'
import type { Json } from '../../api/vocabulary.ts'
import { CALL_TTL_MS, NONCE_BYTES } from '../constants.ts'
import { CallsError } from '../errors.ts'
import type { Identity } from '../types.ts'
import { encodeArguments } from '../values.ts'
import { type Caller, hostsBy, type ReadHosts, whoCalls } from './hosts.ts'

/** A question can never be executed as a call: the two are signed apart. */
export type Purpose = 'call' | 'query'

export interface SignedCall {
  id: CID
  service: CID
  method: string
  args: Uint8Array
  /** user ID of whoever signed it, or the service ID of the service that makes it */
  caller: string
  /** of a service that makes it: the user ID of its owner */
  callerOwner?: string
  /** of a service that makes it: how often it was handed over when who signed was its host */
  callerEpoch?: number
  /** user ID of whoever signed the first call of its tree: the word of the hosts in between */
  origin: string
  /** service IDs, from the first that was called to the one that makes this call; empty where a user does */
  chain: readonly string[]
  /** names the tree: the hash of its first call, in hexadecimal */
  tree: string
  /** what it may use at most; undefined: what the contract's manifest gives whoever calls */
  gas: bigint | undefined
  ttlMs: number
}

/** What the user wants called, before it is signed. */
export interface Wanted {
  service: CID
  method: string
  args: readonly Json[]
  /** @default what the contract's manifest gives whoever calls */
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
  readHosts: ReadHosts = hostsBy(verifyEd25519),
): Promise<SignedCall> {
  const call = await (purpose === 'call' ? verifyCall : verifyQuery)(envelope)
  const { service, method, args, gas, ttlMs, via } = call
  if (call.network !== network.id) {
    const hint = `this node is on the network ${network.name} (${network.id})`
    throw new CallsError('WRONG_NETWORK', 'The call was signed for another network.', hint)
  }
  const limit = gas === 0 ? undefined : BigInt(gas)
  const id = await callIdOf(envelope)
  const who = await callerOf(call, readHosts)
  return {
    ...{ id, service, method, args, gas: limit, ttlMs, ...who },
    origin: via?.origin ?? who.caller,
    chain: via?.chain.map(String) ?? [],
    tree: Buffer.from(via?.tree ?? id.multihash.digest).toString('hex'),
  }
}

async function callerOf(call: Call, readHosts: ReadHosts): Promise<Caller> {
  try {
    return await whoCalls(call, readHosts)
  } catch {
    const message = `The call says that the service ${call.via?.chain.at(-1)} makes it, and its host did not sign it.`
    throw new ProtocolError('SIGNATURE_INVALID', message, { party: 'remote' })
  }
}

/** What a user allows, as an envelope says it: whole units, at least one. */
export function wholeGas(gas: number | undefined): number | undefined {
  return gas === undefined ? undefined : Math.min(Math.max(1, Math.floor(gas)), Number.MAX_SAFE_INTEGER)
}
