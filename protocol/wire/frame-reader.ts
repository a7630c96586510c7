import { MAX_ANSWER_FRAME_BYTES, MAX_READ_BUFFER_BYTES } from '../constants.ts'
import { ProtocolError } from '../errors.ts'
import { decodeLength } from './length-prefix.ts'

/**
 * Bytes as they come, cut wherever, into frames. What waits is one piece of memory, however small the pieces in which it comes: a list
 * of them costs a hundred times its bytes, and the square of its length to go through.
 *
 * Frames are views of what came, or of memory that is used again: new memory for each is what the garbage collector would stop
 * everybody for.
 */
export interface FrameReader {
  /** @throws ProtocolError FLOODING: more waits than anybody reads */
  feed(bytes: Uint8Array): void
  /** The next frame, valid until the next call; undefined until it is whole. @throws ProtocolError FRAME_TOO_LARGE, FRAME_NOT_CANONICAL */
  next(): Uint8Array | undefined
  /** Whether a frame, or its length, has begun and is not whole. */
  readonly isInside: boolean
}

const NOTHING = new Uint8Array(0)
/** Room for the rest of one part, and the next. */
const SCRATCH_BYTES: number = 2 * MAX_ANSWER_FRAME_BYTES
/** So many pieces after it was needed last, it is given back: an idle stream keeps no memory. */
const SCRATCH_PIECES = 64

export function createFrameReader(): FrameReader {
  /** what waits is between `start` and `end`; what lies before may still be looked at, if it `isLent` */
  let buffer: Uint8Array = NOTHING
  let start = 0
  let end = 0
  /** false: it is what came, and others may own what lies behind `end` */
  let isOwn = false
  /** the frame that was given last is in memory of our own, and may still be looked at */
  let isLent = false
  let scratch: Uint8Array = NOTHING
  let unused = 0
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

  /** Makes room behind what waits: in the scratch if it fits, else twice what is there, so that a byte is moved a bounded number of times. */
  function makeRoom(bytes: number): void {
    const waits = buffer.subarray(start, end)
    if (!isLent && 2 * (waits.length + bytes) <= SCRATCH_BYTES) {
      if (scratch.length === 0) scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES)
      buffer = scratch
    } else buffer = Buffer.allocUnsafeSlow(2 * (waits.length + bytes))
    buffer.set(waits)
    start = 0
    end = waits.length
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
        if (++unused > SCRATCH_PIECES) scratch = NOTHING
        return
      }
      if (end - start + bytes.length > MAX_READ_BUFFER_BYTES) {
        throw new ProtocolError('FLOODING', 'The peer sends more than is read.', { party: 'remote' })
      }
      if (!isOwn || end + bytes.length > buffer.length) makeRoom(bytes.length)
      buffer.set(bytes, end)
      end += bytes.length
      unused = 0
    },
    next() {
      isLent = false
      if (length === undefined && start < end) length = readLength()
      if (length === undefined || end - start < length) return undefined
      const frame = buffer.subarray(start, start + length)
      isLent = isOwn
      start += length
      length = undefined
      // an idle stream keeps no memory
      if (start === end) buffer = NOTHING
      return frame
    },
  }
}
