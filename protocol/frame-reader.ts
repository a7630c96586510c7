import { MAX_READ_BUFFER_BYTES } from './constants.ts'
import { ProtocolError } from './errors.ts'
import { decodeLength } from './length-prefix.ts'

/**
 * Bytes as they come, cut wherever, into frames. What waits is one piece of memory, however small the pieces in which it comes: a list
 * of them costs a hundred times its bytes, and the square of its length to go through.
 */
export interface FrameReader {
  /** @throws ProtocolError FLOODING: more waits than anybody reads */
  feed(bytes: Uint8Array): void
  /** The next frame, undefined until it is whole. @throws ProtocolError FRAME_TOO_LARGE, FRAME_NOT_CANONICAL */
  next(): Uint8Array | undefined
  /** Whether a frame, or its length, has begun and is not whole. */
  readonly isInside: boolean
}

const NOTHING = new Uint8Array(0)

export function createFrameReader(): FrameReader {
  /** What was given out is a view of it, so bytes are only ever added behind `end`. */
  let buffer: Uint8Array = NOTHING
  let start = 0
  let end = 0
  /** false: it is what came, and others may own what lies behind `end` */
  let isOwn = false
  /** of the frame that has begun, once it is known */
  let length: number | undefined

  /** The length, and `start` behind it; undefined while bytes of it are missing. */
  function readLength(): number | undefined {
    try {
      const found = decodeLength(buffer.subarray(start, end))
      while (buffer[start++]! >= 0x80);
      return found
    } catch (error) {
      if (error instanceof RangeError) return undefined
      throw error
    }
  }

  /** Twice what is there, so that a byte is moved a bounded number of times. */
  function grow(bytes: number): void {
    const larger = Buffer.allocUnsafeSlow(2 * (end - start + bytes))
    larger.set(buffer.subarray(start, end))
    buffer = larger
    end -= start
    start = 0
    isOwn = true
  }

  return {
    get isInside() {
      return end > start || length !== undefined
    },
    feed(bytes) {
      if (start === end) {
        buffer = bytes
        start = 0
        end = bytes.length
        isOwn = false
        return
      }
      if (end - start + bytes.length > MAX_READ_BUFFER_BYTES) {
        throw new ProtocolError('FLOODING', 'The peer sends more than is read.', { party: 'remote' })
      }
      if (!isOwn || end + bytes.length > buffer.length) grow(bytes.length)
      buffer.set(bytes, end)
      end += bytes.length
    },
    next() {
      if (length === undefined && start < end) length = readLength()
      if (length === undefined || end - start < length) return undefined
      const frame = buffer.subarray(start, start + length)
      start += length
      length = undefined
      // an idle stream keeps no memory
      if (start === end) buffer = NOTHING
      return frame
    },
  }
}
