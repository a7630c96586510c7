import { setImmediate as endOfTurn, setTimeout as setTimer } from 'node:timers/promises'
import { LEAST_PAUSE_MS, READ_TURN_MS } from '../constants.ts'
import type { FramePort } from '../wire/frame-port.ts'
import type { Pace } from './pace.ts'

/**
 * Holds a peer to its pace: what comes on credit by giving credit later, so that small answers pass by; all else by not reading on. Between the
 * frames of one that keeps to it, everything else of the process has its turn.
 */
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
  let turnBegan = now()

  /** The peer is held up by the stream itself: what it sends piles up on its own side. */
  function pause(wait: number): Promise<void> {
    milliseconds += wait
    return readLater(setTimer(wait, undefined, { ref: false }))
  }

  async function readLater(when: Promise<void>): Promise<void> {
    port.pause()
    await when
    turnBegan = now()
    if (!isOver()) port.resume()
  }

  return {
    get milliseconds() {
      return milliseconds
    },
    read(bytes, isOnCredit) {
      const wait = pace.take(bytes)
      if (wait > 0 && isOnCredit) creditFrom = now() + wait
      if (!isOnCredit && wait > LEAST_PAUSE_MS) return pause(wait)
      // frames that are here already are read without a turn of the event loop between them
      return now() - turnBegan < READ_TURN_MS ? undefined : readLater(endOfTurn())
    },
    beforeCredit(give) {
      const wait = creditFrom - now()
      if (wait <= 0) return give()
      milliseconds += wait
      setTimeout(give, wait).unref()
    },
  }
}
