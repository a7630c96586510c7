import { FETCH_TIMEOUT_MS, MAX_LOOKUPS, MAX_QUERY_VALUES, QUERY_TIMEOUT_MS, QUORUM } from '../constants.ts'
import { raceSignal, within } from '../deadline.ts'
import { codeOf, RegistryError } from '../errors.ts'
import type { FetchHome, HomeRecord, Memory, RecordNetwork, ResolvedHome, Validation } from '../types.ts'
import { decodeHome, homeLink } from './home.ts'
import { createHomeCache, type StoredHome } from './home-cache.ts'
import { describeMiss, type Miss } from './miss.ts'
import { recordKey } from './record.ts'

export interface ResolverComponents {
  network: RecordNetwork
  memory: Memory
  validation: Validation
  fetchHome: FetchHome
  now: () => number
}

export interface ResolverInit {
  networkId: string
  /** valid answers that end a query; @default 3 */
  quorum?: number
  /** @default 10 seconds */
  queryTimeoutMs?: number
  /** @default 10 seconds */
  fetchTimeoutMs?: number
}

export interface Resolver {
  /** `life` ends the work for everybody, `signal` only this caller's wait. */
  resolve(user: string, options: { signal: AbortSignal; life: AbortSignal }): Promise<ResolvedHome>
}

/** What a query brought: the newest valid record, or how it ended without one. */
interface Heard {
  best?: { record: HomeRecord; bytes: Uint8Array }
  miss: Miss
}

/** Finds other users' homes. Callers that ask for the same user at the same time share one query. */
export function createResolver(components: ResolverComponents, init: ResolverInit): Resolver {
  const { network, memory, validation, fetchHome, now } = components
  const { quorum = QUORUM, queryTimeoutMs = QUERY_TIMEOUT_MS, fetchTimeoutMs = FETCH_TIMEOUT_MS } = init
  const cache = createHomeCache(memory)
  const lookups = new Map<string, Promise<ResolvedHome>>()

  /** Asks until so many have answered well, all have answered, or the time is over. */
  const listen = async (user: string, life: AbortSignal): Promise<Heard> => {
    const heard: Heard = { miss: 'nobody' }
    if (network.size() === 0) return { miss: 'alone' }
    const key = recordKey(user)
    const query = async (signal: AbortSignal): Promise<void> => {
      let [values, answers] = [0, 0]
      for await (const bytes of network.get(key, { signal })) {
        if (++values > MAX_QUERY_VALUES || signal.aborted) return
        const record = await validation.accept(key, bytes).catch((error: unknown) => {
          if (codeOf(error) === 'RECORD_EXPIRED') heard.miss = 'expired'
        })
        if (record === undefined) continue
        if (heard.best === undefined || record.seq > heard.best.record.seq) heard.best = { record, bytes }
        if (++answers >= quorum) return
      }
    }
    try {
      await within(queryTimeoutMs, [life], () => new Error('query timed out'), query)
    } catch {
      if (heard.miss === 'nobody') heard.miss = 'silent'
    }
    return heard
  }

  const obtain = async ({ home, nodes }: HomeRecord, life: AbortSignal): Promise<Uint8Array> => {
    try {
      const work = (signal: AbortSignal) => fetchHome(home, nodes, { signal })
      const bytes = await within(fetchTimeoutMs, [life], () => new Error('fetch timed out'), work)
      if (homeLink(bytes).equals(home)) return bytes
    } catch {
      life.throwIfAborted()
    }
    throw new RegistryError(
      'HOME_UNREACHABLE',
      `The user's record was found, but none of the user's nodes gave the home it points at: ${nodes.join(', ') || 'none is listed'}.`,
      'the nodes may be offline: try again later, or `amigo connect` to one of them',
    )
  }

  const lookUp = async (user: string, life: AbortSignal): Promise<ResolvedHome> => {
    const known = await cache.get(user)
    const cached = known?.record.network === init.networkId ? known : undefined
    const { best, miss } = await listen(user, life)
    life.throwIfAborted()
    if (best === undefined || best.record.seq < (cached?.record.seq ?? 0)) return fallBack(user, cached, miss)
    const { record, bytes } = best
    const homeBytes = cached?.record.home.equals(record.home) ? cached.homeBytes : await obtain(record, life)
    const home = decodeHome(homeBytes)
    await cache.put(user, bytes, homeBytes)
    return { record, home, source: 'dht', age: ageOf(record) }
  }

  const fallBack = async (user: string, cached: StoredHome | undefined, miss: Miss): Promise<ResolvedHome> => {
    const highest = await validation.highest(user)
    const alive = cached !== undefined && cached.record.expires > now() && cached.record.seq >= (highest?.seq ?? 0)
    if (alive) return { record: cached.record, home: cached.home, source: 'cache', age: ageOf(cached.record) }
    throw describeMiss(user, miss, highest?.expires ?? cached?.record.expires, now())
  }

  const ageOf = (record: HomeRecord): number => Math.max(0, now() - record.issued)

  return {
    async resolve(user, { signal, life }) {
      signal.throwIfAborted()
      let lookup = lookups.get(user)
      if (lookup === undefined) {
        if (lookups.size >= MAX_LOOKUPS) {
          throw new RegistryError('BUSY', 'This node is looking up too many names at once.', 'try again in a moment')
        }
        lookup = lookUp(user, life).finally(() => lookups.delete(user))
        lookups.set(user, lookup)
      }
      return raceSignal(lookup, signal)
    },
  }
}
