/** Signed calls and grants: specs/internode.md, sections 8 and 12. */
import { concat, encodeMap } from './cbor.ts'
import { cidBytes } from './ids.ts'
import type { Signer } from './key.ts'

export interface Wanted {
  /** ID of the network */
  network: string
  /** service ID */
  service: string
  method: string
  /** JSON text of an array */
  args: string
  /** 0: as much as the manifest of the service says */
  gas: number
}

const DOMAIN = { call: 'amigos/call/1\0', query: 'amigos/query/1\0' }
/** How long after its receipt a host may begin with a call, in milliseconds. */
export const TTL_MS = 60_000
const NONCE_BYTES = 16

/** Each has a nonce of its own: signing twice makes two calls. */
export async function signEnvelope(
  purpose: 'call' | 'query',
  { network, service, method, args, gas }: Wanted,
  { publicKey, sign }: Signer,
): Promise<Uint8Array> {
  const utf8 = new TextEncoder()
  const body = encodeMap({
    ...{ v: 1, network, service: { cid: cidBytes(service) }, method, args: utf8.encode(args), caller: publicKey },
    ...{ nonce: crypto.getRandomValues(new Uint8Array(NONCE_BYTES)), ttlMs: TTL_MS, gas },
  })
  const signature = await sign(concat([utf8.encode(DOMAIN[purpose]), body]))
  return encodeMap({ body, signature })
}

/** The word of who signs that a node may ask a service questions, or be told its history, in the signer's name. */
export function signGrant(
  right: 'query' | 'history',
  { network, service, peerId }: { network: string; service: string; peerId: string },
  signer: Signer,
): Promise<Uint8Array> {
  const wanted = { network, service, method: `@${right}`, args: JSON.stringify([peerId]), gas: 0 }
  return signEnvelope('query', wanted, signer)
}
