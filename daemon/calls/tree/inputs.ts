/** What a commit keeps of the answers that a call got from other services: enough to execute it again, and to prove what others did. specs/imports.md. */
import * as dagCbor from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import type { ImportAnswer } from '../../vm/types.ts'
import { MAX_ASK_MESSAGE, MAX_INPUTS } from '../constants.ts'

/** What the host of the called service signed. */
export interface InputReceipt {
  /** the call as it was made */
  envelope: Uint8Array
  commit: CID
  index: number
  genesis: Uint8Array
  handovers: Uint8Array[]
  block: Uint8Array
  chunk?: Uint8Array
  events?: Uint8Array
}

/** What came of one ask. */
export interface Input {
  /** that was asked; absent where it is not known what was to be asked */
  service?: CID
  answer: ImportAnswer
  /** of a call that was executed */
  receipt?: InputReceipt
  /** of a query: the commit whose state answered, by its host's word */
  at?: CID
}

export function encodeInputs(inputs: readonly Input[]): Uint8Array {
  return dagCbor.encode(
    inputs.map(({ service, answer, receipt, at }) => ({
      ...(service && { service }),
      gas: answer.gas,
      ...(answer.ok ? { result: answer.result } : { code: answer.code, message: answer.message }),
      ...(receipt && { receipt }),
      ...(at && { at }),
    })),
  )
}

/** What a host recorded, which may be anything. @throws TypeError */
export function decodeInputs(bytes: Uint8Array | undefined): Input[] {
  if (bytes === undefined) return []
  const all: unknown = dagCbor.decode(bytes)
  if (!Array.isArray(all) || all.length === 0 || all.length > MAX_INPUTS) throw malformed()
  const inputs = all.map(inputOf)
  // one set of answers has one text
  if (Buffer.compare(encodeInputs(inputs), bytes) !== 0) throw malformed()
  return inputs
}

function inputOf(value: unknown): Input {
  const { service, gas, result, code, message, receipt, at } = recordOf(value)
  const answer: ImportAnswer =
    result === undefined
      ? { ok: false, code: textOf(code), message: textOf(message), gas: gasOf(gas) }
      : { ok: true, result: bytesOf(result), gas: gasOf(gas) }
  return {
    ...(service !== undefined && { service: linkOf(service) }),
    answer,
    ...(receipt !== undefined && { receipt: receiptOf(recordOf(receipt)) }),
    ...(at !== undefined && { at: linkOf(at) }),
  }
}

function receiptOf({ envelope, commit, index, genesis, handovers, block, chunk, events }: Fields): InputReceipt {
  if (!Array.isArray(handovers) || !Number.isSafeInteger(index)) throw malformed()
  return {
    envelope: bytesOf(envelope),
    commit: linkOf(commit),
    index: index as number,
    genesis: bytesOf(genesis),
    handovers: handovers.map(bytesOf),
    block: bytesOf(block),
    ...(chunk !== undefined && { chunk: bytesOf(chunk) }),
    ...(events !== undefined && { events: bytesOf(events) }),
  }
}

type Fields = Record<string, unknown>

const recordOf = (value: unknown): Fields => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed()
  return value as Fields
}

const bytesOf = (value: unknown): Uint8Array => {
  if (value instanceof Uint8Array) return value
  throw malformed()
}

const textOf = (value: unknown): string => {
  if (typeof value === 'string' && value.length <= MAX_ASK_MESSAGE) return value
  throw malformed()
}

const linkOf = (value: unknown): CID => CID.asCID(value) ?? fail()

const gasOf = (value: unknown): bigint => {
  const gas = Number.isSafeInteger(value) ? BigInt(value as number) : value
  if (typeof gas === 'bigint' && gas >= 0n) return gas
  throw malformed()
}

function fail(): never {
  throw malformed()
}

const malformed = (): TypeError => new TypeError('the answers that a commit records are malformed')
