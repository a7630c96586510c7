/** What other nodes did for a call that failed, and nobody can have them undo. */
import { CallsError } from '../errors.ts'
import type { CallAway } from './ask-away.ts'

export interface EffectsAway {
  callAway: CallAway
  /** The failure of the whole, which says so if anything was done away, or may have been. */
  told(error: unknown): unknown
}

const STAYS = 'what others did for it stays'
/** Where it is known that the node that was asked did nothing. */
const NOTHING: ReadonlySet<unknown> = new Set(['not-sent', 'refused'])

/** @param callAway its failures say their `outcome` */
export function createEffectsAway(callAway: CallAway): EffectsAway {
  // what is under way counts: nobody waits for it when the time is over
  let done = 0
  return {
    async callAway(...asked) {
      done++
      try {
        return await callAway(...asked)
      } catch (error) {
        if (didNothing(error)) done--
        throw error
      }
    },
    told: (error) => (done > 0 ? onlyHere(error) : error),
  }
}

/** Neither it nor those whom it asked. */
function didNothing(error: unknown): boolean {
  const { outcome, hint = '' } = error as { outcome?: unknown; hint?: string }
  return NOTHING.has(outcome) && !hint.includes(STAYS)
}

function onlyHere(error: unknown): unknown {
  if (!(error instanceof CallsError)) return error
  const { code, message, hint } = error
  const said = hint.replace(/nothing was changed( on its host)?/, `nothing was changed on its host, but ${STAYS}`)
  return said === hint ? error : new CallsError(code, message, said, { cause: error })
}
