/** The proof a caller keeps: the host's signed commit, and that the call, its result and its gas stand in it. */
import { publicKeyFromProtobuf } from '@libp2p/crypto/keys'
import { peerIdFromPublicKey } from '@libp2p/peer-id'
import type { CID } from 'multiformats/cid'
import type { Json } from '../api/vocabulary.ts'
import { verifyBlock } from '../store/block.ts'
import type { CommitBody } from '../store/commit-body.ts'
import { decodeChunk, isChunked, type PackedCall } from '../store/commit-calls.ts'
import { checkSignature, decodeCommit, type SignedCommit } from '../store/commit-codec.ts'
import { CALLS_PER_CHUNK } from '../store/constants.ts'
import { type Payload, packPayload } from '../store/payload.ts'
import type { Verify } from '../store/types.ts'
import { CallsError } from './errors.ts'
import type { Executed } from './types.ts'

export interface Asked {
  envelope: Uint8Array
  service: CID
  /** peer ID of whom we asked */
  host: string
}

/** @throws CallsError ANSWER_INVALID if what a host answered does not follow from what it signed */
export type CheckAnswer = (done: Executed, asked: Asked) => Promise<void>

export function createCheckAnswer(verify: Verify): CheckAnswer {
  const open = async (commit: CID, block: Uint8Array, host: string): Promise<SignedCommit> => {
    try {
      await verifyBlock(commit, block)
      const signed = decodeCommit(commit, block)
      await checkSignature(signed, verify)
      return signed
    } catch (cause) {
      const message = `The host ${host} answered with a block that is no commit signed by its host.`
      throw new CallsError('ANSWER_INVALID', message, 'do not rely on this host', { cause })
    }
  }

  /** The call as it stands in the commit, or in a block that the commit links. */
  const callAt = async ({ calls }: CommitBody, { index, chunk }: Executed): Promise<PackedCall | undefined> => {
    if (!isChunked(calls)) return calls[index]
    const cid = calls.chunks[Math.floor(index / CALLS_PER_CHUNK)]
    if (cid === undefined || chunk === undefined) return undefined
    try {
      await verifyBlock(cid, chunk)
      return decodeChunk(chunk, { count: calls.count, index })[index % CALLS_PER_CHUNK]
    } catch {
      return undefined
    }
  }

  return async (done, { envelope, service, host }) => {
    const { commit, block, seq, result, gas } = done
    const { body } = await open(commit, block, host)
    const call = await callAt(body, done)
    const checks: Record<string, boolean> = {
      service: body.service?.equals(service) ?? false,
      host: peerIdFromPublicKey(publicKeyFromProtobuf(body.host)).toString() === host,
      seq: body.seq === seq,
      call: call !== undefined && holds(call.envelope, envelope),
      result: call !== undefined && holds(call.result, result),
      gas: call?.gas === gas,
    }
    const wrong = Object.keys(checks).filter((name) => !checks[name])
    if (wrong.length === 0) return
    const message = `The host ${host} answered with a commit that does not prove its ${wrong.join(', ')}.`
    throw new CallsError('ANSWER_INVALID', message, 'do not rely on this host')
  }
}

/** Whether a field of a commit, bytes or a link to them, stands for these bytes. */
function holds(field: Payload, bytes: Uint8Array): boolean {
  const expected = packPayload(bytes, [])
  if (field instanceof Uint8Array) return expected instanceof Uint8Array && Buffer.compare(field, expected) === 0
  return !(expected instanceof Uint8Array) && field.equals(expected)
}

/** One JSON object that proves itself: bytes are base64, as DAG-JSON writes them. */
export function receiptOf(done: Executed, { envelope, service, host }: Asked): Json {
  return {
    receipt: 'amigos/1',
    service: service.toString(),
    commit: done.commit.toString(),
    seq: done.seq,
    index: done.index,
    host,
    gas: Number(done.gas),
    block: bytesToJson(done.block),
    ...(done.chunk && { chunk: bytesToJson(done.chunk) }),
    envelope: bytesToJson(envelope),
    result: bytesToJson(done.result),
  }
}

const bytesToJson = (bytes: Uint8Array): Json => ({
  '/': { bytes: Buffer.from(bytes).toString('base64').replace(/=+$/, '') },
})
