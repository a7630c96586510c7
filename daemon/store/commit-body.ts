import type { CID } from 'multiformats/cid'
import { HASH } from '../vm/constants.ts'
import { DAG_CBOR } from './block.ts'
import type { PackedCalls } from './commit-calls.ts'
import { asPackedCalls } from './commit-calls.ts'
import { MAX_NONCE_BYTES, MAX_OWNER_LENGTH, PUBLIC_KEY_BYTES } from './constants.ts'
import { StoreError } from './errors.ts'
import type { Fields } from './fields.ts'
import { fieldsOf } from './fields.ts'
import type { Payload } from './payload.ts'
import { asPayload } from './payload.ts'

interface Common {
  epoch: number
  contract: CID
  engine: CID
  time: number
  /** none in the genesis */
  calls: PackedCalls
  root: Uint8Array
  host: Uint8Array
}

/** The first commit: its own CID is the service, its memory is the checkpoint it links. */
export interface GenesisBody extends Common {
  seq: 0
  service?: undefined
  genesis: { owner: string; nonce: Uint8Array; args: Payload }
  checkpoint: CID
}

/** Any other commit: its memory is its parent's with the delta applied. */
export interface StepBody extends Common {
  /** from 1 */
  seq: number
  service: CID
  parent: CID
  /** the parent's root: whoever sees this commit alone knows both states */
  before: Uint8Array
  delta: Payload
}

/** What the host signs; specs/history.md, "Commit". */
export type CommitBody = GenesisBody | StepBody

export const isGenesis = (body: CommitBody): body is GenesisBody => 'genesis' in body

/** Checks a decoded body: every field is there, in its range, and there is no other. @throws StoreError BLOCK_INVALID */
export const asCommitBody = (value: unknown): CommitBody => {
  const fields = fieldsOf(value, 'commit')
  const seq = fields.count('seq')
  const common = {
    epoch: fields.count('epoch'),
    contract: fields.cid('contract'),
    engine: fields.cid('engine'),
    time: fields.count('time'),
    calls: asPackedCalls(fields.take('calls')),
    root: fields.bytes('root', { min: HASH, max: HASH }),
    host: asEd25519(fields.bytes('host', { min: PUBLIC_KEY_BYTES, max: PUBLIC_KEY_BYTES })),
  }
  const body: CommitBody =
    seq === 0
      ? { ...common, seq, genesis: asGenesis(fields.take('genesis')), checkpoint: asNode(fields, 'checkpoint') }
      : {
          ...common,
          seq,
          service: asNode(fields, 'service'),
          parent: asNode(fields, 'parent'),
          before: fields.bytes('before', { min: HASH, max: HASH }),
          delta: asPayload(fields.take('delta')),
        }
  fields.end()
  if (isGenesis(body) && (!Array.isArray(body.calls) || body.calls.length > 0)) {
    throw new StoreError('BLOCK_INVALID', 'A genesis has calls.')
  }
  return body
}

const asGenesis = (value: unknown): GenesisBody['genesis'] => {
  const fields = fieldsOf(value, 'genesis')
  const genesis = {
    owner: fields.text('owner', MAX_OWNER_LENGTH),
    nonce: fields.bytes('nonce', { min: 0, max: MAX_NONCE_BYTES }),
    args: asPayload(fields.take('args')),
  }
  fields.end()
  return genesis
}

const asNode = (fields: Fields, key: string): CID => {
  const cid = fields.cid(key)
  if (cid.code !== DAG_CBOR) throw new StoreError('BLOCK_INVALID', `The field ${key} of a commit links to raw bytes.`)
  return cid
}

/** libp2p's protobuf of an Ed25519 key: type 1, then 32 bytes (specs/peer-ids of libp2p). */
const ED25519_HEAD = [8, 1, 18, 32]

const asEd25519 = (key: Uint8Array): Uint8Array => {
  if (!ED25519_HEAD.every((byte, i) => key[i] === byte))
    throw new StoreError('BLOCK_INVALID', 'The host key of a commit is not Ed25519.')
  return key
}
