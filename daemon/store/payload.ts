import type { CID } from 'multiformats/cid'
import type { Block } from './block.ts'
import { DAG_CBOR } from './block.ts'
import { MAX_INLINE_BYTES, MAX_PART_BYTES } from './constants.ts'
import type { Blocks } from './database-types.ts'
import { StoreError } from './errors.ts'
import type { Fields } from './fields.ts'
import { asOurCid } from './fields.ts'
import type { Owner } from './owned-block.ts'
import { openOwned, ownedBlock } from './owned-block.ts'

/** Bytes inside a commit: as they are, or the link to a block with them, or to a list of such blocks. */
export type Payload = Uint8Array | CID

/**
 * Keeps short bytes; longer ones become blocks of that commit, added to `blocks`, of which the link is returned.
 *
 * @param mostInline what is short
 */
export const packPayload = (
  bytes: Uint8Array,
  blocks: Block[],
  owner: Owner,
  mostInline: number = MAX_INLINE_BYTES,
): Payload => {
  if (bytes.length <= mostInline) return bytes
  const parts: CID[] = []
  for (let at = 0; at < bytes.length; at += MAX_PART_BYTES) {
    parts.push(added(ownedBlock(owner, { bytes: bytes.subarray(at, at + MAX_PART_BYTES) }), blocks))
  }
  return parts.length === 1 ? parts[0]! : added(ownedBlock(owner, { parts, size: bytes.length }), blocks)
}

/** @throws StoreError BLOCK_MISSING, BLOCK_INVALID (also when it is above `maxBytes`, or belongs to another commit) */
export const unpackPayload = async (
  payload: Payload,
  blocks: Blocks,
  maxBytes: number,
  owner: Owner,
): Promise<Uint8Array> => {
  if (payload instanceof Uint8Array) return payload
  const fields = openOwned(await need(blocks, payload), owner)
  if (fields.has('bytes')) return readBytes(fields, { min: 1, max: Math.min(maxBytes, MAX_PART_BYTES) })
  const { parts, size } = readList(fields, maxBytes)
  const whole = new Uint8Array(size)
  for (const [i, cid] of parts.entries()) {
    const length = Math.min(MAX_PART_BYTES, size - i * MAX_PART_BYTES)
    const part = readBytes(openOwned(await need(blocks, cid), owner), { min: length, max: length })
    whole.set(part, i * MAX_PART_BYTES)
  }
  return whole
}

/** A block that has to be here. @throws StoreError BLOCK_MISSING */
export const need = async (blocks: Blocks, cid: CID): Promise<Uint8Array> => {
  const bytes = await blocks.get(cid)
  if (bytes === undefined) throw new StoreError('BLOCK_MISSING', 'A block of the history is not on this node.', [cid])
  return bytes
}

/** What stands where a payload may stand: short bytes, or a link. */
export const asPayload = (value: unknown): Payload => {
  if (value instanceof Uint8Array && value.length <= MAX_INLINE_BYTES) return value
  const cid = asOurCid(value)
  if (cid?.code !== DAG_CBOR)
    throw new StoreError('BLOCK_INVALID', 'A commit holds neither short bytes nor a link where it should.')
  return cid
}

const readBytes = (fields: Fields, range: { min: number; max: number }): Uint8Array => {
  const bytes = fields.bytes('bytes', range)
  fields.end()
  return bytes
}

const readList = (fields: Fields, maxBytes: number): { parts: CID[]; size: number } => {
  const size = fields.count('size', maxBytes)
  const parts = fields.list('parts', Math.ceil(size / MAX_PART_BYTES)).map((part) => {
    const cid = asOurCid(part)
    if (cid?.code !== DAG_CBOR) throw new StoreError('BLOCK_INVALID', 'A list of blocks links to something else.')
    return cid
  })
  fields.end()
  // one part would be a second spelling of a block with bytes
  if (parts.length < 2 || parts.length !== Math.ceil(size / MAX_PART_BYTES))
    throw new StoreError('BLOCK_INVALID', 'A list of blocks lacks some.')
  return { parts, size }
}

const added = (block: Block, blocks: Block[]): CID => {
  blocks.push(block)
  return block.cid
}
