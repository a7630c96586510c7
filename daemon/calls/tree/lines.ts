/**
 * Who holds which service of this node, and who waits for it: an older tree waits for a younger one, a younger one gives up (wait-die; Rosenkrantz, Stearns,
 * Lewis, 1978). So of those that wait for each other none is ever waited for by an older one, and no circle closes, on one node or across several.
 */
import { CallsError } from '../errors.ts'

/** A tree as all nodes know it. */
export interface TreeName {
  /** hash of its first call, in hexadecimal */
  id: string
  /** when its first call began, in milliseconds since 1970, by the clock of whoever took it */
  time: number
}

/** A place in the line for a service. */
export interface Place {
  tree: TreeName
  /** ID of the call that wants it: the same one may come twice */
  call: string
  /** it holds other services while it waits, here or elsewhere */
  holds: boolean
}

export interface Lines {
  /** @throws CallsError CALL_BUSY, CALL_CYCLE */
  enter(service: string, place: Place): void
  leave(service: string, place: Place): void
  /** Whether a tree has the service, or is about to. */
  isHeld(service: string): boolean
}

export function createLines(): Lines {
  const lines = new Map<string, Place[]>()
  return {
    enter(service, place) {
      const line = lines.get(service) ?? []
      const own = line.find(({ tree }) => tree.id === place.tree.id)
      if (own !== undefined && own.call !== place.call) throw heldByItself(service)
      if (place.holds && own === undefined && line.some(({ tree }) => !isOlder(place.tree, tree)))
        throw giveWay(service)
      lines.set(service, [...line, place])
    },
    leave(service, place) {
      const rest = (lines.get(service) ?? []).filter((one) => one !== place)
      if (rest.length > 0) lines.set(service, rest)
      else lines.delete(service)
    },
    isHeld: (service) => lines.has(service),
  }
}

const isOlder = (a: TreeName, b: TreeName): boolean => a.time < b.time || (a.time === b.time && a.id < b.id)

function giveWay(service: string): CallsError {
  const message = `The service ${service} is held by a call that began earlier and waits for somebody.`
  return new CallsError('CALL_BUSY', message, 'nothing was changed: try again in a moment')
}

function heldByItself(service: string): CallsError {
  const message = `The service ${service} is held by the call of which this one is a part, and waits for it.`
  return new CallsError('CALL_CYCLE', message, 'a service cannot be called again before it has answered')
}
