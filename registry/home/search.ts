/** Finds what others know of a user: a node of the user first, then the DHT. */
import type { CID } from 'multiformats/cid'
import { ASK_AT_ONCE, ASK_NEXT_MS, ASK_TIMEOUT_MS, FETCH_TIMEOUT_MS } from '../constants.ts'
import { within } from '../deadline.ts'
import { codeOf, RegistryError } from '../errors.ts'
import type { RecordNetwork } from '../types.ts'
import { blockLink } from './block.ts'
import { judgeAnswer, readList, withNode } from './judge.ts'
import { type KnownHome, type KnownNode, newestOf } from './known-home.ts'
import { nodeKey } from './node-record.ts'
import { askQuorum, type Heard, type QuorumInit } from './quorum.ts'
import { homeKey } from './record.ts'
import type { AskHome, FetchBlock, HomeRecord, NodeRecord, Validation } from './types.ts'

export interface SearchComponents {
  network: RecordNetwork
  validation: Validation
  fetchBlock: FetchBlock
  /** @default nodes are not asked: blocks are fetched instead */
  ask?: AskHome
  /** peer ID of this node, which is not asked */
  self: string
}

export interface SearchInit extends QuorumInit {
  /** @default 10 seconds */
  fetchTimeoutMs?: number
  /** @default 5 seconds */
  askTimeoutMs?: number
  /** @default 1 second */
  askNextMs?: number
}

export interface Search {
  /** What the first of these nodes says that has anything good to say; undefined if none does. */
  askNodes(
    user: string,
    nodes: readonly string[],
    known: KnownHome | undefined,
    life: AbortSignal,
  ): Promise<KnownHome | undefined>
  /** What each of these nodes says, or the DHT of those that say nothing, put together. */
  askEach(user: string, nodes: readonly string[], known: KnownHome, life: AbortSignal): Promise<KnownHome>
  /** The newest home record on the DHT. */
  askDht(user: string, life: AbortSignal): Promise<Heard<HomeRecord>>
  /**
   * What stands behind a home record, without asking nodes for all of it; lists that nobody gives are left out.
   * @throws {RegistryError} HOME_UNREACHABLE, HOME_INVALID
   */
  fetchAll(
    best: { record: HomeRecord; bytes: Uint8Array },
    known: KnownHome | undefined,
    life: AbortSignal,
  ): Promise<Fetched>
}

export interface Fetched {
  known: KnownHome
  /** every list in it is the newest that the DHT has: none was only known before */
  isConfirmed: boolean
}

export function createSearch(components: SearchComponents, init: SearchInit): Search {
  const { network, validation, fetchBlock, ask, self } = components
  const { fetchTimeoutMs = FETCH_TIMEOUT_MS, askTimeoutMs = ASK_TIMEOUT_MS, askNextMs = ASK_NEXT_MS } = init

  const obtain = async (cid: CID, nodes: string[], life: AbortSignal): Promise<Uint8Array | undefined> => {
    try {
      const work = (signal: AbortSignal) => fetchBlock(cid, nodes, { signal })
      const bytes = await within(fetchTimeoutMs, [life], () => new Error('fetch timed out'), work)
      return blockLink(bytes).equals(cid) ? bytes : undefined
    } catch {
      life.throwIfAborted()
      return undefined
    }
  }

  /** A node record with its list: the one that is known, if it is the same, else fetched. */
  const withItsList = async (
    { nodes }: KnownHome,
    { record, bytes: recordBytes }: { record: NodeRecord; bytes: Uint8Array },
    life: AbortSignal,
  ): Promise<KnownNode | undefined> => {
    const before = nodes.find((node) => node.record.node === record.node)
    if (before?.record.list.equals(record.list)) return { ...before, record, recordBytes }
    const listBytes = await obtain(record.list, [record.node], life)
    const list = listBytes && readList(listBytes)
    return listBytes && list && { record, recordBytes, list, listBytes }
  }

  const askOne = async (
    peer: string,
    user: string,
    known: KnownHome | undefined,
    life: AbortSignal,
  ): Promise<KnownHome | undefined> => {
    const have = known === undefined ? [] : [known.record.home, ...known.nodes.map(({ record }) => record.list)]
    const work = (signal: AbortSignal) => ask!(peer, user, have, { signal })
    const answer = await within(askTimeoutMs, [life], () => new Error('the node did not answer'), work)
    const judged = await judgeAnswer(user, answer, known, validation)
    if (judged === undefined) return undefined
    let current = judged.known
    for (const missing of judged.missing) {
      const node = await withItsList(current, missing, life)
      if (node !== undefined) current = withNode(current, node)
    }
    // a home without anything that its nodes run is no answer yet
    if (current.nodes.length === 0 && current.home.nodes.length > 0) return undefined
    return current
  }

  /** What the DHT and then its list say of one node. */
  const fetchNode = async (known: KnownHome, node: string, life: AbortSignal): Promise<KnownNode | undefined> => {
    const { best } = await askQuorum(network, nodeKey(node), validation.acceptNode, life, init)
    return best?.record.user === known.record.user ? withItsList(known, best, life) : undefined
  }

  return {
    async askEach(user, nodes, known, life) {
      let newest = known
      await severally(nodes, async (node) => {
        if (node === self) return
        const told = ask && (await askOne(node, user, known, life).catch(() => undefined))
        life.throwIfAborted()
        const found = told === undefined ? await fetchNode(known, node, life) : undefined
        if (told !== undefined) newest = newestOf(newest, told)
        if (found !== undefined) newest = withNode(newest, found)
      })
      return newest
    },

    async askNodes(user, nodes, known, life) {
      const others = nodes.filter((node) => node !== self)
      if (ask === undefined || others.length === 0) return undefined
      return firstGood(others, askNextMs, (peer) => askOne(peer, user, known, life), life)
    },

    askDht: (user, life) => askQuorum(network, homeKey(user), validation.acceptHome, life, init),

    async fetchAll({ record, bytes: recordBytes }, before, life) {
      const isSame = before?.record.home.equals(record.home) ?? false
      const answer = {
        record: recordBytes,
        home: isSame ? before!.homeBytes : ((await obtain(record.home, record.nodes, life)) ?? null),
        nodes: [],
      }
      const judged = await judgeAnswer(record.user, answer, before, validation)
      if (judged === undefined) throw unreachable(record)
      let { known } = judged
      let isConfirmed = true
      await severally(known.home.nodes, async (node) => {
        const found = node === self ? undefined : await fetchNode(known, node, life)
        if (found !== undefined) known = withNode(known, found)
        else if (known.nodes.some((one) => one.record.node === node)) isConfirmed = false
      })
      life.throwIfAborted()
      return { known, isConfirmed }
    },
  }
}

/** All of them, a few at a time. */
async function severally(items: readonly string[], work: (item: string) => Promise<void>): Promise<void> {
  const waiting = [...items]
  const worker = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: ASK_AT_ONCE }, worker))
}

/** Tries one after the other, the next one also when the one before takes long; a few at a time. Undefined if none is good. */
async function firstGood<T>(
  items: readonly string[],
  nextMs: number,
  attempt: (item: string) => Promise<T | undefined>,
  life: AbortSignal,
): Promise<T | undefined> {
  const done = Promise.withResolvers<T | undefined>()
  let [next, running] = [0, 0]
  let timer: NodeJS.Timeout | undefined
  const more = (): void => {
    clearTimeout(timer)
    if (next >= items.length || running >= ASK_AT_ONCE || life.aborted) {
      if (running === 0) done.resolve(undefined)
      return
    }
    const item = items[next++]!
    running++
    timer = setTimeout(more, nextMs)
    attempt(item)
      // what a node says wrongly is as good as nothing
      .catch((error: unknown) => {
        if (codeOf(error) === 'STOPPED') done.reject(error)
        return undefined
      })
      .then((found) => {
        running--
        if (found === undefined) more()
        else done.resolve(found)
      })
  }
  more()
  try {
    return await done.promise
  } finally {
    clearTimeout(timer)
    next = items.length
  }
}

export function unreachable({ nodes }: HomeRecord): RegistryError {
  return new RegistryError(
    'HOME_UNREACHABLE',
    `The user's record was found, but none of the user's nodes gave the home it points at: ${nodes.join(', ') || 'none is listed'}.`,
    'the nodes may be offline: try again later, or `amigo connect` to one of them',
  )
}
