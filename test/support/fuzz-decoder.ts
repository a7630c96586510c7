import { ProtocolError } from '../../protocol/errors.ts'
import { decodeFrame, encodeFrame, type Frame } from '../../protocol/wire/frame.ts'

export interface DecoderFuzz {
  /** frames of the attacker's that were frames after all */
  accepted: number
  /** how many were refused with each code */
  refused: Map<string, number>
  /** milliseconds that the dearest one takes, written again where it is a frame */
  slowestMs: number
}

/** @throws Error for anything but a code of a frame, and for what was accepted and would have been written otherwise */
export function fuzzDecoder(next: () => Uint8Array, count: number): DecoderFuzz {
  const found: DecoderFuzz = { accepted: 0, refused: new Map(), slowestMs: 0 }
  for (let i = 0; i < count; i++) {
    const bytes = next()
    const start = performance.now()
    const code = refusalOf(bytes)
    if (performance.now() - start > found.slowestMs) found.slowestMs = Math.max(found.slowestMs, leastMs(bytes))
    if (code === undefined) found.accepted++
    else found.refused.set(code, (found.refused.get(code) ?? 0) + 1)
  }
  return found
}

/** What the frame itself costs: no other process, and no collection of garbage, is in the way three times. */
function leastMs(bytes: Uint8Array): number {
  const times = [1, 2, 3].map(() => {
    const start = performance.now()
    refusalOf(bytes)
    return performance.now() - start
  })
  return Math.min(...times)
}

/** The code that a frame is refused with, undefined if it is one. */
export function refusalOf(bytes: Uint8Array): string | undefined {
  let frame: Frame
  try {
    frame = decodeFrame(bytes)
  } catch (error) {
    if (error instanceof ProtocolError && error.code.startsWith('FRAME_')) return error.code
    throw new Error(`${Buffer.from(bytes).toString('hex')} is refused without a code`, { cause: error })
  }
  if (Buffer.compare(encodeFrame(frame), bytes) === 0) return undefined
  throw new Error(`${Buffer.from(bytes).toString('hex')} is written otherwise than it was read`)
}
