import type { CID } from 'multiformats/cid'
import type { Block } from './block.ts'
import { cborBlock, DAG_CBOR } from './block.ts'
import type { CallRecord } from './commit-types.ts'
import { CALLS_PER_CHUNK, MAX_CALLS_BYTES, MAX_CALLS_PER_COMMIT, MAX_INLINE_CALLS_BYTES } from './constants.ts'
import type { Blocks } from './database-types.ts'
import { StoreError } from './errors.ts'
import { asOurCid, fieldsOf } from './fields.ts'
import type { Owner } from './owned-block.ts'
import { openOwned, ownedBlock } from './owned-block.ts'
import type { Payload } from './payload.ts'
import { asPayload, need, packPayload, unpackPayload } from './payload.ts'

/** A call as it stands in a block. */
export interface PackedCall {
  envelope: Payload
  result: Payload
  gas: bigint
  /** absent if it emitted nothing */
  events?: Payload
  /** absent if it called nobody */
  inputs?: Payload
}

/**
 * Links to blocks with CALLS_PER_CHUNK calls each, the last with the rest: whoever proves one call shows one of them. Or to as many
 * blocks as there are calls, each with one, so that whoever proves it shows no other.
 */
export interface ChunkedCalls {
  count: number
  chunks: CID[]
}

/** The calls of a commit, in order. */
export type PackedCalls = readonly PackedCall[] | ChunkedCalls

const MAX_GAS: bigint = 2n ** 64n - 1n

/**
 * Adds what has to be linked to `blocks`.
 *
 * @param options.apart each of several calls by itself
 * @throws StoreError COMMIT_TOO_LARGE, STATE_INVALID
 */
export const packCalls = (
  calls: readonly CallRecord[],
  blocks: Block[],
  owner: Owner,
  { apart = false }: { apart?: boolean | undefined } = {},
): PackedCalls => {
  const bytes = calls.reduce((sum, call) => sum + bytesOf(call), 0)
  if (calls.length > MAX_CALLS_PER_COMMIT || bytes > MAX_CALLS_BYTES) {
    throw new StoreError('COMMIT_TOO_LARGE', `${calls.length} calls of ${bytes} bytes are too much for one commit.`)
  }
  const packed = calls.map(({ envelope, result, gas, events, inputs }): PackedCall => {
    if (gas < 0n || gas > MAX_GAS) throw new StoreError('STATE_INVALID', 'The gas of a call is out of range.')
    const pack = (part: Uint8Array): Payload => packPayload(part, blocks, owner)
    return {
      ...{ envelope: pack(envelope), result: pack(result), gas },
      ...(events?.length && { events: pack(events) }),
      ...(inputs?.length && { inputs: pack(inputs) }),
    }
  })
  const isApart = apart && packed.length > 1
  if (!isApart && packed.length <= CALLS_PER_CHUNK && cborBlock(packed).bytes.length <= MAX_INLINE_CALLS_BYTES)
    return packed
  const size = isApart ? 1 : CALLS_PER_CHUNK
  const chunks: CID[] = []
  for (let at = 0; at < packed.length; at += size) {
    const chunk = ownedBlock(owner, { calls: packed.slice(at, at + size) })
    blocks.push(chunk)
    chunks.push(chunk.cid)
  }
  return { count: packed.length, chunks }
}

/** @throws StoreError BLOCK_MISSING, BLOCK_INVALID */
export const unpackCalls = async (calls: PackedCalls, blocks: Blocks, owner: Owner): Promise<CallRecord[]> => {
  const records: CallRecord[] = []
  let left = MAX_CALLS_BYTES
  const unpack = async (payload: Payload): Promise<Uint8Array> => {
    const bytes = await unpackPayload(payload, blocks, left, owner)
    left -= bytes.length
    if (left < 0) throw new StoreError('BLOCK_INVALID', 'The calls of a commit are too large.')
    return bytes
  }
  for (const { gas, ...call } of isChunked(calls) ? await readChunks(calls, blocks, owner) : calls) {
    records.push({
      ...{ envelope: await unpack(call.envelope), result: await unpack(call.result), gas },
      ...(call.events !== undefined && { events: await unpack(call.events) }),
      ...(call.inputs !== undefined && { inputs: await unpack(call.inputs) }),
    })
  }
  return records
}

const readChunks = async ({ count, chunks }: ChunkedCalls, blocks: Blocks, owner: Owner): Promise<PackedCall[]> => {
  const packed: PackedCall[] = []
  for (const [chunk, cid] of chunks.entries())
    packed.push(...decodeChunk(await need(blocks, cid), { count, chunks: chunks.length, chunk, owner }))
  return packed
}

/** How many calls, and of how many chunks. */
interface Counts {
  count: number
  chunks: number
}

/** In which chunk the call with an index stands, and at which place there. */
export const placeOf = (index: number, counts: Counts): { chunk: number; place: number } => {
  const size = sizeOf(counts)
  return { chunk: Math.floor(index / size), place: index % size }
}

/** Of a single call both sizes are one. */
const sizeOf = ({ count, chunks }: Counts): number => (chunks === count ? 1 : CALLS_PER_CHUNK)

/**
 * The calls of a chunk, by its place among those of its commit.
 *
 * @throws StoreError BLOCK_INVALID
 */
export const decodeChunk = (
  bytes: Uint8Array,
  { chunk, owner, ...counts }: Counts & { chunk: number; owner: Owner },
): PackedCall[] => {
  const fields = openOwned(bytes, owner)
  const packed = decodeCalls(fields.take('calls'))
  fields.end()
  const size = sizeOf(counts)
  if (packed.length === Math.min(size, counts.count - chunk * size)) return packed
  throw new StoreError('BLOCK_INVALID', 'A block does not have as many calls as its commit says.')
}

/** Checks what stands in the field `calls` of a commit. @throws StoreError BLOCK_INVALID */
export const asPackedCalls = (value: unknown): PackedCalls => {
  if (Array.isArray(value)) return decodeCalls(value)
  const fields = fieldsOf(value, 'list of calls')
  const count = fields.count('count', MAX_CALLS_PER_COMMIT)
  const chunks = fields.list('chunks', count).map((item) => {
    const cid = asOurCid(item)
    if (cid?.code === DAG_CBOR) return cid
    throw new StoreError('BLOCK_INVALID', 'A list of calls links to something else.')
  })
  fields.end()
  if (chunks.length === 0 || (chunks.length !== count && chunks.length !== Math.ceil(count / CALLS_PER_CHUNK)))
    throw new StoreError('BLOCK_INVALID', 'A list of calls lacks some.')
  return { count, chunks }
}

/** Whether the calls lie in blocks that the commit links. */
export const isChunked = (calls: PackedCalls): calls is ChunkedCalls => !Array.isArray(calls)

const decodeCalls = (value: unknown): PackedCall[] => {
  if (!Array.isArray(value) || value.length > CALLS_PER_CHUNK) {
    throw new StoreError('BLOCK_INVALID', 'A commit has no list of calls, or too long a one.')
  }
  return value.map((item) => {
    const fields = fieldsOf(item, 'call')
    const call: PackedCall = {
      envelope: asPayload(fields.take('envelope')),
      result: asPayload(fields.take('result')),
      gas: asGas(fields.take('gas')),
      ...(fields.has('events') && { events: asPayload(fields.take('events')) }),
      ...(fields.has('inputs') && { inputs: asPayload(fields.take('inputs')) }),
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

const bytesOf = ({ envelope, result, events, inputs }: CallRecord): number =>
  envelope.length + result.length + (events?.length ?? 0) + (inputs?.length ?? 0)
