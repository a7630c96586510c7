import type { CID } from 'multiformats/cid'
import { HASH } from '../vm/constants.ts'
import { DAG_CBOR, sameBytes } from './block.ts'
import type { CommitBody, Common, First, Later } from './commit-body.ts'
import type { PackedCalls } from './commit-calls.ts'
import { asPackedCalls } from './commit-calls.ts'
import { asPackedContent } from './commit-content.ts'
import type { Handover } from './commit-types.ts'
import {
  MAX_EPOCH,
  MAX_KIND_LENGTH,
  MAX_NONCE_BYTES,
  MAX_OWNER_LENGTH,
  PUBLIC_KEY_BYTES,
  SIGNATURE_BYTES,
} from './constants.ts'
import { StoreError } from './errors.ts'
import type { Fields } from './fields.ts'
import { fieldsOf } from './fields.ts'
import { asPayload } from './payload.ts'

/** Checks a decoded body: every field is there, in its range, and there is no other. @throws StoreError BLOCK_INVALID */
export const asCommitBody = (value: unknown): CommitBody => {
  const fields = fieldsOf(value, 'commit')
  const kind = fields.text('kind', MAX_KIND_LENGTH)
  const read = Object.hasOwn(KINDS, kind) ? KINDS[kind as CommitBody['kind']] : undefined
  if (read === undefined) throw new StoreError('BLOCK_INVALID', 'A commit is of a kind that nobody knows.')
  const body = read(fields)
  fields.end()
  return body
}

const common = (fields: Fields): Common => ({
  epoch: fields.count('epoch', MAX_EPOCH),
  contract: fields.cid('contract'),
  engine: fields.cid('engine'),
  time: fields.count('time'),
  calls: asPackedCalls(fields.take('calls')),
  root: fields.bytes('root', { min: HASH, max: HASH }),
  host: asEd25519(fields.bytes('host', { min: PUBLIC_KEY_BYTES, max: PUBLIC_KEY_BYTES })),
})

const first = (fields: Fields): First => {
  const body = common(fields)
  if (fields.count('seq') !== 0 || body.epoch !== 0 || !isEmpty(body.calls))
    throw new StoreError('BLOCK_INVALID', 'A first commit has calls, or a place that is not the first.')
  return { ...body, seq: 0, genesis: asGenesis(fields.take('genesis')) }
}

const later = (fields: Fields): Later => {
  const seq = fields.count('seq')
  if (seq === 0) throw new StoreError('BLOCK_INVALID', 'A commit that is no first one stands at the first place.')
  return {
    ...common(fields),
    seq,
    service: asNode(fields, 'service'),
    parent: asNode(fields, 'parent'),
    before: fields.bytes('before', { min: HASH, max: HASH }),
    ...(fields.has('content') && { content: asPackedContent(fields.take('content')) }),
  }
}

const KINDS: { [K in CommitBody['kind']]: (fields: Fields) => CommitBody & { kind: K } } = {
  genesis: (fields) => ({ kind: 'genesis', ...first(fields), checkpoint: asNode(fields, 'checkpoint') }),
  fork: (fields) => ({ kind: 'fork', ...first(fields), from: asNode(fields, 'from') }),
  step: (fields) => ({ kind: 'step', ...later(fields), delta: asPayload(fields.take('delta')) }),
  upgrade: (fields) => ({
    kind: 'upgrade',
    ...later(fields),
    checkpoint: asNode(fields, 'checkpoint'),
    forced: fields.flag('forced'),
  }),
  rollback: (fields) => ({ kind: 'rollback', ...later(fields), from: asNode(fields, 'from') }),
  handover: (fields) => {
    const body = later(fields)
    if (!isEmpty(body.calls) || body.content || body.epoch === 0 || !sameBytes(body.before, body.root))
      throw new StoreError('BLOCK_INVALID', 'A handover does more than to hand over.')
    return { kind: 'handover', ...body, handover: asHandover(fields.take('handover')) }
  },
}

const isEmpty = (calls: PackedCalls): boolean => Array.isArray(calls) && calls.length === 0

const asHandover = (value: unknown): Handover => {
  const fields = fieldsOf(value, 'handover')
  const owner = asEd25519(fields.bytes('owner', { min: PUBLIC_KEY_BYTES, max: PUBLIC_KEY_BYTES }))
  const sig = fields.bytes('sig', { min: SIGNATURE_BYTES, max: SIGNATURE_BYTES })
  fields.end()
  return { owner, sig }
}

const asGenesis = (value: unknown): First['genesis'] => {
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
    throw new StoreError('BLOCK_INVALID', 'A key in a commit is not Ed25519.')
  return key
}
