/**
 * The proof that a host executed a call, checked by whoever never spoke to it: the service is the hash of its genesis, which names
 * the host, or an owner who names others; the host signed a commit of the service, with the roots before and after; this call, result and gas stand in it.
 */
import type { CID } from 'multiformats/cid'
import { decodeCall, verifyCall } from '../../../protocol/signed/envelope.ts'
import { sameBytes, verifyBlock } from '../../store/block.ts'
import { isFirst, type LaterBody } from '../../store/commit-body.ts'
import { decodeChunk, isChunked, type PackedCall, placeOf } from '../../store/commit-calls.ts'
import { checkSignature, decodeCommit } from '../../store/commit-codec.ts'
import type { Verify } from '../../store/database-types.ts'
import type { Owner } from '../../store/owned-block.ts'
import { type Payload, packPayload } from '../../store/payload.ts'
import { hostsBy, type ReadHosts, whoCalls } from './hosts.ts'
import { attempt, fail, ProofError, require, requireSame } from './proof-error.ts'

/** Longest text that is shown for one that differs. */
const SHOWN_BYTES = 200
const decoder = new TextDecoder()

/** Every byte that the proof rests on. */
export interface Proof {
  service: CID
  /** the block whose CID is the service */
  genesis: Uint8Array
  /** the commits at which its owner gave it to another host, up to this one, oldest first */
  handovers: readonly Uint8Array[]
  commit: CID
  /** the signed commit */
  block: Uint8Array
  /** the block with the call, where the commit only links it */
  chunk?: Uint8Array
  /** the call's place in the commit */
  index: number
  /** the call as its caller signed it */
  envelope: Uint8Array
  result: Uint8Array
  gas: bigint
  /** JSON text of what the contract emitted, absent if that is nothing */
  events?: Uint8Array
}

/** What is proven. */
export interface Proven {
  seq: number
  /** libp2p protobuf bytes of the host's key */
  host: Uint8Array
  time: number
  /** user ID, or the service ID of the service that called */
  caller: string
  method: string
  args: Uint8Array
  /** Merkle roots of the memory before and after the commit */
  before: Uint8Array
  root: Uint8Array
}

export interface ProofOptions {
  /** @default checks everything anew */
  readHosts?: ReadHosts
  /** the call was signed on this node: its signature need not be looked at. @default false */
  isOwnCall?: boolean
}

/** @throws ProofError */
export async function checkProof(proof: Proof, verify: Verify, options: ProofOptions = {}): Promise<Proven> {
  const { readHosts = hostsBy(verify), isOwnCall = false } = options
  const { hosts } = await readHosts(proof)
  const body = await readCommit(proof, verify)
  require(body.service.equals(proof.service), 'service')
  // none are left out, and none are there that prove nothing
  require(proof.handovers.length === body.epoch, 'handovers')
  require(sameBytes(body.host, hosts[body.epoch]!), 'host')
  const call = callAt(body, proof)
  const holds = (field: Payload, bytes: Uint8Array): boolean => standsFor(field, bytes, body)
  require(holds(call.envelope, proof.envelope), 'envelope')
  if (!holds(call.result, proof.result)) throw differing('result', call.result, proof.result)
  requireSame('gas', call.gas, proof.gas)
  require(sameEvents(call.events, proof.events, holds), 'events')
  const envelope = await attempt('envelope', () => (isOwnCall ? decodeCall : verifyCall)(proof.envelope))
  const { service, method, args } = envelope
  require(service.equals(proof.service), 'envelope')
  const { caller } = await attempt('envelope', () => whoCalls(envelope, readHosts))
  const { seq, host, time, before, root } = body
  return { seq, host, time, caller, method, args, before, root }
}

async function readCommit({ commit, block }: Proof, verify: Verify): Promise<LaterBody> {
  const signed = await attempt('block', () => {
    verifyBlock(commit, block)
    return decodeCommit(commit, block)
  })
  await attempt('signature', () => checkSignature(signed, verify))
  if (isFirst(signed.body)) throw new ProofError('block')
  return signed.body
}

/** The call as it stands in the commit, or in a block that the commit links. */
function callAt({ calls, ...owner }: LaterBody, { index, chunk }: Proof): PackedCall {
  if (!isChunked(calls)) {
    if (chunk !== undefined) fail('chunk')
    return calls[index] ?? fail('index')
  }
  const counts = { count: calls.count, chunks: calls.chunks.length }
  const at = placeOf(index, counts)
  const cid = calls.chunks[at.chunk] ?? fail('index')
  try {
    verifyBlock(cid, chunk ?? fail('chunk'))
    return decodeChunk(chunk!, { ...counts, chunk: at.chunk, owner })[at.place] ?? fail('index')
  } catch {
    throw new ProofError('chunk')
  }
}

/** Whether a field of a commit, bytes or a link to them, stands for these bytes. */
function standsFor(field: Payload, bytes: Uint8Array, owner: Owner): boolean {
  const expected = packPayload(bytes, [], owner)
  if (field instanceof Uint8Array) return expected instanceof Uint8Array && sameBytes(field, expected)
  return !(expected instanceof Uint8Array) && field.equals(expected)
}

/** With both sides, if they are short. */
function differing(field: string, expected: Payload, bytes: Uint8Array): ProofError {
  const isShort = expected instanceof Uint8Array && expected.length <= SHOWN_BYTES && bytes.length <= SHOWN_BYTES
  return new ProofError(
    field,
    isShort ? { expected: decoder.decode(expected), found: decoder.decode(bytes) } : undefined,
  )
}

function sameEvents(
  field: Payload | undefined,
  events: Uint8Array | undefined,
  holds: (field: Payload, bytes: Uint8Array) => boolean,
): boolean {
  return field === undefined || events === undefined ? field === events : holds(field, events)
}
