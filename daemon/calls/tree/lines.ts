/**
 * Who holds which service of this node, and who waits for it: an older tree waits for a younger one, a younger one gives up (wait-die; Rosenkrantz, Stearns,
 * Lewis, 1978). That is looked at when a tree begins to wait, and again whenever somebody gets the service, since turns go round. So nobody who holds
 * anything ever waits for an older one, and no circle closes, on one node or across several.
 */
import { CallsError } from '../errors.ts'
import { cycle } from './failed-ask.ts'

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
  /**
   * What a tree does on a node below one call that came from outside ends as a whole: it is named by the services from the first of the tree to the
   * one of that call.
   */
  part: readonly string[]
  /** ID of the call that wants it: the same one may come twice */
  call: string
  /** the services above that call */
  chain: readonly string[]
  /** it holds other services while it waits, here or elsewhere */
  holds: boolean
  /** Told when it must not wait any longer: an older tree, or the one that waits for it, has the service now. */
  giveWay(reason: CallsError): void
}

export interface Lines {
  /** @throws CallsError CALL_BUSY, CALL_CYCLE */
  enter(service: string, place: Place): void
  /** It has the service from here on. */
  take(service: string, place: Place): void
  leave(service: string, place: Place): void
  /** Whether a tree has the service, or is about to. */
  isHeld(service: string): boolean
  /** Calls back when a tree gets the service. Answers how to end it. */
  watch(service: string, onTaken: () => void): () => void
}

export function createLines(): Lines {
  const lines = new Map<string, { holder?: Place | undefined; places: Set<Place> }>()
  const watches = new Map<string, Set<() => void>>()
  return {
    enter(service, place) {
      const line = lines.get(service) ?? { places: new Set() }
      const reason = line.holder && conflict(service, line.holder, place)
      if (reason !== undefined) throw reason
      line.places.add(place)
      lines.set(service, line)
    },
    take(service, place) {
      const line = lines.get(service)!
      line.holder = place
      for (const onTaken of watches.get(service) ?? []) onTaken()
      for (const other of line.places) {
        const reason = other === place ? undefined : conflict(service, place, other)
        if (reason !== undefined) other.giveWay(reason)
      }
    },
    leave(service, place) {
      const line = lines.get(service)
      if (line?.holder === place) line.holder = undefined
      line?.places.delete(place)
      if (line?.places.size === 0) lines.delete(service)
    },
    isHeld: (service) => lines.has(service),
    watch(service, onTaken) {
      const all = watches.get(service) ?? new Set()
      watches.set(service, all.add(onTaken))
      return () => {
        all.delete(onTaken)
        if (all.size === 0 && watches.get(service) === all) watches.delete(service)
      }
    },
  }
}

/** Why one must not wait for another, if so. */
function conflict(service: string, holder: Place, waiter: Place): CallsError | undefined {
  if (waiter.call === holder.call) return undefined
  const isSame = waiter.tree.id === holder.tree.id
  // what is below the call that holds it is waited for by that
  if (isSame && holder.part.every((one, i) => waiter.chain[i] === one)) return cycle([...waiter.chain, service])
  // branches of one tree have an order, too: what is above the one that waits is what holds something
  const mayWait = isSame ? waiter.chain.join() < holder.part.join() : isOlder(waiter.tree, holder.tree)
  return mayWait || !waiter.holds ? undefined : giveWay(service)
}

const isOlder = (a: TreeName, b: TreeName): boolean => a.time < b.time || (a.time === b.time && a.id < b.id)

function giveWay(service: string): CallsError {
  const message = `The service ${service} is held by a call that began earlier and waits for somebody.`
  return new CallsError('CALL_BUSY', message, 'nothing was changed: try again in a moment')
}
