import type { Stream } from '@libp2p/interface'
import { ProtocolError } from '../errors.ts'
import type { PullLimits } from './constants.ts'

/** Ends the own half of a stream, after what was sent; and the whole stream, if the peer takes too long to end its own. */
export async function farewell(
  stream: Stream,
  { stallMs, farewellMs }: Pick<PullLimits, 'stallMs' | 'farewellMs'>,
): Promise<void> {
  try {
    await stream.close({ signal: AbortSignal.timeout(stallMs) })
  } catch {
    stream.abort(new ProtocolError('TIMED_OUT', 'The transfer could not be ended.'))
  }
  if (stream.status !== 'open') return
  const reset = (): void => stream.abort(new ProtocolError('TIMED_OUT', 'The peer did not end the transfer.'))
  const timer = setTimeout(reset, farewellMs)
  stream.addEventListener('close', () => clearTimeout(timer), { once: true })
}
