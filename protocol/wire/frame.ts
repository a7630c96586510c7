import * as dagCbor from '@ipld/dag-cbor'
import {
  MAX_AGENT_LENGTH,
  MAX_ANSWER_BYTES,
  MAX_CAPABILITIES,
  MAX_CAPABILITY_LENGTH,
  MAX_CODE_LENGTH,
  MAX_CREDIT_BYTES,
  MAX_DEPTH,
  MAX_ELEMENTS,
  MAX_FRAME_BYTES,
  MAX_MESSAGE_LENGTH,
  MAX_METHOD_LENGTH,
  MAX_NETWORK_LENGTH,
  MAX_TIMEOUT_MS,
  MAX_VERSIONS,
  PART_BYTES,
} from '../constants.ts'
import { ProtocolError, type ProtocolErrorCode } from '../errors.ts'
import { type ScanFault, type ScanLimits, scanCbor } from './cbor-scan.ts'
import { hasExactly, isBytes, isCode, isInteger, isLine, isListOf, isRecord } from './fields.ts'
import { LastingBytes } from './lasting-bytes.ts'
import { beginsAsPart, PassingBytes } from './part-frame.ts'

/** Everything that travels on an internode stream, section 4 of specs/internode.md. */
export type Frame =
  | { type: 'hello'; versions: number[]; network: string; agent: string; capabilities: string[] }
  | { type: 'request'; id: number; method: string; body: unknown; stream: boolean; timeoutMs: number }
  | { type: 'accepted'; id: number }
  | { type: 'response'; id: number; body: unknown }
  | { type: 'item'; id: number; body: unknown }
  | { type: 'part'; id: number; bytes: Uint8Array; size: number; final: boolean }
  | { type: 'end'; id: number }
  | { type: 'credit'; id: number; bytes: number }
  | { type: 'error'; id: number; code: string; message: string; hint: string }
  | { type: 'cancel'; id: number }
  | { type: 'ping'; id: number }
  | { type: 'pong'; id: number }
  | { type: 'goodbye'; reason: string }

export type Hello = Extract<Frame, { type: 'hello' }>
export type Request = Extract<Frame, { type: 'request' }>
export type Part = Extract<Frame, { type: 'part' }>

const LIMITS: ScanLimits = { bytes: MAX_FRAME_BYTES, depth: MAX_DEPTH, elements: MAX_ELEMENTS }
/** One level and some elements less, so that what comes in parts could have come in a frame but for its length. */
const BODY_LIMITS: ScanLimits = { bytes: MAX_ANSWER_BYTES, depth: MAX_DEPTH - 1, elements: MAX_ELEMENTS }

const CODES: Record<ScanFault, ProtocolErrorCode> = {
  'too-large': 'FRAME_TOO_LARGE',
  'too-deep': 'FRAME_TOO_DEEP',
  'too-many': 'FRAME_TOO_MANY_ELEMENTS',
  malformed: 'FRAME_MALFORMED',
  'not-canonical': 'FRAME_NOT_CANONICAL',
}

const isVersion = (value: unknown): value is number => isInteger(value, 1, 65_535)
const isCapability = (value: unknown): value is string => isLine(value, 1, MAX_CAPABILITY_LENGTH)
const isId = (value: unknown): value is number => isInteger(value, 1, Number.MAX_SAFE_INTEGER)
const isFlag = (value: unknown): boolean => typeof value === 'boolean'
const anything = (): boolean => true

/** One record per type of frame: its fields, each with what it must be. */
const SHAPES: Record<Frame['type'], Record<string, (value: unknown) => boolean>> = {
  hello: {
    versions: (value) => isListOf(value, MAX_VERSIONS, isVersion) && value.length > 0,
    network: (value) => isLine(value, 1, MAX_NETWORK_LENGTH),
    agent: (value) => isLine(value, 0, MAX_AGENT_LENGTH),
    capabilities: (value) => isListOf(value, MAX_CAPABILITIES, isCapability),
  },
  request: {
    id: isId,
    method: (value) => isLine(value, 1, MAX_METHOD_LENGTH),
    body: anything,
    stream: isFlag,
    timeoutMs: (value) => isInteger(value, 1, MAX_TIMEOUT_MS),
  },
  accepted: { id: isId },
  response: { id: isId, body: anything },
  item: { id: isId, body: anything },
  part: {
    id: isId,
    bytes: (value) => isBytes(value, 1, PART_BYTES),
    size: (value) => isInteger(value, PART_BYTES + 1, MAX_ANSWER_BYTES),
    final: isFlag,
  },
  end: { id: isId },
  credit: { id: isId, bytes: (value) => isInteger(value, 1, MAX_CREDIT_BYTES) },
  error: {
    id: isId,
    code: (value) => isCode(value, MAX_CODE_LENGTH),
    message: (value) => isLine(value, 0, MAX_MESSAGE_LENGTH),
    hint: (value) => isLine(value, 0, MAX_MESSAGE_LENGTH),
  },
  cancel: { id: isId },
  ping: { id: isId },
  pong: { id: isId },
  goodbye: { reason: (value) => isCode(value, MAX_CODE_LENGTH) },
}

const FIELDS = Object.fromEntries(
  Object.entries(SHAPES).map(([type, shape]) => [type, ['type', ...Object.keys(shape)]]),
) as Record<Frame['type'], string[]>

/**
 * Bytes of a frame that every peer accepts.
 *
 * @throws ProtocolError FRAME_TOO_LARGE, FRAME_TOO_DEEP, FRAME_TOO_MANY_ELEMENTS; FRAME_INVALID if it is outside the data model
 */
export function encodeFrame(frame: Frame): Uint8Array {
  const bytes = encode(frame, LIMITS)
  checkShape(frame)
  return bytes
}

/**
 * The bytes of a part are a view of those that are given; nothing else is.
 *
 * @throws ProtocolError one of the FRAME_ codes, and nothing else whatever the bytes are
 */
export function decodeFrame(bytes: Uint8Array): Frame {
  const { buffer, byteOffset, length } = bytes as Uint8Array<ArrayBuffer>
  return checkShape(decode(beginsAsPart(bytes) ? new PassingBytes(buffer, byteOffset, length) : bytes, LIMITS))
}

/**
 * The body of an answer that came in parts, under the bounds of a frame but for its length. Large byte strings in it are views of `bytes`.
 *
 * @throws ProtocolError one of the FRAME_ codes
 */
export function decodeBody(bytes: Uint8Array<ArrayBuffer>): unknown {
  return decode(new LastingBytes(bytes.buffer, bytes.byteOffset, bytes.length), BODY_LIMITS)
}

/** @throws ProtocolError FRAME_TOO_LARGE, FRAME_TOO_DEEP, FRAME_TOO_MANY_ELEMENTS, FRAME_INVALID */
export function encodeBody(body: unknown): Uint8Array {
  return encode(body ?? null, BODY_LIMITS)
}

function encode(value: unknown, limits: ScanLimits): Uint8Array {
  let bytes: Uint8Array
  try {
    bytes = dagCbor.encode(value)
  } catch {
    throw new ProtocolError('FRAME_INVALID', 'The value has no place in the DAG-CBOR data model.')
  }
  const fault = scanCbor(bytes, limits)
  if (fault !== undefined) throw new ProtocolError(CODES[fault], `It cannot be sent: ${fault}.`)
  return bytes
}

function decode(bytes: Uint8Array, limits: ScanLimits): unknown {
  const fault = scanCbor(bytes, limits)
  if (fault !== undefined) throw new ProtocolError(CODES[fault], `It is refused: ${fault}.`, { party: 'remote' })
  try {
    return dagCbor.decode(bytes)
  } catch {
    throw new ProtocolError('FRAME_MALFORMED', 'It does not decode.', { party: 'remote' })
  }
}

function checkShape(value: unknown): Frame {
  if (!isRecord(value)) throw new ProtocolError('FRAME_INVALID', 'The frame is not a map.', { party: 'remote' })
  const type = value['type']
  if (typeof type !== 'string' || !Object.hasOwn(SHAPES, type)) {
    throw new ProtocolError('FRAME_UNKNOWN', 'The frame is of no known type.', { party: 'remote' })
  }
  const shape = SHAPES[type as Frame['type']]
  if (!hasExactly(value, FIELDS[type as Frame['type']])) {
    throw new ProtocolError('FRAME_INVALID', `The ${type} frame has other fields than it should.`, { party: 'remote' })
  }
  for (const field in shape) {
    if (shape[field]!(value[field])) continue
    throw new ProtocolError('FRAME_INVALID', `The ${type} frame has a bad ${field}.`, { party: 'remote' })
  }
  return value as Frame
}
