import { ASK_TIMEOUT_MS, TICK_MS } from '../constants.ts'
import { within } from '../deadline.ts'
import { RegistryError } from '../errors.ts'
import { type Timer, unrefTimer } from '../timer.ts'
import type { Memory, RecordNetwork, Signer } from '../types.ts'
import { peerIdOfKey, publicKeyOf, userIdOf } from '../user-id.ts'
import { answerOf } from './answer.ts'
import { createHomes } from './homes.ts'
import { type KnownHome, newestOf } from './known-home.ts'
import { createPublisher, type PublisherInit } from './publisher.ts'
import { createResolver, type ResolverInit } from './resolver.ts'
import { createSearch, type SearchInit } from './search.ts'
import { shownHome } from './shown-home.ts'
import type { AskHome, FetchBlock, HomeAnswer, PutBlock, Registry, UserSigner, Validation } from './types.ts'

export interface RegistryComponents {
  network: RecordNetwork
  memory: Memory
  /** the same object that the DHT was given */
  validation: Validation
  fetchBlock: FetchBlock
  /** asks a node for what it knows of a user; @default nodes are not asked, and blocks fetched instead */
  ask?: AskHome
  /** signs for the user whose home this is */
  owner: UserSigner
  /** signs for this node */
  node: Signer
  /** stores the block of an own home or list and offers it to others */
  putBlock: PutBlock
  /** whether news of this user is pushed here; @default of nobody */
  isFollowed?: (user: string) => boolean
  /** peer IDs of those this node is connected to, who may know a user whose nodes are away; @default nobody */
  neighbours?: () => readonly string[]
  /** milliseconds since 1970; @default Date.now */
  now?: () => number
  /** @default setTimeout, not keeping the process alive */
  timer?: Timer
}

export interface RegistryInit extends PublisherInit, ResolverInit, SearchInit {
  /** how often the republisher looks whether something is due; @default 5 seconds */
  tickMs?: number
  /** told of what fails in the background */
  onError?: (error: unknown) => void
}

/** Publishes what one node runs for its user, and resolves the homes of all. See specs/registry.md. */
export function createRegistry(components: RegistryComponents, init: RegistryInit): Registry {
  const { now = Date.now, timer = unrefTimer, isFollowed = () => false, neighbours = () => [] } = components
  const { tickMs = TICK_MS, onError = () => {} } = init
  const user = userIdOf(components.owner.publicKey)
  const self = peerIdOfKey(components.node.publicKey)
  const search = createSearch({ ...components, self }, init)
  const homes = createHomes(components.memory)
  const resolver = createResolver({ ...components, homes, search, isFollowed, neighbours, now }, init)
  const listeners = new Set<() => void>()
  let life = new AbortController()
  let started = false
  let cancel = () => {}

  /** What the user's other nodes, or the DHT, know of the own user. */
  const askOthers = async (signal: AbortSignal): Promise<KnownHome | undefined> => {
    const ask = (life: AbortSignal) => resolver.resolve(user, { signal: life, life, fresh: true })
    await within(ASK_TIMEOUT_MS, [signal], () => new Error('nobody answered in time'), ask).catch(() => undefined)
    signal.throwIfAborted()
    return resolver.known(user)
  }
  const publisher = createPublisher({ ...components, now, askOthers }, init)

  const tell = (): void => {
    for (const listener of listeners) listener()
  }
  /** Own name: what this node publishes, and what it knows of the user's other nodes. */
  const ownHome = async (): Promise<KnownHome | undefined> => {
    await publisher.load()
    const own = publisher.own()
    if (own === undefined) return undefined
    const known = await resolver.known(user)
    return known === undefined ? own : newestOf(own, known)
  }

  const beat = async (signal: AbortSignal): Promise<void> => {
    try {
      if (await publisher.tick(signal)) tell()
    } catch (error) {
      if (!signal.aborted) onError(error)
    }
  }
  const schedule = (signal: AbortSignal): void => {
    if (!signal.aborted) cancel = timer(() => void beat(signal).then(() => schedule(signal)), tickMs)
  }

  /** What is due when a peer appears is done at once; many at a time are one. */
  let nudged = false
  const nudge = (): void => {
    if (nudged || !started) return
    nudged = true
    const { signal } = life
    setImmediate(() => {
      nudged = false
      void beat(signal)
    })
  }
  let forget = () => {}

  return {
    async publish(list, { signal }) {
      const publication = await publisher.publish(list, [signal, life.signal])
      tell()
      return publication
    },
    async describe(profile, { signal }) {
      const before = publisher.own()
      await publisher.describe(profile, [signal, life.signal])
      if (publisher.own() !== before) tell()
    },
    publication: () => publisher.publication(),
    ownRecord: () => publisher.own()?.recordBytes,

    async resolve(wanted, options) {
      publicKeyOf(wanted)
      const all = { ...options, life: life.signal }
      if (wanted !== user) return resolver.resolve(wanted, all)
      const asked = options.fresh ? await resolver.resolve(wanted, all).catch(() => undefined) : undefined
      const own = await ownHome()
      return own ? shownHome(own, asked?.source ?? 'own', now()) : (asked ?? resolver.resolve(wanted, all))
    },

    async refresh(wanted, { signal }) {
      await resolver.resolve(wanted, { signal, life: life.signal, fresh: true })
      await resolver.askAll(wanted, signal)
    },

    async known(wanted, without): Promise<HomeAnswer> {
      const known = wanted === user ? await ownHome() : await resolver.known(wanted)
      return answerOf(known, without, now())
    },

    async take(wanted, answer) {
      publicKeyOf(wanted)
      const { isNews, isPart } = await resolver.take(wanted, answer)
      // another node of the same user: what it changed may have to be joined with what this one wants
      if (isNews && wanted === user) {
        nudge()
        resolver.askAll(user, life.signal).catch(() => undefined)
      }
      return { isNews, isPart }
    },

    async lastKnown(wanted) {
      const known = wanted === user ? await ownHome() : await resolver.known(wanted)
      return known && shownHome(known, wanted === user ? 'own' : 'cache', now())
    },

    onPublish(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },

    async start() {
      if (started) return
      started = true
      life = new AbortController()
      await publisher.load()
      forget = components.network.onPeer(nudge)
      schedule(life.signal)
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
