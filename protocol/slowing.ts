import { setTimeout as setTimer } from 'node:timers/promises'
import { LEAST_PAUSE_MS } from './constants.ts'
import type { FramePort } from './frame-port.ts'
import type { Pace } from './pace.ts'

/** Holds a peer to its pace: what comes on credit by giving credit later, so that small answers pass by; all else by not reading on. */
export interface Slowing {
  /** A frame was read. Resolves when the next is to be; undefined: at once. */
  read(bytes: number, isOnCredit: boolean): Promise<void> | undefined
  /** Calls back when more credit may be given. */
  beforeCredit(give: () => void): void
  /** so long was waited in all */
  readonly milliseconds: number
}

/** @param isOver nothing more is done to the port then */
export function createSlowing(
  { port, pace, now }: { port: Pick<FramePort, 'pause' | 'resume'>; pace: Pace; now: () => number },
  isOver: () => boolean,
): Slowing {
  let milliseconds = 0
  let creditFrom = 0

  /** The peer is held up by the stream itself: what it sends piles up on its own side. */
  async function pause(wait: number): Promise<void> {
    milliseconds += wait
    port.pause()
    await setTimer(wait, undefined, { ref: false })
    if (!isOver()) port.resume()
  }

  return {
    get milliseconds() {
      return milliseconds
    },
    read(bytes, isOnCredit) {
      const wait = pace.take(bytes)
      if (wait > 0 && isOnCredit) creditFrom = now() + wait
      return !isOnCredit && wait > LEAST_PAUSE_MS ? pause(wait) : undefined
    },
    beforeCredit(give) {
      const wait = creditFrom - now()
      if (wait <= 0) return give()
      milliseconds += wait
      setTimeout(give, wait).unref()
    },
  }
}
