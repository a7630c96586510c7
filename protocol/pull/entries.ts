/** What a transfer is made of, section 4 of specs/pull.md: entries of a head, and of what it announces. */
import * as dagCbor from '@ipld/dag-cbor'
import type { CodedError } from '../coded-error.ts'
import { MAX_CODE_LENGTH, MAX_MESSAGE_LENGTH } from '../constants.ts'
import { ProtocolError } from '../errors.ts'
import { scanCbor } from '../wire/cbor-scan.ts'
import { hasExactly, isCode, isLine } from '../wire/fields.ts'
import { MAX_FAILURE_BYTES, MAX_HEAD_BYTES } from './constants.ts'
import { offence } from './errors.ts'

/** Heads: these three, and from BLOCK on a block of so many bytes less. */
export const HEAD = { end: 0, missing: 1, failure: 2, block: 3 } as const

/** An unsigned varint in its shortest form. */
export function encodeVarint(value: number): Uint8Array {
  const bytes: number[] = []
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Uint8Array.from([...bytes, rest])
    bytes.push((rest % 128) + 128)
  }
}

/** Takes the bytes of a head one by one. */
export interface HeadReader {
  /** @returns the value once its last byte has come. @throws ProtocolError FRAME_MALFORMED */
  take(byte: number): number | undefined
}

export function createHeadReader(): HeadReader {
  let value = 0
  let shift = 1
  let length = 0
  return {
    take(byte) {
      value += (byte & 0x7f) * shift
      shift *= 128
      length++
      if (byte >= 0x80) {
        if (length >= MAX_HEAD_BYTES) throw offence('FRAME_MALFORMED', 'The peer sent a head that is too long.')
        return undefined
      }
      if (byte === 0 && length > 1) throw offence('FRAME_MALFORMED', 'The peer sent a head that is padded.')
      const whole = value
      value = 0
      shift = 1
      length = 0
      return whole
    },
  }
}

/** The body of a failure, without its head and length. */
export function encodeFailure({ code, message, hint }: CodedError): Uint8Array {
  return dagCbor.encode({ code, message, hint })
}

/** What the peer says went wrong. @throws ProtocolError FRAME_INVALID: an offence */
export function decodeFailure(bytes: Uint8Array): ProtocolError {
  const isWhole = scanCbor(bytes, { bytes: MAX_FAILURE_BYTES, depth: 2, elements: 16 }) === undefined
  const value: unknown = isWhole ? dagCbor.decode(bytes) : undefined
  const isFailure =
    hasExactly(value, ['code', 'hint', 'message']) &&
    isCode(value['code'], MAX_CODE_LENGTH) &&
    isLine(value['message'], 0, MAX_MESSAGE_LENGTH) &&
    isLine(value['hint'], 0, MAX_MESSAGE_LENGTH)
  if (!isFailure) throw offence('FRAME_INVALID', 'The peer sent a failure that is none.')
  const { code, message, hint } = value as unknown as CodedError
  return new ProtocolError(code, message, { hint, party: 'remote' })
}
