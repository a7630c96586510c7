import { MIRROR_LINES_MAX, MIRROR_QUERY_GAS, MIRROR_WASM_PAGES } from '../constants.ts'
import { isClean } from '../machine/audit.ts'
import type { Engine } from '../machine/guest.ts'
import { runMetered } from '../machine/metered-run.ts'
import { TrackedMemory } from '../machine/tracked-memory.ts'
import { GROWN_PAGE_GAS } from '../prices.ts'
import type { CallRequest, Delta, Image, Outcome } from '../types.ts'

/** A second instance of a service, on the thread of whoever asks: for queries that are over at once. */
export interface Mirror {
  /**
   * Asks. What there is for an outcome, is that of the worker to the last unit of gas; there is none unless the query succeeded within
   * MIRROR_QUERY_GAS, without asking anything of the host.
   */
  query(request: CallRequest): Tried
  /** Takes over a commit. False if it is too large: the mirror is of no more use. */
  advance(delta: Delta): boolean
}

export interface Tried {
  outcome?: Outcome & { ok: true }
  /** what was used of the time of this thread, in units of gas */
  gas: number
  /** whether nothing is known any more of the instance: the mirror is of no more use */
  isLost: boolean
}

/** @param audit for tests: compares the whole memory after each query */
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
      return outcome.ok && !isLost ? { outcome, gas: used, isLost } : { gas: used, isLost }
    },
    advance(delta) {
      if (delta.lines.length > MIRROR_LINES_MAX || delta.pages > MIRROR_WASM_PAGES) return false
      memory.advance(delta)
      return true
    },
  }
}

const CAP = BigInt(MIRROR_QUERY_GAS)
/** What can be paid for, in pages of 64 KiB. To put back more, which was written before it was to be paid for, would take milliseconds. */
const GROWTH_MAX = MIRROR_QUERY_GAS / GROWN_PAGE_GAS
