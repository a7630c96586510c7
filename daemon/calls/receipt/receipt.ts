/** What a caller keeps of a call: one JSON object with every field under the signatures, which proves itself. */
import { CID } from 'multiformats/cid'
import type { Json } from '../../api/vocabulary.ts'
import type { Verify } from '../../store/database-types.ts'
import { CallsError } from '../errors.ts'
import { peerIdOf } from '../remote/peer-id-of.ts'
import type { Executed } from '../types.ts'
import { hostsBy, rememberingHosts } from './hosts.ts'
import { ProofError, requireSame } from './proof-error.ts'
import { checkProof, type Proof, type ProofOptions, type Proven } from './receipt-proof.ts'

export interface Asked {
  envelope: Uint8Array
  service: CID
  /** peer ID of whom we asked */
  host: string
}

/** @throws CallsError ANSWER_INVALID if what a host answered does not follow from what was signed */
export type CheckAnswer = (done: Executed, asked: Asked) => Promise<Proven>

export function createCheckAnswer(verify: Verify): CheckAnswer {
  const readHosts = rememberingHosts(hostsBy(verify))
  return async (done, { envelope, service, host }) => {
    try {
      return await checkReceipt({ ...done, service, envelope, host }, verify, { readHosts, isOwnCall: true })
    } catch (error) {
      if (!(error instanceof ProofError)) throw error
      const message = `The host ${host} answered with a commit that does not prove its ${error.field}.`
      throw new CallsError('ANSWER_INVALID', message, 'do not rely on this host')
    }
  }
}

/** A proof with what it says of itself. */
export type Receipt = Proof & {
  seq: number
  /** peer ID */
  host: string
}

/** Checks a proof, and that nothing beside it is another than what was signed. @throws ProofError */
export async function checkReceipt(receipt: Receipt, verify: Verify, options?: ProofOptions): Promise<Proven> {
  const proven = await checkProof(receipt, verify, options)
  requireSame('host', peerIdOf(proven.host), receipt.host)
  requireSame('seq', proven.seq, receipt.seq)
  return proven
}

const FORM = 'amigos/1'
const FIELDS: ReadonlySet<string> = new Set([
  ...['receipt', 'service', 'commit', 'seq', 'index', 'host', 'gas'],
  ...['genesis', 'handovers', 'block', 'chunk', 'envelope', 'result', 'events'],
])

/** Bytes are base64, as DAG-JSON writes them. */
export function receiptOf(done: Executed, { envelope, service, host }: Asked): Json {
  return {
    receipt: FORM,
    service: service.toString(),
    commit: done.commit.toString(),
    seq: done.seq,
    index: done.index,
    host,
    gas: Number(done.gas),
    genesis: bytesToJson(done.genesis),
    ...(done.handovers.length > 0 && { handovers: done.handovers.map(bytesToJson) }),
    block: bytesToJson(done.block),
    ...(done.chunk && { chunk: bytesToJson(done.chunk) }),
    envelope: bytesToJson(envelope),
    result: bytesToJson(done.result),
    ...(done.events && { events: bytesToJson(done.events) }),
  }
}

/** A receipt as somebody handed it over: its form is checked, nothing of what it says. @throws CallsError RECEIPT_INVALID */
export function readReceipt(json: Json): Receipt {
  const fields = typeof json === 'object' && json !== null && !Array.isArray(json) ? json : bad('form')
  if (fields['receipt'] !== FORM) bad('receipt')
  for (const name of Object.keys(fields)) if (!FIELDS.has(name)) bad(name)
  const field = <T>(name: string, read: (value: Json | undefined) => T | undefined): T =>
    read(fields[name]) ?? bad(name)
  const optional = (name: string) => (fields[name] === undefined ? {} : { [name]: field(name, bytesOf) })
  return {
    service: field('service', cidOf),
    commit: field('commit', cidOf),
    seq: field('seq', countOf),
    index: field('index', countOf),
    host: field('host', (value) => (isShort(value) ? value : undefined)),
    gas: BigInt(field('gas', countOf)),
    genesis: field('genesis', bytesOf),
    handovers: fields['handovers'] === undefined ? [] : field('handovers', listOf),
    block: field('block', bytesOf),
    ...optional('chunk'),
    envelope: field('envelope', bytesOf),
    result: field('result', bytesOf),
    ...optional('events'),
  }
}

const bytesToJson = (bytes: Uint8Array): Json => ({
  '/': { bytes: Buffer.from(bytes).toString('base64').replace(/=+$/, '') },
})

function bytesOf(value: Json | undefined): Uint8Array | undefined {
  const link = (value as { '/'?: { bytes?: unknown } } | null | undefined)?.['/']
  const text = typeof link === 'object' && link !== null ? link.bytes : undefined
  if (typeof text !== 'string') return undefined
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64').replace(/=+$/, '') === text ? bytes : undefined
}

function listOf(value: Json | undefined): Uint8Array[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined
  const all = value.map(bytesOf)
  return all.every((bytes) => bytes !== undefined) ? all : undefined
}

function cidOf(value: Json | undefined): CID | undefined {
  try {
    return isShort(value) ? CID.parse(value) : undefined
  } catch {
    return undefined
  }
}

/** CIDs and peer IDs take 70 characters at most. */
const isShort = (value: Json | undefined): value is string => typeof value === 'string' && value.length <= 128

const countOf = (value: Json | undefined): number | undefined =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined

function bad(field: string): never {
  const message = `This is no receipt of a call: its field "${field.slice(0, 40)}" is missing, malformed or unknown.`
  throw new CallsError('RECEIPT_INVALID', message, 'amigo call ... --receipt FILE writes one; keep it as it is')
}
