/** How a user whose ID is that of a first key goes on with other keys: specs/registry.md, "Keys". */
import * as dagCbor from '@ipld/dag-cbor'
import { publicKeyFromProtobuf } from '@libp2p/crypto/keys'
import { equalBytes, fieldsOf } from '../codec.ts'
import { LINK_DOMAIN, MAX_KEY_LINKS, SIGNATURE_BYTES } from '../constants.ts'
import type { Signer } from '../types.ts'
import { userIdOf } from '../user-id.ts'
import type { KeyLink } from './types.ts'

/**
 * One more link: the key that was valid until now names the next.
 *
 * @param first the key that the user's ID stands for, in libp2p protobuf bytes
 * @param number of the new link; the first is 1
 * @param old signs with the key before
 */
export async function makeLink(first: Uint8Array, number: number, old: Signer, key: Uint8Array): Promise<KeyLink> {
  return { key, sig: await old.sign(linkBytes(first, number, key)) }
}

/** The keys of a user in the order of their use, the first one first; signatures are not looked at. @throws {Error} */
export function checkLinks(first: Uint8Array, value: unknown): { links: KeyLink[]; keys: Uint8Array[] } {
  if (!Array.isArray(value) || value.length > MAX_KEY_LINKS) {
    throw new Error(`its links are not a list of at most ${MAX_KEY_LINKS}`)
  }
  const links = value.map(checkLink)
  const keys = [first, ...links.map(({ key }) => key)]
  for (const [index, key] of keys.entries()) {
    // an old key that comes back would make the order of the links meaningless
    if (keys.findIndex((other) => equalBytes(other, key)) !== index) throw new Error('it goes back to an old key')
  }
  return { links, keys }
}

/** Whether each key of the chain was named by the one before it. */
export async function areLinked(keys: readonly Uint8Array[], links: readonly KeyLink[]): Promise<boolean> {
  for (const [index, { key, sig }] of links.entries()) {
    const old = keys[index]!
    try {
      if (!(await publicKeyFromProtobuf(old).verify(linkBytes(keys[0]!, index + 1, key), sig))) return false
    } catch {
      return false
    }
  }
  return true
}

function checkLink(value: unknown): KeyLink {
  const { key, sig } = fieldsOf(value, ['key', 'sig'])
  if (!(key instanceof Uint8Array)) throw new Error('a link names no key')
  userIdOf(key)
  if (!(sig instanceof Uint8Array) || sig.byteLength !== SIGNATURE_BYTES) throw new Error('a link is not signed')
  return { key, sig }
}

function linkBytes(first: Uint8Array, number: number, key: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(LINK_DOMAIN), dagCbor.encode({ user: first, number, key })])
}
