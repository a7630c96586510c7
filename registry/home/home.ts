/** The block of a user's home: which nodes speak for the user, and what rarely changes. specs/registry.md, "Home". */
import * as dagCbor from '@ipld/dag-cbor'
import { decodeCanonical, fieldsOf } from '../codec.ts'
import { MAX_HOME_BYTES, MAX_HOME_DEPTH, MAX_HOME_ITEMS, MAX_HOME_NODES, MAX_HOME_USERNAMES } from '../constants.ts'
import { isLabel, USERNAME } from '../grammar/label.ts'
import { isLink } from '../link.ts'
import { blockLink, type Encoded, readingHome } from './block.ts'
import { checkNodes } from './check-nodes.ts'
import type { Home } from './types.ts'

const LIMITS = { bytes: MAX_HOME_BYTES, depth: MAX_HOME_DEPTH, items: MAX_HOME_ITEMS }
const FIELDS = ['v', 'nodes', 'page', 'usernames'] as const

/**
 * Encodes a home as one dag-cbor block.
 * @throws {RegistryError} HOME_INVALID: what could not be read back is not written
 */
export function encodeHome({ nodes, page, usernames }: Home): Encoded {
  const bytes = readingHome(() => dagCbor.encode({ v: 2, nodes, page, usernames }))
  decodeHome(bytes)
  return { cid: blockLink(bytes), bytes }
}

/**
 * Decodes and checks the block of a home.
 * @throws {RegistryError} HOME_INVALID
 */
export function decodeHome(bytes: Uint8Array): Home {
  return readingHome(() => {
    const { v, nodes, page, usernames } = fieldsOf(decodeCanonical(bytes, LIMITS), FIELDS)
    if (v !== 2) throw new Error('its version is not 2')
    if (page !== null && !isLink(page)) throw new Error('its page is not a CID of a block')
    return { nodes: checkNodes(nodes, MAX_HOME_NODES), page, usernames: checkUsernames(usernames) }
  })
}

function checkUsernames(value: unknown): string[] {
  const valid = Array.isArray(value) && value.length <= MAX_HOME_USERNAMES && new Set(value).size === value.length
  if (!valid || !value.every((name) => typeof name === 'string' && isLabel(name, USERNAME))) {
    throw new Error(`its usernames are not a list of at most ${MAX_HOME_USERNAMES} different ones`)
  }
  return value
}
