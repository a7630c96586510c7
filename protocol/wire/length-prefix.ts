import { MAX_FRAME_BYTES, MAX_LENGTH_BYTES } from '../constants.ts'
import { ProtocolError } from '../errors.ts'

/**
 * The length of the next frame from the unsigned varint in front of it.
 *
 * @throws RangeError while bytes of it are missing. @throws ProtocolError FRAME_TOO_LARGE; FRAME_NOT_CANONICAL when the varint is longer than it need be
 */
export function decodeLength(prefix: Uint8Array): number {
  let length = 0
  for (let i = 0; i < MAX_LENGTH_BYTES; i++) {
    const byte = prefix[i]
    if (byte === undefined) throw new RangeError('more bytes needed')
    length += (byte & 0x7f) * 2 ** (7 * i)
    if (byte >= 0x80) continue
    if (byte === 0 && i > 0)
      throw new ProtocolError('FRAME_NOT_CANONICAL', 'The length is padded.', { party: 'remote' })
    if (length <= MAX_FRAME_BYTES) return length
    break
  }
  throw new ProtocolError('FRAME_TOO_LARGE', `The frame is longer than ${MAX_FRAME_BYTES} bytes.`, { party: 'remote' })
}

/** The bytes of one write: each frame behind its length. */
export function withLengths(frames: readonly Uint8Array[]): Uint8Array {
  let size = 0
  for (const { length } of frames) size += MAX_LENGTH_BYTES + length
  const bytes = Buffer.allocUnsafeSlow(size)
  let at = 0
  for (const frame of frames) {
    let rest = frame.length
    for (; rest >= 0x80; rest >>>= 7) bytes[at++] = (rest & 0x7f) | 0x80
    bytes[at++] = rest
    bytes.set(frame, at)
    at += frame.length
  }
  return bytes.subarray(0, at)
}
