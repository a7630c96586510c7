import * as dagCbor from '@ipld/dag-cbor'
import { signName } from '../../../registry/names/name-record.ts'
import type { NameRecord, Registrars } from '../../../registry/names/types.ts'
import { publicKeyOf } from '../../../registry/user-id.ts'
import { HOUR, link, NETWORK, NOON, type Person, person } from '../helpers.ts'

export const DAY: number = 24 * HOUR

/** A hub, three witnesses of whom two have to sign, two users and somebody who is none of them. */
export interface Cast {
  hub: Person
  witnesses: [Person, Person, Person]
  alice: Person
  bob: Person
  mallory: Person
  network: Registrars
  /** the same without witnesses */
  simple: Registrars
}

export async function cast(): Promise<Cast> {
  const [hub, w1, w2, w3, alice, bob, mallory] = await Promise.all([10, 11, 12, 13, 1, 2, 66].map(person))
  const witnesses: Cast['witnesses'] = [w1!, w2!, w3!]
  const registrars = [hub!, ...witnesses].map(({ peer }) => peer)
  return {
    ...{ hub: hub!, witnesses, alice: alice!, bob: bob!, mallory: mallory! },
    network: { id: NETWORK, registrars, required: 2 },
    simple: { id: NETWORK, registrars: [hub!.peer], required: 0 },
  }
}

export function nameFields(changes: Partial<NameRecord> = {}): NameRecord {
  return {
    network: NETWORK,
    username: 'alice',
    user: null,
    seq: 7,
    issued: NOON,
    expires: NOON + 30 * DAY,
    book: link('book'),
    commit: link('commit'),
    ...changes,
  }
}

export const signed = (hub: Person, changes: Partial<NameRecord> = {}): Promise<Uint8Array> =>
  signName(hub.signer, nameFields(changes))

/** A record whose body was changed before it was signed: only the changed field can be the reason to refuse it. */
export async function forge(
  { hub, alice }: Cast,
  changes: Record<string, unknown>,
  extra: Record<string, unknown> = {},
): Promise<Uint8Array> {
  const body: Record<string, unknown> = { v: 1, ...nameFields(), user: publicKeyOf(alice.user), ...changes }
  for (const [name, value] of Object.entries(changes)) if (value === undefined) delete body[name]
  const sig = await hub.signer.sign(Buffer.concat([Buffer.from('amigos/name/1\0'), dagCbor.encode(body)]))
  return dagCbor.encode({ body, sigs: [{ key: hub.signer.publicKey, sig }], ...extra })
}
