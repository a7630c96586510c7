import { MIRROR_LINES_MAX, MIRROR_QUERY_GAS, MIRROR_WASM_PAGES } from '../constants.ts'
import { shareOf } from '../machine/asks.ts'
import { isClean } from '../machine/audit.ts'
import type { Engine } from '../machine/guest.ts'
import { runMetered } from '../machine/metered-run.ts'
import { TrackedMemory } from '../machine/tracked-memory.ts'
import { GROWN_PAGE_GAS } from '../prices.ts'
import type { Ask, CallRequest, Delta, Image, Outcome } from '../types.ts'

/** A second instance of a service, on the thread of whoever asks: for what is over at once, and leaves no trace. */
export interface Mirror {
  /**
   * Runs, and puts back. What there is for an outcome, is that of the worker to the last unit of gas; there is none unless the run ended well,
   * or with asks, within MIRROR_QUERY_GAS, without asking anything of the host.
   *
   * @param request without answers
   */
  query(request: CallRequest): Tried
  /** Takes over a commit. False if it is too large: the mirror is of no more use. */
  advance(delta: Delta): boolean
}

export interface Tried {
  outcome?: Outcome
  /** what was used of the time of this thread, in units of gas */
  gas: number
  /** whether nothing is known any more of the instance: the mirror is of no more use */
  isLost: boolean
}

/** @param audit for tests: compares the whole memory after each run */
export function createMirror(engine: Engine, image: Image, { audit }: { audit: boolean }): Mirror {
  const guest = engine.createGuest(image.anchors)
  const { gas } = guest.instance
  const memory = TrackedMemory.restore(guest.instance, image.memory, image)

  return {
    query(request) {
      const given = request.limits.gas < CAP ? request.limits.gas : CAP
      gas.value = given
      const limits = { ...request.limits, gas: given }
      const { outcome, trap } = runMetered(guest, { ...request, limits }, (call) => guest.invoke(call))
      const used = outcome.ok ? Number(outcome.gas) : Number(given - (gas.value as bigint))
      // of V8's own limit of the stack, which is met on this thread alone, it is not known what it left
      const isLost = trap === 'other' || memory.growth() > GROWTH_MAX || !memory.undo()
      if (audit && !isLost && !isClean(guest.instance, memory)) throw new Error('a mirror is not as last accepted')
      const asks = outcome.ok ? [] : outcome.error.asks
      if (isLost || asks === undefined) return { gas: used, isLost }
      giveMore(asks, gas.value as bigint, request.limits.gas - given)
      return { outcome, gas: used, isLost }
    },
    advance(delta) {
      if (delta.lines.length > MIRROR_LINES_MAX || delta.pages > MIRROR_WASM_PAGES) return false
      memory.advance(delta)
      return true
    },
  }
}

/** Each ask gets its share of what is left to the call: of the cap and of what was kept back. */
function giveMore(asks: Ask[], left: bigint, keptBack: bigint): void {
  for (const ask of asks) ask.gas = shareOf(left + keptBack, asks.length)
}

const CAP = BigInt(MIRROR_QUERY_GAS)
/** What can be paid for, in pages of 64 KiB. To put back more, which was written before it was to be paid for, would take milliseconds. */
const GROWTH_MAX = MIRROR_QUERY_GAS / GROWN_PAGE_GAS
