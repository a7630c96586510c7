import type { CID } from 'multiformats/cid'
import type { Block } from './block.ts'
import { cborBlock, DAG_CBOR, RAW, rawBlock } from './block.ts'
import { decodeCanonical } from './canonical.ts'
import { MAX_BLOCK_BYTES, MAX_COMMIT_BYTES, MAX_INLINE_BYTES } from './constants.ts'
import type { Blocks } from './database-types.ts'
import { StoreError } from './errors.ts'
import { asOurCid, fieldsOf } from './fields.ts'

/** Bytes inside a commit: as they are, or the link to a raw block, or to a list of raw blocks. */
export type Payload = Uint8Array | CID

/** Keeps short bytes; longer ones become blocks, added to `blocks`, of which the link is returned. */
export const packPayload = (bytes: Uint8Array, blocks: Block[]): Payload => {
  if (bytes.length <= MAX_INLINE_BYTES) return bytes
  if (bytes.length <= MAX_BLOCK_BYTES) return added(rawBlock(bytes), blocks)
  const parts: CID[] = []
  for (let at = 0; at < bytes.length; at += MAX_BLOCK_BYTES) {
    parts.push(added(rawBlock(bytes.subarray(at, at + MAX_BLOCK_BYTES)), blocks))
  }
  return added(cborBlock({ parts, size: bytes.length }), blocks)
}

/** @throws StoreError BLOCK_MISSING, BLOCK_INVALID (also when it is above `maxBytes`) */
export const unpackPayload = async (payload: Payload, blocks: Blocks, maxBytes: number): Promise<Uint8Array> => {
  if (payload instanceof Uint8Array) return payload
  const bytes = await need(blocks, payload)
  if (payload.code !== DAG_CBOR) {
    if (bytes.length > maxBytes) throw tooLong(payload)
    return bytes
  }
  const { parts, size } = readList(bytes, maxBytes)
  const whole = new Uint8Array(size)
  for (const [i, cid] of parts.entries()) {
    const part = await need(blocks, cid)
    const length = Math.min(MAX_BLOCK_BYTES, size - i * MAX_BLOCK_BYTES)
    if (part.length !== length) throw tooLong(cid)
    whole.set(part, i * MAX_BLOCK_BYTES)
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
  if (cid === undefined)
    throw new StoreError('BLOCK_INVALID', 'A commit holds neither short bytes nor a link where it should.')
  return cid
}

const readList = (bytes: Uint8Array, maxBytes: number): { parts: CID[]; size: number } => {
  const fields = fieldsOf(decodeCanonical(bytes, MAX_COMMIT_BYTES), 'list of blocks')
  const size = fields.count('size', maxBytes)
  const parts = fields.list('parts', Math.ceil(size / MAX_BLOCK_BYTES)).map((part) => {
    const cid = asOurCid(part)
    if (cid?.code !== RAW) throw new StoreError('BLOCK_INVALID', 'A list of blocks links to something else.')
    return cid
  })
  fields.end()
  if (parts.length !== Math.ceil(size / MAX_BLOCK_BYTES))
    throw new StoreError('BLOCK_INVALID', 'A list of blocks lacks some.')
  return { parts, size }
}

const added = (block: Block, blocks: Block[]): CID => {
  blocks.push(block)
  return block.cid
}

const tooLong = (cid: CID): StoreError =>
  new StoreError('BLOCK_INVALID', 'A block of the history does not have the length it should have.', [cid])
