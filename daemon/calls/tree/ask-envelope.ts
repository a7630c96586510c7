/** A call that a service of this node makes, signed by this node: always the same bytes for the same ask of the same call. specs/imports.md, "Once". */
import { hash } from 'node:crypto'
import { CID } from 'multiformats/cid'
import { callIdOf, signCall } from '../../../protocol/signed/envelope.ts'
import type { Network } from '../../../registry/network/types.ts'
import { CALL_TTL_MS, NONCE_BYTES } from '../constants.ts'
import type { SignedCall } from '../receipt/signed-call.ts'
import type { Hosts } from '../run/executed-before.ts'
import type { Identity } from '../types.ts'

/** Which ask of which call. */
export interface AskPlace {
  /** the call that asks */
  call: Pick<SignedCall, 'id' | 'service' | 'origin' | 'chain' | 'tree'>
  /** its place among the asks of that call, from 0 */
  index: number
  service: CID
  method: string
  args: Uint8Array
}

/** Who asks. */
export interface AskingService extends Hosts {
  /** user ID of its owner */
  owner: string
}

/**
 * What makes two asks the same: if one is made again after a crash, whoever executed the first answers the second with what became of that. Neither the
 * state nor the time is in it.
 */
export function nonceOf({
  call,
  index,
  service,
  method,
  args,
}: Omit<AskPlace, 'call'> & { call: Pick<SignedCall, 'id'> }): Uint8Array {
  const head = `amigos/ask/1\0${call.id}\0${index}\0${service}\0${method}\0`
  return hash('sha256', Buffer.concat([Buffer.from(head), args]), 'buffer').subarray(0, NONCE_BYTES)
}

/** @param network of whom it is for */
export function signAsk(
  place: AskPlace,
  asking: AskingService,
  { node, network }: Pick<Identity, 'node'> & { network: Pick<Network, 'id'> },
): Promise<Uint8Array> {
  const { call, service, method, args } = place
  return signCall(
    {
      ...{ network: network.id, service, method, args },
      nonce: nonceOf(place),
      ttlMs: CALL_TTL_MS,
      // what the contract that is called gives: what is left to the one that asks depends on its state
      gas: 0,
      via: {
        origin: call.origin,
        tree: Buffer.from(call.tree, 'hex'),
        chain: [...call.chain.map((one) => CID.parse(one)), call.service],
        proof: [asking.genesis, ...asking.handovers],
      },
    },
    node,
  )
}

/** What such an envelope says, for whoever signed it: it need not be opened. */
export async function callOf(
  envelope: Uint8Array,
  { call, service, method, args }: AskPlace,
  { owner }: Pick<AskingService, 'owner'>,
): Promise<SignedCall> {
  const asker = call.service.toString()
  const made = { id: await callIdOf(envelope), service, method, args, gas: undefined, ttlMs: CALL_TTL_MS }
  const who = { caller: asker, callerOwner: owner, origin: call.origin, chain: [...call.chain, asker] }
  return { ...made, ...who, tree: call.tree }
}
