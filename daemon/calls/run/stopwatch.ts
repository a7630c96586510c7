/** Where the time of one traced call goes, in laps, one after the other. Whoever traces nothing has no stopwatch, and reads no clock. */
import { MAX_LAPS } from '../constants.ts'

/**
 * What a lap is spent on. By whoever asks: `resolve` the name, `sign`, `send` (until the request leaves), `wire` (until the answer is here),
 * `lost` and `refused` (a request that has no answer, or an error), `pause` before the next try, `grant`, `proof` (checked). By whoever
 * answers: `verify` the signature, `wait` for the turn, `open` the service, `admit` (what is checked and read before it runs), `run` in the VM,
 * `content` from elsewhere, `asked` (other services answered), `previous` (the commit before becomes durable), `commit` (made and signed), `durable`, `answer`.
 */
export type LapName =
  | ('resolve' | 'sign' | 'send' | 'wire' | 'lost' | 'refused' | 'pause' | 'grant' | 'proof')
  | ('verify' | 'wait' | 'open' | 'admit' | 'run' | 'content' | 'asked' | 'previous' | 'commit' | 'durable' | 'answer')

/** A stretch of time as the wire has it: when it began, since the first, and how long it was, in milliseconds. */
export interface Span {
  name: string
  at?: number | undefined
  ms: number
}

export interface Lap {
  name: LapName
  at: number
  ms: number
  /** what the node that was asked says it did meanwhile: its word, by its own clock */
  inside?: { host: string; spans: readonly Span[] }
}

export interface Stopwatch {
  /**
   * The time since the last lap, up to now, was spent on this. What goes on longer is one lap; after MAX_LAPS, what was spent on something
   * is added to the last lap of that name.
   *
   * @param until a time of the past at which it ended, by the same clock
   */
  lap(name: LapName, until?: number): Lap
  readonly laps: readonly Lap[]
  /** when the last lap ended, by its clock */
  readonly since: number
  /** the laps together, in milliseconds */
  readonly total: number
}

/** When a service was opened. */
export interface Opening {
  from: number
  until: number
}

/** @param now a clock that never goes back, in milliseconds: that of everything else which is measured. @default performance.now */
export function createStopwatch(now: () => number = monotonic): Stopwatch {
  const laps: Lap[] = []
  const began = now()
  let since = began

  return {
    laps,
    get since() {
      return since
    },
    get total() {
      return since - began
    },
    lap(name, until = now()) {
      const end = Math.max(since, until)
      const ms = end - since
      const at = since - began
      since = end
      const last = laps.at(-1)
      const before =
        last?.name === name ? last : laps.length < MAX_LAPS ? undefined : laps.findLast((lap) => lap.name === name)
      if (before === undefined) {
        const lap: Lap = { name, at, ms }
        laps.push(lap)
        return lap
      }
      before.ms += ms
      return before
    },
  }
}

/** Its turn has come; the last that it waited for may have been that the service was opened. */
export function turnCame(watch: Stopwatch, opening: Opening | undefined): void {
  if (opening !== undefined && opening.until > watch.since) {
    watch.lap('wait', opening.from)
    watch.lap('open', opening.until)
  }
  watch.lap('wait')
}

const monotonic = (): number => performance.now()
