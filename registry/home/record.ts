/** The record of a user's home: small, signed with the user's key, carried by the DHT. specs/registry.md, "Home record". */
import type { CID } from 'multiformats/cid'
import { fieldsOf } from '../codec.ts'
import {
  HOME_RECORD_DOMAIN,
  HOME_RECORD_NAMESPACE,
  MAX_HOME_RECORD_BYTES,
  MAX_HOME_RECORD_ITEMS,
  MAX_RECORD_DEPTH,
  MAX_RECORD_NODES,
} from '../constants.ts'
import { isCborLink } from '../link.ts'
import { isUserId, userIdOf } from '../user-id.ts'
import { checkNodes } from './check-nodes.ts'
import { areLinked, checkLinks } from './key-chain.ts'
import {
  checkTerms,
  dhtKey,
  idOfKey,
  isSignedBy,
  judgeTerms,
  openRecord,
  type RecordContext,
  type RecordTerms,
  readingRecord,
  refusal,
  type SignedParts,
  sealRecord,
} from './signed.ts'
import type { HomeRecord, UserSigner } from './types.ts'

const LIMITS = { bytes: MAX_HOME_RECORD_BYTES, depth: MAX_RECORD_DEPTH, items: MAX_HOME_RECORD_ITEMS }
const FIELDS = ['v', 'user', 'links', 'network', 'seq', 'issued', 'expires', 'home', 'nodes'] as const

/** The DHT key of a user's record. */
export function homeKey(user: string): Uint8Array {
  return dhtKey(HOME_RECORD_NAMESPACE, user)
}

/**
 * Makes and signs a record of the signer's user.
 * @throws {RegistryError} RECORD_INVALID for fields out of bounds
 */
export async function signHomeRecord(
  signer: UserSigner,
  { network, seq, issued, expires, home, nodes }: RecordTerms & Pick<HomeRecord, 'home' | 'nodes'>,
): Promise<Uint8Array> {
  const links = signer.links().map(({ key, sig }) => ({ key, sig }))
  const body = { v: 2, user: signer.publicKey, links, network, seq, issued, expires, home, nodes }
  const bytes = await sealRecord(signer, HOME_RECORD_DOMAIN, body)
  decodeHomeRecord(bytes)
  return bytes
}

/** Reads a record's fields, without judging signatures or time. @throws {RegistryError} RECORD_INVALID */
export function decodeHomeRecord(bytes: Uint8Array): HomeRecord {
  return open(bytes).record
}

/**
 * Reads and judges a record; the cheap checks come first. An expired record is reported as such only if all else is right.
 * @throws {RegistryError} RECORD_INVALID, RECORD_WRONG_KEY, RECORD_WRONG_NETWORK, RECORD_FROM_FUTURE, SIGNATURE_INVALID, RECORD_EXPIRED
 */
export async function verifyHomeRecord(bytes: Uint8Array, context: RecordContext): Promise<HomeRecord> {
  const user = idOfKey(context.key, HOME_RECORD_NAMESPACE, isUserId)
  const { record, parts } = open(bytes)
  if (record.user !== user) throw refusal('RECORD_WRONG_KEY', 'it is signed for another user than its key names')
  await judgeTerms(record, context, async () => {
    const { keys, links } = record
    return (await isSignedBy(keys.at(-1)!, HOME_RECORD_DOMAIN, parts)) && (await areLinked(keys, links))
  })
  return record
}

function open(bytes: Uint8Array): { record: HomeRecord; parts: SignedParts } {
  return readingRecord(() => {
    const parts = openRecord(bytes, LIMITS)
    return { record: checkBody(parts.body), parts }
  })
}

function checkBody(value: unknown): HomeRecord {
  const { v, user, links: chain, home, nodes, ...terms } = fieldsOf(value, FIELDS)
  if (v !== 2) throw new Error('its version is not 2')
  if (!(user instanceof Uint8Array)) throw new Error('its user is not a key')
  const { links, keys } = checkLinks(user, chain)
  if (!isCborLink(home)) throw new Error('its home is not the CID of a dag-cbor block')
  const peers = checkNodes(nodes, MAX_RECORD_NODES)
  return { user: userIdOf(user), keys, links, ...checkTerms(terms), home: home as CID, nodes: peers }
}
