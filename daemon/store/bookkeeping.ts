import * as dagCbor from '@ipld/dag-cbor'
import type { CID } from 'multiformats/cid'
import { HASH } from '../vm/constants.ts'
import { sameBytes } from './block.ts'
import { decodeCanonical } from './canonical.ts'
import { MAX_COMMIT_BYTES, MAX_EPOCH, MAX_SEAL_CHARS, PUBLIC_KEY_BYTES } from './constants.ts'
import type { Meta, Write } from './database-types.ts'
import { StoreError } from './errors.ts'
import type { Fields } from './fields.ts'
import { asOurCid, fieldsOf } from './fields.ts'
import type { Head, Trust } from './types.ts'

/** The row under `head/<service>`. */
export interface HeadRow {
  service: CID
  commit: CID
  seq: number
  epoch: number
  contract: CID
  /** Merkle root of the memory at the head */
  root: Uint8Array
  trust: Trust
  /** who signs this service's commits */
  host: Uint8Array
  /** bytes of all deltas since the genesis: their growth says when the next checkpoint is due */
  deltaBytes: number
  /** the commits that began an epoch, oldest first: as many as the epoch says */
  handovers: CID[]
  /** of the blocks that are not for everybody, if there are any */
  seal?: string
  /** whether new ones get the seal */
  sealed: boolean
  /** where the history begins here, if its older part is not here; a row of its own, `base/<service>` */
  base?: BaseRow
}

/** The row under `base/<service>`: the oldest commit that is here, which has a checkpoint. It stands by itself like those. */
export interface BaseRow {
  commit: CID
  seq: number
}

/** The row under `checkpoint/<service>/<seq>`: it stands by itself, so that writing one never races with a new head. */
export interface CheckpointRow {
  cid: CID
  seq: number
  /** the commit whose memory it is */
  commit: CID
  deltaBytes: number
}

export interface Bookkeeping {
  head(service: CID): Promise<HeadRow | undefined>
  heads(): AsyncIterable<HeadRow>
  /** Where services stood when they were retired. */
  retired(): AsyncIterable<HeadRow>
  /** Where the history of a service begins, also if it was retired; undefined if all of it is here. */
  base(service: CID): Promise<BaseRow | undefined>
  /** The newest checkpoint at or before `seq`. @throws StoreError STORE_CORRUPT if there is none */
  checkpoint(service: CID, seq: number): Promise<CheckpointRow>
  /** The same, or nothing. */
  checkpointBelow(service: CID, seq: number): Promise<CheckpointRow | undefined>
  /** The checkpoint at exactly this place of the history, if there is one. */
  checkpointAt(service: CID, seq: number): Promise<CheckpointRow | undefined>
  /** Those from this place on, oldest first. */
  checkpointsFrom(service: CID, seq: number): AsyncIterable<CheckpointRow>
  /** Those of all services. */
  checkpoints(): AsyncIterable<CheckpointRow & { key: string }>
}

const HEADS = 'head/'
const RETIRED = 'retired/'
const BASES = 'base/'
const CHECKPOINTS = 'checkpoint/'
/** enough digits for any sequence number, so that keys sort as numbers do */
const DIGITS = 16
const TRUSTS: readonly string[] = ['own', 'replayed', 'signed'] satisfies Trust[]

export const createBookkeeping = (meta: Meta): Bookkeeping => ({
  head: async (service) => {
    const [row, base] = await meta.getMany([headKey(service), baseKey(service)])
    return row && withBase(decodeHead(row), base)
  },
  heads: async function* () {
    for await (const { value } of meta.list(HEADS)) {
      const row = decodeHead(value)
      yield withBase(row, await meta.get(baseKey(row.service)))
    }
  },
  retired: async function* () {
    for await (const { value } of meta.list(RETIRED)) {
      const row = decodeHead(value)
      yield withBase(row, await meta.get(baseKey(row.service)))
    }
  },
  base: async (service) => {
    const value = await meta.get(baseKey(service))
    return value && decodeBase(value)
  },
  checkpoint: async (service, seq) => {
    const row = await newest(meta, service, seq)
    if (row) return row
    throw new StoreError('STORE_CORRUPT', 'A service has no checkpoint.', [service])
  },
  checkpointBelow: (service, seq) => newest(meta, service, seq),
  checkpointAt: async (service, seq) => {
    const value = await meta.get(checkpointPrefix(service) + digits(seq))
    return value && decodeCheckpoint(value)
  },
  checkpointsFrom: async function* (service, seq) {
    const rows = meta.list(checkpointPrefix(service), { from: digits(seq) })
    for await (const { value } of rows) yield decodeCheckpoint(value)
  },
  checkpoints: async function* () {
    for await (const { key, value } of meta.list(CHECKPOINTS)) yield { key, ...decodeCheckpoint(value) }
  },
})

const newest = async (meta: Meta, service: CID, seq: number): Promise<CheckpointRow | undefined> => {
  const last = { upTo: digits(seq), reverse: true, limit: 1 }
  for await (const { value } of meta.list(checkpointPrefix(service), last)) return decodeCheckpoint(value)
  return undefined
}

/** Puts the row of a head. Its base is a row of its own. */
export const headWrite = ({ base: _, ...row }: HeadRow): Write => ({
  put: 'meta',
  key: headKey(row.service),
  value: dagCbor.encode(row),
})

/** Takes a service off the heads, and notes where it stood. */
export const retireWrites = ({ base: _, ...row }: HeadRow): Write[] => [
  { delete: 'meta', key: headKey(row.service) },
  { put: 'meta', key: RETIRED + row.service, value: dagCbor.encode(row) },
]

/** Without a base all of the history is here. */
export const baseWrite = (service: CID, base: BaseRow | undefined): Write =>
  base ? { put: 'meta', key: baseKey(service), value: dagCbor.encode(base) } : { delete: 'meta', key: baseKey(service) }

/** Puts the row of a checkpoint. */
export const checkpointWrite = (service: CID, row: CheckpointRow): Write => ({
  put: 'meta',
  key: checkpointKey(service, row.seq),
  value: dagCbor.encode(row),
})

/** The key of the row of a checkpoint: they are in the order of their numbers. */
export const checkpointKey = (service: CID, seq: number): string => checkpointPrefix(service) + digits(seq)

/** Deletes the row of a checkpoint, if there is one. */
export const checkpointDelete = (service: CID, seq: number): Write => ({
  delete: 'meta',
  key: checkpointKey(service, seq),
})

/** What the rest of the daemon sees of both rows. */
export const toHead = (row: HeadRow, publicKey: Uint8Array): Head => ({
  service: row.service,
  commit: row.commit,
  seq: row.seq,
  epoch: row.epoch,
  contract: row.contract,
  root: row.root,
  trust: row.trust,
  hosted: sameBytes(row.host, publicKey),
  handovers: row.handovers,
  ...(row.seal !== undefined && { seal: row.seal }),
})

const headKey = (service: CID): string => HEADS + service.toString()
const baseKey = (service: CID): string => BASES + service.toString()
const checkpointPrefix = (service: CID): string => `${CHECKPOINTS}${service.toString()}/`
const digits = (seq: number): string => String(seq).padStart(DIGITS, '0')

const decodeHead = (value: Uint8Array): HeadRow =>
  decode(value, (fields) => ({
    service: fields.cid('service'),
    commit: fields.cid('commit'),
    seq: fields.count('seq'),
    epoch: fields.count('epoch'),
    contract: fields.cid('contract'),
    root: fields.bytes('root', { min: HASH, max: HASH }),
    trust: asTrust(fields.text('trust', 16)),
    host: fields.bytes('host', { min: PUBLIC_KEY_BYTES, max: PUBLIC_KEY_BYTES }),
    deltaBytes: fields.count('deltaBytes'),
    sealed: fields.flag('sealed'),
    ...(fields.has('seal') && { seal: fields.text('seal', MAX_SEAL_CHARS) }),
    handovers: fields.list('handovers', MAX_EPOCH).map((item) => asOurCid(item) ?? damaged()),
  }))

const withBase = (row: HeadRow, value: Uint8Array | undefined): HeadRow =>
  value ? { ...row, base: decodeBase(value) } : row

const decodeBase = (value: Uint8Array): BaseRow =>
  decode(value, (fields) => ({ commit: fields.cid('commit'), seq: fields.count('seq') }))

const decodeCheckpoint = (value: Uint8Array): CheckpointRow =>
  decode(value, (fields) => ({
    cid: fields.cid('cid'),
    seq: fields.count('seq'),
    commit: fields.cid('commit'),
    deltaBytes: fields.count('deltaBytes'),
  }))

const decode = <T>(value: Uint8Array, read: (fields: Fields) => T): T => {
  try {
    const fields = fieldsOf(decodeCanonical(value, MAX_COMMIT_BYTES), 'row')
    const row = read(fields)
    fields.end()
    return row
  } catch {
    return damaged()
  }
}

const damaged = (): never => {
  throw new StoreError('STORE_CORRUPT', 'A row of the history is damaged.')
}

const asTrust = (text: string): Trust => {
  if (!TRUSTS.includes(text)) throw new StoreError('STORE_CORRUPT', 'A head has an unknown kind of trust.')
  return text as Trust
}
