import {
  MIRROR_AFTER,
  MIRROR_AFTER_MAX,
  MIRROR_IDLE_MS,
  MIRROR_LINE_GAS,
  MIRROR_MADE_GAS,
  MIRROR_OWN_GAS,
  MIRROR_QUERY_GAS,
  MIRRORS_MAX,
} from '../constants.ts'
import { readGuestProfile } from '../engine/guest-profile.ts'
import type { Engine } from '../machine/guest.ts'
import { createQuickJs } from '../machine/quickjs.ts'
import type { CallRequest, GroupEffects, Image, Outcome, Waited } from '../types.ts'
import { WorkerGone } from '../worker/worker-gone.ts'
import type { Allowance } from './allowance.ts'
import { createDetours, type Detours } from './detours.ts'
import { createMirror, type Mirror } from './mirror.ts'

/**
 * Answers queries of services that are often asked on this thread, as the worker would, and tells what their calls ask of others: a thread more on
 * the way takes 15 times as long as such a query itself. Neither changes anything, so whatever does not come out plainly here is run again in the worker.
 */
export interface Mirrors<S extends object> {
  /** The outcome, if the service has a mirror and the query succeeded on it. Else it is to be asked in the worker, which counts. */
  query(service: S, request: CallRequest, waited: Waited): Outcome | undefined
  /** The outcome of a call that asks others, if it came so far on the mirror. Else it is to be run in the worker. */
  asks(service: S, request: CallRequest, waited: Waited): Outcome | undefined
  /** Calls that may change the state, until they are answered. */
  changing<T extends Pick<GroupEffects, 'change'>>(service: S, calls: Promise<T>): Promise<T>
  /** The service is open no longer, or is not to have a mirror. */
  forget(service: S): void
  stop(): void
}

export interface MirrorsInit<S> {
  audit: boolean
  /** Told of what should never happen. */
  report?: ((detail: string) => void) | undefined
  /** the compiled engine */
  engine(): Promise<WebAssembly.Module> | undefined
  /** The state, as the calls that were made before left it; none if it is too large. */
  imageOf(service: S): Promise<Image | undefined>
  /** what this thread may do for all of them */
  allowance: Allowance
  /** a clock that never goes back, in milliseconds */
  now(): number
}

type IsWanted = (outcome: Outcome) => boolean

/** What is known of a service that is asked. */
interface Asked {
  /** queries, and calls that asked, which went to the worker since it was opened, or since its mirror was lost */
  queries: number
  /** after how many of them it has a mirror */
  enough: number
  /** calls that are under way, and how many changed the state, as far as that is known */
  underWay: number
  changes: number
  detours: Detours
  mirror?: Mirror
  usedAt: number
}

export function createMirrors<S extends object>(init: MirrorsInit<S>): Mirrors<S> {
  const { allowance, now } = init
  const services = new Map<S, Asked>()
  const engines = new WeakMap<WebAssembly.Module, Engine>()
  let count = 0
  let isMaking = false
  let sweeping: NodeJS.Timeout | undefined

  const askedOf = (service: S): Asked => {
    const known = services.get(service)
    if (known) return known
    const asked = { queries: 0, enough: MIRROR_AFTER, underWay: 0, changes: 0, detours: createDetours(), usedAt: 0 }
    services.set(service, asked)
    return asked
  }

  const drop = (asked: Asked): void => {
    if (!asked.mirror) return
    delete asked.mirror
    asked.queries = 0
    if (--count > 0) return
    clearInterval(sweeping)
    sweeping = undefined
  }

  /** It came to nothing: next time later. */
  const lose = (asked: Asked): void => {
    drop(asked)
    asked.queries = 0
    asked.enough = Math.min(asked.enough * 2, MIRROR_AFTER_MAX)
  }

  const sweep = (): void => {
    const before = now() - MIRROR_IDLE_MS
    for (const asked of services.values()) {
      if (asked.mirror) asked.enough = Math.max(asked.enough / 2, MIRROR_AFTER)
      if (asked.usedAt < before) drop(asked)
    }
  }

  const engineOf = (module: WebAssembly.Module): Engine => {
    const known = engines.get(module)
    if (known) return known
    const engine = createQuickJs(module, readGuestProfile(module), { offersHost: false })
    engines.set(module, engine)
    return engine
  }

  /** While the state is on its way: an instance takes as long to be made as the state to be put into it, and both at once would hold up this thread. */
  const prepared = async (): Promise<Engine | undefined> => {
    const module = await init.engine()
    const engine = module && engineOf(module)
    engine?.prepare?.()
    return engine
  }

  const make = async (service: S, asked: Asked): Promise<void> => {
    isMaking = true
    const { changes } = asked
    try {
      const [engine, image] = await Promise.all([prepared(), init.imageOf(service)])
      // what has begun since came behind the image, and is taken over when it is answered; unless it was answered before
      const isCurrent = services.get(service) === asked && asked.changes === changes
      if (!engine || !image || !isCurrent) return lose(asked)
      asked.mirror = createMirror(engine, image, init)
      asked.usedAt = now()
      allowance.take(MIRROR_MADE_GAS)
      count++
      sweeping ??= setInterval(sweep, MIRROR_IDLE_MS).unref()
    } catch {
      // the worker is gone, and the service with it
      lose(asked)
    } finally {
      isMaking = false
    }
  }

  const tryMirror = (asked: Asked, mirror: Mirror, request: CallRequest, isWanted: IsWanted): Outcome | undefined => {
    const { method } = request
    if (!allowance.has(MIRROR_OWN_GAS + MIRROR_QUERY_GAS) || !asked.detours.mayTry(method)) return undefined
    asked.usedAt = now()
    const { outcome, gas, isLost } = mirror.query(request)
    allowance.take(MIRROR_OWN_GAS + gas)
    const wanted = outcome && isWanted(outcome) ? outcome : undefined
    if (wanted) asked.detours.succeeded(method)
    else asked.detours.failed(method)
    if (isLost) lose(asked)
    return wanted
  }

  const onMirror = (service: S, request: CallRequest, { signal }: Waited, isWanted: IsWanted): Outcome | undefined => {
    const asked = askedOf(service)
    if (asked.underWay > 0 || request.content || request.answers?.length || signal?.aborted) return undefined
    if (asked.mirror) {
      try {
        return tryMirror(asked, asked.mirror, request, isWanted)
      } catch (error) {
        lose(asked)
        init.report?.(error instanceof Error ? (error.stack ?? error.message) : String(error))
        return undefined
      }
    }
    const isDue = ++asked.queries >= asked.enough && count < MIRRORS_MAX && !isMaking
    if (isDue && allowance.isFull()) void make(service, asked)
    return undefined
  }

  return {
    query: (service, request, waited) => onMirror(service, request, waited, () => true),
    asks: (service, request, waited) => onMirror(service, request, waited, ({ ok }) => !ok),
    async changing(service, calls) {
      const asked = askedOf(service)
      asked.underWay++
      try {
        const done = await calls
        const { change } = done
        if (change) asked.changes++
        if (change && asked.mirror) {
          allowance.take(MIRROR_LINE_GAS * change.delta.lines.length)
          if (!asked.mirror.advance(change.delta)) lose(asked)
        }
        return done
      } catch (error) {
        // what the worker did of it is not known, but where it has not begun
        const hasNotBegun = error instanceof WorkerGone && error.reason === 'cancelled'
        if (!hasNotBegun) asked.changes++
        if (asked.mirror && !hasNotBegun) lose(asked)
        throw error
      } finally {
        asked.underWay--
      }
    },
    forget(service) {
      const asked = services.get(service)
      if (asked) drop(asked)
      services.delete(service)
    },
    stop() {
      for (const asked of services.values()) drop(asked)
      services.clear()
    },
  }
}
