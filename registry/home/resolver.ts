import {
  FRESH_MS,
  MAX_LOOKUPS,
  MAX_NEIGHBOURS,
  MAX_RECENT_USERS,
  PATIENCE_MS,
  RECHECK_MS,
  SEEK_AGAIN_MS,
} from '../constants.ts'
import { raceSignal } from '../deadline.ts'
import { codeOf, RegistryError } from '../errors.ts'
import { createSerial } from '../serial.ts'
import type { Homes } from './homes.ts'
import { judgeAnswer } from './judge.ts'
import { type KnownHome, newestOf } from './known-home.ts'
import { describeMiss, type Miss } from './miss.ts'
import type { Heard } from './quorum.ts'
import { isBehind, rankOf } from './rank.ts'
import { createRecent } from './recent.ts'
import { homeKey } from './record.ts'
import { type Fetched, type Search, type SearchComponents, unreachable } from './search.ts'
import { shownHome } from './shown-home.ts'
import type { HomeAnswer, HomeRecord, ResolvedHome, ResolveOptions, Taken } from './types.ts'

export interface ResolverComponents extends Pick<SearchComponents, 'validation'> {
  homes: Homes
  search: Search
  /** whether news of this user is pushed here */
  isFollowed: (user: string) => boolean
  /** peer IDs of those this node is connected to */
  neighbours: () => readonly string[]
  now: () => number
}

export interface ResolverInit {
  networkId: string
  /** @default 3 seconds */
  patienceMs?: number
}

export interface Resolver {
  /** `life` ends the work for everybody, `signal` only this caller's wait. */
  resolve(user: string, options: ResolveOptions & { life: AbortSignal }): Promise<ResolvedHome>
  /** As Registry.take. */
  take(user: string, answer: HomeAnswer): Promise<Taken>
  /** What is known here, if it is of this network. */
  known(user: string): Promise<KnownHome | undefined>
  /** Asks every node of the user that is known, not the first that answers. */
  askAll(user: string, life: AbortSignal): Promise<void>
}

/** Finds other users' homes. Callers that ask for the same user at the same time share one search. */
export function createResolver(components: ResolverComponents, init: ResolverInit): Resolver {
  const { homes, validation, search, isFollowed, neighbours, now } = components
  const { networkId, patienceMs = PATIENCE_MS } = init
  const lookups = new Map<string, Promise<ResolvedHome>>()
  const serial = createSerial()
  /** when somebody who should know last said that this is the newest, and when the DHT was asked */
  const confirmed = createRecent(MAX_RECENT_USERS)
  const checked = createRecent(MAX_RECENT_USERS)
  /** nodes of which nothing was known: when they were last looked for */
  const sought = createRecent(MAX_RECENT_USERS)

  const known = async (user: string): Promise<KnownHome | undefined> => {
    const stored = await homes.get(user)
    return stored?.record.network === networkId ? stored : undefined
  }
  const isAlive = ({ record }: KnownHome): boolean => record.expires > now()

  /** Whether nothing newer came by, of the user or of a node. */
  const isNewest = async ({ record, nodes }: KnownHome): Promise<boolean> => {
    const highest = await validation.highest(record.user)
    if (highest !== undefined && isBehind(rankOf(record), highest)) return false
    for (const node of nodes) {
      const best = await validation.highest(node.record.node)
      if (best !== undefined && best.seq > node.record.seq) return false
    }
    return true
  }

  /** Puts together what was found and what else came meanwhile; on disk when it resolves. */
  const keep = (user: string, found: KnownHome, isConfirmed = true): Promise<{ newest: KnownHome; isNews: boolean }> =>
    serial(user, async () => {
      const before = await known(user)
      const newest = newestOf(before, found)
      if (newest !== before) await homes.put(newest)
      if (isConfirmed) confirmed.note(user, now())
      return { newest, isNews: newest !== before }
    })

  const lookUp = async (user: string, given: Uint8Array | undefined, life: AbortSignal): Promise<ResolvedHome> => {
    const heard = await heardFrom(user, given)
    const before = await known(user)
    const nodes = before && isAlive(before) ? before.home.nodes : []
    const told = await search.askNodes(user, nodes, before, life)
    if (told !== undefined) {
      recheck(user, life)
      return shownHome(await complete((await keep(user, told)).newest, life), 'node', now())
    }
    const { best, miss } = heard ?? (await search.askDht(user, life))
    life.throwIfAborted()
    if (best === undefined || (before !== undefined && isBehind(rankOf(best.record), rankOf(before.record)))) {
      return fallBack(user, before, miss)
    }
    checked.note(user, now())
    // those that were asked already need not be asked again
    const others = best.record.nodes.filter((peer) => !nodes.includes(peer))
    const answered = await search.askNodes(user, others, before, life)
    if (answered !== undefined)
      return shownHome(await complete((await keep(user, answered)).newest, life), 'node', now())
    const { known: found, isConfirmed } = await search
      .fetchAll(best, before, life)
      .catch((error: unknown) => fromNeighbours(best.record, before, life, error))
    const { newest } = await keep(user, found, isConfirmed)
    if (newest.nodes.length === 0 && newest.home.nodes.length > 0) throw unreachable(newest.record)
    return shownHome(newest, isConfirmed ? 'dht' : 'cache', now())
  }

  /** When the user's nodes are away: somebody near may have looked the user up before. It is as good as the last known good. */
  const fromNeighbours = async (
    record: HomeRecord,
    before: KnownHome | undefined,
    life: AbortSignal,
    error: unknown,
  ): Promise<Fetched> => {
    if (codeOf(error) !== 'HOME_UNREACHABLE') throw error
    const told = await search.askNodes(record.user, neighbours().slice(0, MAX_NEIGHBOURS), before, life)
    if (told === undefined || isBehind(rankOf(told.record), rankOf(record))) throw error
    return { known: told, isConfirmed: false }
  }

  /** Whoever answered may not know of all nodes: those that are missing are sought, each once in a while. */
  const complete = async (known: KnownHome, life: AbortSignal): Promise<KnownHome> => {
    const missing = known.home.nodes.filter((peer) => !known.nodes.some(({ record }) => record.node === peer))
    const due = missing.filter((peer) => now() - (sought.at(peer) ?? 0) >= SEEK_AGAIN_MS)
    for (const peer of due) sought.note(peer, now())
    return due.length > 0 ? askEach(known, due, life) : known
  }

  const askEach = async (known: KnownHome, nodes: readonly string[], life: AbortSignal): Promise<KnownHome> => {
    const { user } = known.record
    return (await keep(user, await search.askEach(user, nodes, known, life))).newest
  }

  /** A record that the caller had from somewhere, in the place of what the DHT would say. */
  const heardFrom = async (user: string, given: Uint8Array | undefined): Promise<Heard<HomeRecord> | undefined> => {
    const record = given && (await validation.acceptHome(homeKey(user), given).catch(() => undefined))
    return record && { best: { record, bytes: given! }, miss: 'nobody' }
  }

  /** Behind the answer of a node: the DHT may know that the node has lost its place. What it says is remembered by the validation. */
  const recheck = (user: string, life: AbortSignal): void => {
    if (now() - (checked.at(user) ?? 0) < RECHECK_MS) return
    checked.note(user, now())
    search.askDht(user, life).catch(() => undefined)
  }

  const fallBack = async (user: string, before: KnownHome | undefined, miss: Miss): Promise<ResolvedHome> => {
    const highest = await validation.highest(user)
    const isHighest = before !== undefined && (highest === undefined || !isBehind(rankOf(before.record), highest))
    if (isHighest && isAlive(before)) return shownHome(before, 'cache', now())
    throw describeMiss(user, miss, highest?.expires ?? before?.record.expires, now())
  }

  const begin = (user: string, given: Uint8Array | undefined, life: AbortSignal): Promise<ResolvedHome> => {
    const running = lookups.get(user)
    if (running !== undefined) return running
    if (lookups.size >= MAX_LOOKUPS) {
      throw new RegistryError('BUSY', 'This node is looking up too many names at once.', 'try again in a moment')
    }
    const lookup = lookUp(user, given, life).finally(() => lookups.delete(user))
    lookups.set(user, lookup)
    return lookup
  }

  /** The search goes on for those who come later. */
  const orLastKnown = async (
    lookup: Promise<ResolvedHome>,
    before: KnownHome,
    signal: AbortSignal,
  ): Promise<ResolvedHome> => {
    const impatient = Promise.withResolvers<ResolvedHome>()
    const giveUp = async (): Promise<void> => {
      if (await isNewest(before)) impatient.resolve(shownHome(before, 'cache', now()))
    }
    const timer = setTimeout(() => void giveUp().catch(impatient.reject), patienceMs)
    try {
      return await raceSignal(Promise.race([lookup, impatient.promise]), signal)
    } catch (error) {
      if (signal.aborted || !PASSING.has(codeOf(error) ?? '')) throw error
      return shownHome(before, 'cache', now())
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    known,

    async resolve(user, { signal, life, record, fresh = false }) {
      signal.throwIfAborted()
      const before = await known(user)
      const usable = before !== undefined && isAlive(before) && (await isNewest(before)) ? before : undefined
      const isFresh = now() - (confirmed.at(user) ?? 0) < FRESH_MS
      if (usable && !fresh && isFresh && isFollowed(user)) return shownHome(usable, 'push', now())
      const lookup = begin(user, record, life)
      return usable && !fresh ? orLastKnown(lookup, usable, signal) : raceSignal(lookup, signal)
    },

    async askAll(user, life) {
      const before = await known(user)
      if (before !== undefined) await askEach(before, before.home.nodes, life)
    },

    async take(user, answer) {
      const judged = await judgeAnswer(user, answer, await known(user), validation)
      if (judged === undefined) return { isNews: false, isPart: false }
      const isPart = judged.missing.length > 0
      return { ...(await keep(user, judged.known, !isPart)), isPart }
    },
  }
}

/** What may pass by itself, while the last known good is alive. */
const PASSING: ReadonlySet<string> = new Set(['NO_ANSWER', 'BUSY'])
