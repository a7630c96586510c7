import { MAX_LOOKUPS } from '../constants.ts'
import { raceSignal, within } from '../deadline.ts'
import { RegistryError } from '../errors.ts'
import { describeMiss } from '../home/miss.ts'
import { askQuorum, type Heard, type QuorumInit } from '../home/quorum.ts'
import type { Memory, RecordNetwork } from '../types.ts'
import { HUB_TIMEOUT_MS, NAME_FRESH_MS } from './constants.ts'
import { createNameCache } from './name-cache.ts'
import { decodeName } from './name-record.ts'
import { decodeNameValue, nameKey } from './name-value.ts'
import type { AskHub, NameRecord, NameValidation, ResolvedName } from './types.ts'

export interface NameResolverComponents {
  network: Pick<RecordNetwork, 'get' | 'size'>
  memory: Memory
  validation: Pick<NameValidation, 'accept'>
  /** undefined: the network has no hub */
  hub?: AskHub | undefined
  now: () => number
}

export interface NameResolverInit extends QuorumInit {
  /** @default 1 hour */
  freshMs?: number
}

export interface NameResolver {
  /** `life` ends the work for everybody, `signal` only this caller's wait. */
  resolve(username: string, options: { signal: AbortSignal; life: AbortSignal }): Promise<ResolvedName>
  /** What the hub said just now goes into the cache. */
  learn(username: string, record: Uint8Array): Promise<void>
}

/** Finds whose a username is. Callers that ask for the same one at the same time share one query. */
export function createNameResolver(components: NameResolverComponents, init: NameResolverInit = {}): NameResolver {
  const { network, memory, validation, hub, now } = components
  const { freshMs = NAME_FRESH_MS } = init
  const cache = createNameCache(memory)
  const lookups = new Map<string, Promise<ResolvedName>>()

  const listen = (username: string, life: AbortSignal): Promise<Heard<NameRecord>> => {
    const accept = async (_key: Uint8Array, value: Uint8Array) =>
      validation.accept(username, decodeNameValue(value).name)
    return askQuorum(network, nameKey(username), accept, life, init)
  }

  /** The last word, where it can be had: null if the hub knows of nobody; else why it cannot. */
  const askHub = async (
    username: string,
    life: AbortSignal,
  ): Promise<{ record: NameRecord; bytes: Uint8Array } | null | { failure: unknown }> => {
    if (hub === undefined) return { failure: undefined }
    try {
      const ask = (signal: AbortSignal) => hub(username, { signal })
      const bytes = await within(HUB_TIMEOUT_MS, [life], () => new Error('the hub is silent'), ask)
      if (bytes === null) return null
      const record = await validation.accept(username, bytes)
      await cache.put({ username, record: bytes, learnt: now() })
      return { record, bytes }
    } catch (failure) {
      return { failure }
    }
  }

  const lookUp = async (username: string, life: AbortSignal): Promise<ResolvedName> => {
    const known = await cached(username)
    if (known !== undefined && known.age < freshMs) return named(known)
    const { best, miss } = await listen(username, life)
    life.throwIfAborted()
    if (best !== undefined && best.record.seq >= (known?.record.seq ?? 0)) {
      const { record } = best
      const { name, home } = decodeNameValue(best.bytes)
      await cache.put({ username, record: name, learnt: now() })
      return named({ record, bytes: name, home, source: 'dht', age: Math.max(0, now() - record.issued) })
    }
    const said = await askHub(username, life)
    life.throwIfAborted()
    if (said === null) throw unregistered(username)
    if ('record' in said) return named({ ...said, home: null, source: 'hub', age: 0 })
    if (known !== undefined) return named(known)
    if (hub !== undefined && (miss === 'nobody' || miss === 'silent')) throw undecided(username, said.failure)
    throw describeMiss(username, miss, undefined, now())
  }

  const cached = async (username: string): Promise<Omit<ResolvedName, 'user'> | undefined> => {
    const entry = await cache.get(username)
    if (entry === undefined) return undefined
    try {
      // once more: another one may have been seen since
      const record = await validation.accept(username, entry.record)
      return { record, bytes: entry.record, home: null, source: 'cache', age: Math.max(0, now() - entry.learnt) }
    } catch {
      return undefined
    }
  }

  return {
    async resolve(username, { signal, life }) {
      signal.throwIfAborted()
      let lookup = lookups.get(username)
      if (lookup === undefined) {
        if (lookups.size >= MAX_LOOKUPS)
          throw new RegistryError('BUSY', 'This node is looking up too many names at once.', 'try again in a moment')
        lookup = lookUp(username, life).finally(() => lookups.delete(username))
        lookups.set(username, lookup)
      }
      return raceSignal(lookup, signal)
    },
    learn: (username, record) => {
      decodeName(record)
      return cache.put({ username, record, learnt: now() })
    },
  }
}

/** @throws {RegistryError} NAME_NOT_FOUND for a name that was given up */
function named(found: Omit<ResolvedName, 'user'>): ResolvedName {
  const { user, username } = found.record
  if (user !== null) return { ...found, user }
  throw new RegistryError(
    'NAME_NOT_FOUND',
    `Nobody has the username ${username} any more: it was released.`,
    `it is yours if you are the first: amigo register ${username}`,
  )
}

/** Nobody else knew, and the hub, which would, does not say: so it is open whether somebody has the name. */
function undecided(username: string, failure: unknown): unknown {
  const code = String((failure as { code?: unknown } | undefined)?.code)
  // it did answer: what is wrong with that is what there is to say
  if (code === 'WITNESSES_MISSING' || code.startsWith('RECORD_') || code === 'SIGNATURE_INVALID') return failure
  return new RegistryError(
    'NO_ANSWER',
    `Nobody who answered knows whose the username ${username} is, and the hub of the network, which would, does not answer.`,
    'try again when it is up; names that somebody looked up before resolve without it',
  )
}

function unregistered(username: string): RegistryError {
  return new RegistryError(
    'NAME_NOT_FOUND',
    `Nobody has registered the username ${username} on this network.`,
    `check its spelling; it is yours if you are the first: amigo register ${username}`,
  )
}
