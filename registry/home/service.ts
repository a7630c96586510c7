import { TICK_MS } from '../constants.ts'
import { RegistryError } from '../errors.ts'
import type { FetchHome, Memory, PutHome, RecordNetwork, Registry, Signer, Validation } from '../types.ts'
import { publicKeyOf } from '../user-id.ts'
import { createPublisher, type PublisherInit } from './publisher.ts'
import { createResolver, type ResolverInit } from './resolver.ts'

/** Calls back once after so many milliseconds, unless it is cancelled by calling what it returns. */
export type Timer = (callback: () => void, ms: number) => () => void

export interface RegistryComponents {
  network: RecordNetwork
  memory: Memory
  /** the same object that the DHT was given */
  validation: Validation
  fetchHome: FetchHome
  signer: Signer
  /** stores the block of an own home and offers it to others */
  putHome: PutHome
  /** milliseconds since 1970; @default Date.now */
  now?: () => number
  /** @default setTimeout, not keeping the process alive */
  timer?: Timer
}

export interface RegistryInit extends PublisherInit, ResolverInit {
  /** how often the republisher looks whether something is due; @default 5 seconds */
  tickMs?: number
  /** told of what fails in the background */
  onError?: (error: unknown) => void
}

/** Publishes the homes of one user and resolves those of all. See specs/registry.md. */
export function createRegistry(components: RegistryComponents, init: RegistryInit): Registry {
  const { now = Date.now, timer = unrefTimer } = components
  const { tickMs = TICK_MS, onError = () => {} } = init
  const publisher = createPublisher({ ...components, now }, init)
  const resolver = createResolver({ ...components, now }, init)
  let life = new AbortController()
  let started = false
  let cancel = () => {}

  const schedule = (signal: AbortSignal): void => {
    if (!signal.aborted) cancel = timer(() => void beat(signal), tickMs)
  }

  /** What is due when a peer appears is done at once; many at a time are one. */
  let nudged = false
  const nudge = (): void => {
    if (nudged || !started) return
    nudged = true
    const { signal } = life
    setImmediate(() => {
      nudged = false
      publisher.tick(signal).catch((error: unknown) => {
        if (!signal.aborted) onError(error)
      })
    })
  }
  let forget = () => {}

  const beat = async (signal: AbortSignal): Promise<void> => {
    await publisher.tick(signal).catch((error: unknown) => {
      if (!signal.aborted) onError(error)
    })
    schedule(signal)
  }

  return {
    async publish(home, { signal }) {
      return publisher.publish(home, [signal, life.signal])
    },
    publication: () => publisher.publication(),

    async resolve(user, { signal }) {
      publicKeyOf(user)
      await publisher.load()
      const own = publisher.own()
      if (own?.record.user !== user) return resolver.resolve(user, { signal, life: life.signal })
      return { record: own.record, home: own.home, source: 'own', age: Math.max(0, now() - own.record.issued) }
    },

    async start() {
      if (started) return
      started = true
      life = new AbortController()
      const { signal } = life
      await publisher.load()
      forget = components.network.onPeer(nudge)
      schedule(signal)
    },

    async stop() {
      started = false
      forget()
      cancel()
      life.abort(new RegistryError('STOPPED', 'This node is stopping.', 'start it again: amigo up'))
      await publisher.idle()
    },
  }
}

function unrefTimer(callback: () => void, ms: number): () => void {
  const timeout = setTimeout(callback, ms)
  timeout.unref()
  return () => clearTimeout(timeout)
}
