import { DETOUR, DETOUR_MAX, DETOURS_MAX } from '../constants.ts'

/** Functions of a service that did not succeed on its mirror: for a while they go to the worker at once, each time for longer. */
export interface Detours {
  /** Whether this query may be tried on the mirror. It counts. */
  mayTry(method: string): boolean
  failed(method: string): void
  succeeded(method: string): void
}

export function createDetours(): Detours {
  /** the one that failed longest ago first */
  const known = new Map<string, { left: number; length: number }>()
  return {
    mayTry(method) {
      const detour = known.get(method)
      if (!detour || detour.left === 0) return true
      detour.left--
      return false
    },
    failed(method) {
      const length = Math.min((known.get(method)?.length ?? DETOUR / 2) * 2, DETOUR_MAX)
      known.delete(method)
      known.set(method, { left: length, length })
      if (known.size > DETOURS_MAX) known.delete(known.keys().next().value!)
    },
    succeeded(method) {
      const detour = known.get(method)
      if (!detour) return
      detour.length /= 2
      if (detour.length < DETOUR) known.delete(method)
    },
  }
}
