/** The record of one node: what it runs for its user, signed with the node's key. specs/registry.md, "Node record". */
import type { CID } from 'multiformats/cid'
import { fieldsOf } from '../codec.ts'
import {
  MAX_NODE_RECORD_BYTES,
  MAX_NODE_RECORD_ITEMS,
  MAX_RECORD_DEPTH,
  NODE_RECORD_DOMAIN,
  NODE_RECORD_NAMESPACE,
} from '../constants.ts'
import { isCborLink } from '../link.ts'
import type { Signer } from '../types.ts'
import { isPeerId, peerIdOfKey, userIdOf } from '../user-id.ts'
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
import type { NodeRecord } from './types.ts'

const LIMITS = { bytes: MAX_NODE_RECORD_BYTES, depth: MAX_RECORD_DEPTH, items: MAX_NODE_RECORD_ITEMS }
const FIELDS = ['v', 'node', 'user', 'network', 'seq', 'issued', 'expires', 'list'] as const

/** The DHT key of a node's record. */
export function nodeKey(peer: string): Uint8Array {
  return dhtKey(NODE_RECORD_NAMESPACE, peer)
}

/**
 * Makes and signs a record of the signer's node.
 *
 * @param user first key of the user whom it works for, in libp2p protobuf bytes
 * @throws {RegistryError} RECORD_INVALID for fields out of bounds
 */
export async function signNodeRecord(
  signer: Signer,
  user: Uint8Array,
  { network, seq, issued, expires, list }: RecordTerms & Pick<NodeRecord, 'list'>,
): Promise<Uint8Array> {
  const body = { v: 1, node: signer.publicKey, user, network, seq, issued, expires, list }
  const bytes = await sealRecord(signer, NODE_RECORD_DOMAIN, body)
  decodeNodeRecord(bytes)
  return bytes
}

/** Reads a record's fields, without judging signature or time. @throws {RegistryError} RECORD_INVALID */
export function decodeNodeRecord(bytes: Uint8Array): NodeRecord {
  return open(bytes).record
}

/**
 * Reads and judges a record. Whether its user certifies the node is in the user's home.
 * @throws {RegistryError} as verifyHomeRecord
 */
export async function verifyNodeRecord(bytes: Uint8Array, context: RecordContext): Promise<NodeRecord> {
  const node = idOfKey(context.key, NODE_RECORD_NAMESPACE, isPeerId)
  const { record, parts, publicKey } = open(bytes)
  if (record.node !== node) throw refusal('RECORD_WRONG_KEY', 'it is signed by another node than its key names')
  await judgeTerms(record, context, () => isSignedBy(publicKey, NODE_RECORD_DOMAIN, parts))
  return record
}

function open(bytes: Uint8Array): { record: NodeRecord; parts: SignedParts; publicKey: Uint8Array } {
  return readingRecord(() => {
    const parts = openRecord(bytes, LIMITS)
    const { v, node, user, list, ...terms } = fieldsOf(parts.body, FIELDS)
    if (v !== 1) throw new Error('its version is not 1')
    if (!(node instanceof Uint8Array) || !(user instanceof Uint8Array)) throw new Error('its keys are not bytes')
    if (!isCborLink(list)) throw new Error('its list is not the CID of a dag-cbor block')
    const names = { node: peerIdOfKey(node), user: userIdOf(user) }
    return { record: { ...names, ...checkTerms(terms), list: list as CID }, parts, publicKey: node }
  })
}
