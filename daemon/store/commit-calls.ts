import type { CID } from 'multiformats/cid'
import type { Block } from './block.ts'
import { cborBlock, DAG_CBOR } from './block.ts'
import { decodeCanonical } from './canonical.ts'
import { MAX_BLOCK_BYTES, MAX_CALLS_BYTES, MAX_CALLS_PER_COMMIT, MAX_INLINE_CALLS_BYTES } from './constants.ts'
import { StoreError } from './errors.ts'
import { asOurCid, fieldsOf } from './fields.ts'
import type { Payload } from './payload.ts'
import { asPayload, need, packPayload, unpackPayload } from './payload.ts'
import type { Blocks, CallRecord } from './types.ts'

/** A call as it stands in a block. */
export interface PackedCall {
  envelope: Payload
  result: Payload
  gas: bigint
}

/** The calls of a commit, or the link to the block with their list. */
export type PackedCalls = readonly PackedCall[] | CID

const MAX_GAS: bigint = 2n ** 64n - 1n

/** Adds what has to be linked to `blocks`. @throws StoreError COMMIT_TOO_LARGE */
export const packCalls = (calls: readonly CallRecord[], blocks: Block[]): PackedCalls => {
  const size = calls.reduce((sum, { envelope, result }) => sum + envelope.length + result.length, 0)
  if (calls.length > MAX_CALLS_PER_COMMIT || size > MAX_CALLS_BYTES) {
    throw new StoreError('COMMIT_TOO_LARGE', `${calls.length} calls of ${size} bytes are too much for one commit.`)
  }
  const packed = calls.map(({ envelope, result, gas }) => {
    if (gas < 0n || gas > MAX_GAS) throw new StoreError('STATE_INVALID', 'The gas of a call is out of range.')
    return { envelope: packPayload(envelope, blocks), result: packPayload(result, blocks), gas }
  })
  const list = cborBlock(packed)
  if (list.bytes.length <= MAX_INLINE_CALLS_BYTES) return packed
  blocks.push(list)
  return list.cid
}

/** @throws StoreError BLOCK_MISSING, BLOCK_INVALID */
export const unpackCalls = async (calls: PackedCalls, blocks: Blocks): Promise<CallRecord[]> => {
  const list = isLink(calls) ? decodeCalls(decodeCanonical(await need(blocks, calls), MAX_BLOCK_BYTES)) : calls
  const records: CallRecord[] = []
  let left = MAX_CALLS_BYTES
  for (const call of list) {
    const envelope = await unpackPayload(call.envelope, blocks, left)
    const result = await unpackPayload(call.result, blocks, left - envelope.length)
    left -= envelope.length + result.length
    if (left < 0) throw new StoreError('BLOCK_INVALID', 'The calls of a commit are too large.')
    records.push({ envelope, result, gas: call.gas })
  }
  return records
}

/** Checks what stands in the field `calls` of a commit. @throws StoreError BLOCK_INVALID */
export const asPackedCalls = (value: unknown): PackedCalls => {
  const link = asOurCid(value)
  if (link?.code === DAG_CBOR) return link
  return decodeCalls(value)
}

const decodeCalls = (value: unknown): PackedCall[] => {
  if (!Array.isArray(value) || value.length > MAX_CALLS_PER_COMMIT) {
    throw new StoreError('BLOCK_INVALID', 'A commit has no list of calls, or too long a one.')
  }
  return value.map((item) => {
    const fields = fieldsOf(item, 'call')
    const call = {
      envelope: asPayload(fields.take('envelope')),
      result: asPayload(fields.take('result')),
      gas: asGas(fields.take('gas')),
    }
    fields.end()
    return call
  })
}

const asGas = (value: unknown): bigint => {
  const gas = Number.isSafeInteger(value) ? BigInt(value as number) : value
  if (typeof gas !== 'bigint' || gas < 0n || gas > MAX_GAS)
    throw new StoreError('BLOCK_INVALID', 'The gas of a call is out of range.')
  return gas
}

const isLink = (calls: PackedCalls): calls is CID => !Array.isArray(calls)
