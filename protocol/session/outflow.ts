import { INITIAL_CREDIT_BYTES, MAX_CREDIT_BYTES } from '../constants.ts'
import { ProtocolError } from '../errors.ts'

/**
 * How much of one answer may be sent before the asker grants more (section 7 of specs/internode.md): a reader that is slow, or has
 * stopped, costs the answerer what it has in hand and no more.
 */
export interface Outflow {
  /** Resolves when a frame may be sent, or the signal is aborted. */
  ready(signal: AbortSignal): Promise<void>
  /** A frame of so many bytes was sent; the last one may be larger than what was left. */
  spend(bytes: number): void
  /** @throws ProtocolError CREDIT_INVALID: nobody may have so much in hand */
  grant(bytes: number): void
}

export function createOutflow(): Outflow {
  let credit = INITIAL_CREDIT_BYTES
  let waiting: (() => void) | undefined

  return {
    ready(signal) {
      if (credit > 0 || signal.aborted) return Promise.resolve()
      return new Promise<void>((resolve) => {
        const go = (): void => {
          signal.removeEventListener('abort', go)
          waiting = undefined
          resolve()
        }
        signal.addEventListener('abort', go, { once: true })
        waiting = go
      })
    },
    spend(bytes) {
      credit -= bytes
    },
    grant(bytes) {
      credit += bytes
      if (credit > MAX_CREDIT_BYTES) {
        throw new ProtocolError('CREDIT_INVALID', 'The peer grants more credit than anybody may have.', {
          party: 'remote',
        })
      }
      if (credit > 0) waiting?.()
    },
  }
}
