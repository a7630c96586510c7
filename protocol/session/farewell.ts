import { encodeFrame } from '../wire/frame.ts'
import type { FramePort } from '../wire/frame-port.ts'
import type { Writer } from './writer.ts'

/**
 * Ends a stream: tells the peer why, waits a moment until it ended its own side (a reset at once could overtake the reason), then drops it.
 * Without a reason it is dropped at once. Never rejects.
 */
export async function farewell(port: FramePort, writer: Writer, milliseconds: number, reason?: string): Promise<void> {
  if (reason !== undefined) {
    const signal = AbortSignal.timeout(milliseconds)
    const told = writer.finish(() => encodeFrame({ type: 'goodbye', reason })).then(() => port.end({ signal }))
    await Promise.race([told.then(() => port.ended({ signal })), aborted(signal)]).catch(() => undefined)
  }
  port.abort()
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
