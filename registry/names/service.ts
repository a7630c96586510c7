import { TICK_MS } from '../constants.ts'
import { RegistryError } from '../errors.ts'
import type { RepublishInit } from '../home/republish.ts'
import { type Timer, unrefTimer } from '../timer.ts'
import { createNamePublisher, type NamePublisherComponents } from './name-publisher.ts'
import { createNameResolver, type NameResolverInit } from './name-resolver.ts'
import type { Usernames } from './types.ts'

export interface UsernamesComponents extends Omit<NamePublisherComponents, 'now'> {
  /** milliseconds since 1970; @default Date.now */
  now?: () => number
  /** @default setTimeout, not keeping the process alive */
  timer?: Timer
}

export interface UsernamesInit extends NameResolverInit, RepublishInit {
  /** how often is looked whether something is due; @default 5 seconds */
  tickMs?: number
  /** told of what fails in the background */
  onError?: (error: unknown) => void
}

/** Resolves usernames, and keeps those of one user on the network. See specs/names.md. */
export function createUsernames(components: UsernamesComponents, init: UsernamesInit = {}): Usernames {
  const { now = Date.now, timer = unrefTimer } = components
  const { tickMs = TICK_MS, onError = () => {} } = init
  const publisher = createNamePublisher({ ...components, now }, init)
  const resolver = createNameResolver({ ...components, now }, init)
  let life = new AbortController()
  let cancel = () => {}
  let forget = () => {}
  let beating: Promise<void> = Promise.resolve()

  const schedule = (signal: AbortSignal, ms: number): void => {
    cancel()
    if (!signal.aborted) cancel = timer(() => beat(signal), ms)
  }
  const beat = (signal: AbortSignal): void => {
    beating = publisher
      .tick(signal)
      .catch((error: unknown) => {
        if (!signal.aborted) onError(error)
      })
      .then(() => schedule(signal, tickMs))
  }

  return {
    own: publisher.own,
    async publish(username, record, { signal }) {
      const seenBy = await publisher.publish(username, record, [signal, life.signal])
      await resolver.learn(username, record)
      return seenBy
    },
    async resolve(username, { signal }) {
      await publisher.load()
      const own = publisher.own().find(({ record }) => record.username === username)
      if (own === undefined || own.record.expires <= now())
        return resolver.resolve(username, { signal, life: life.signal })
      const { record, bytes } = own
      return {
        record,
        bytes,
        user: components.user,
        home: null,
        source: 'own',
        age: Math.max(0, now() - record.issued),
      }
    },
    async start() {
      life = new AbortController()
      const { signal } = life
      await publisher.load()
      // many peers that appear at a time are one reason to look
      forget = components.network.onPeer(() => schedule(signal, 0))
      schedule(signal, tickMs)
    },
    async stop() {
      forget()
      cancel()
      life.abort(new RegistryError('STOPPED', 'This node is stopping.', 'start it again: amigo up'))
      await beating
    },
  }
}
