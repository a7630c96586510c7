import * as dagCbor from '@ipld/dag-cbor'
import { equalBytes } from '../codec.ts'
import { PUT_GRACE_MS, PUT_TIMEOUT_MS } from '../constants.ts'
import { createDeadline, within } from '../deadline.ts'
import { enough, nextStep, type PublicationState, type RepublishInit } from '../home/republish.ts'
import { createSerial } from '../serial.ts'
import type { Memory, RecordNetwork } from '../types.ts'
import { MAX_OWN_NAMES, NAME_ASK_MS, NAME_RENEW_MS } from './constants.ts'
import { decodeName } from './name-record.ts'
import { encodeNameValue, nameKey } from './name-value.ts'
import type { AskHub, NameRecord, NameValidation, OwnName } from './types.ts'

const OWN_KEY = 'registry/names/own'

export interface NamePublisherComponents {
  network: RecordNetwork
  memory: Memory
  validation: Pick<NameValidation, 'accept'>
  hub?: AskHub | undefined
  /** Has the book hold a name for another year: its term ends soon. */
  extend?: ((username: string, options: { signal: AbortSignal }) => Promise<void>) | undefined
  /** bytes of the newest home record of this node's user */
  ownHome: () => Uint8Array | undefined
  /** user ID */
  user: string
  now: () => number
}

export interface NamePublisher {
  /** Puts a record on the network; it is kept there from now on if it is of this node's user, and no longer if it was. */
  publish(username: string, record: Uint8Array, signals: readonly AbortSignal[]): Promise<number>
  own(): OwnName[]
  load(): Promise<void>
  /** Does what is due, if anything. */
  tick(signal: AbortSignal): Promise<void>
}

interface Own {
  record: NameRecord
  bytes: Uint8Array
  state: PublicationState
  /** the home record that went with it */
  home: Uint8Array | undefined
  /** when the hub was last asked for another */
  askedAt: number
}

/** Keeps the names of one user on the network, each beside the home record of the user. */
export function createNamePublisher(components: NamePublisherComponents, init: RepublishInit = {}): NamePublisher {
  const { network, memory, validation, hub, extend, ownHome, user, now } = components
  const names = new Map<string, Own>()
  const serial = createSerial()
  let loaded: Promise<void> | undefined

  const restore = async (): Promise<void> => {
    for (const bytes of decodeList(await memory.get(OWN_KEY))) {
      const { record } = decodeName(bytes)
      names.set(record.username, { record, bytes, state: unpublished(record), home: undefined, askedAt: 0 })
    }
  }
  const load = (): Promise<void> => {
    loaded ??= restore()
    loaded.catch(() => {
      loaded = undefined
    })
    return loaded
  }
  const save = (): Promise<void> => memory.put(OWN_KEY, dagCbor.encode([...names.values()].map(({ bytes }) => bytes)))

  const put = async (name: Own, signals: readonly AbortSignal[]): Promise<number> => {
    const { record, bytes, state } = name
    const home = record.user === user ? ownHome() : undefined
    const value = encodeNameValue({ name: bytes, home: home ?? null })
    const peers = network.size()
    name.home = home
    if (peers === 0) {
      network.keep(nameKey(record.username), value)
      return 0
    }
    state.attemptedAt = now()
    state.peers = peers
    state.seenBy = await countStored(record.username, value, signals)
    state.failures = state.seenBy < enough(peers) ? state.failures + 1 : 0
    if (state.seenBy > 0) state.publishedAt = now()
    return state.seenBy
  }

  /** A network that fails has stored it nowhere, as far as we know; the caller's own signal is the caller's to hear of. */
  const countStored = async (username: string, value: Uint8Array, signals: readonly AbortSignal[]): Promise<number> => {
    const late = () => new Error('the network did not take the record in time')
    const deadline = createDeadline(PUT_TIMEOUT_MS, signals, late)
    try {
      const work = async () => network.put(nameKey(username), value, { signal: deadline.signal })
      return await within(PUT_TIMEOUT_MS + PUT_GRACE_MS, signals, late, work)
    } catch {
      for (const signal of signals) signal.throwIfAborted()
      return 0
    } finally {
      deadline.end()
    }
  }

  const take = async (username: string, bytes: Uint8Array): Promise<Own> => {
    const record = await validation.accept(username, bytes)
    const before = names.get(username)
    const own = { record, bytes, state: unpublished(record), home: undefined, askedAt: before?.askedAt ?? 0 }
    if (record.user === user && (before !== undefined || names.size < MAX_OWN_NAMES)) names.set(username, own)
    else if (!names.delete(username)) return own
    await save()
    return own
  }

  /** @returns whether the term that the book gives ends soon */
  const renew = async (name: Own, signal: AbortSignal): Promise<boolean> => {
    const { username } = name.record
    name.askedAt = now()
    const bytes = await hub?.(username, { signal }).catch(() => undefined)
    // nobody answered: what there is may live for days
    if (bytes === undefined) return false
    if (bytes === null) {
      if (names.delete(username)) await save()
      return false
    }
    const newer = await take(username, bytes)
    await put(newer, [signal])
    // a new record that does not live long ends with the year that the book gives
    return newer.record.user === user && newer.record.expires - now() < NAME_RENEW_MS
  }

  return {
    load,
    own: () =>
      [...names.values()].map(({ record, bytes, state }) => ({
        record,
        bytes,
        seenBy: state.seenBy,
        publishedAt: state.publishedAt,
      })),
    publish: (username, bytes, signals) =>
      serial(username, async () => {
        await load()
        return put(await take(username, bytes), signals)
      }),
    async tick(signal) {
      await load()
      for (const username of [...names.keys()]) {
        const isEnding = await serial(username, async () => {
          const name = names.get(username)
          if (name === undefined || signal.aborted) return false
          const mayAsk = now() - name.askedAt >= NAME_ASK_MS
          const resignMs = mayAsk ? NAME_RENEW_MS : 0
          const step = nextStep(name.state, network.size(), now(), { ...init, resignMs })
          if (step === 'sign' && mayAsk) return renew(name, signal)
          // another home: whoever resolves the name is to find it beside it
          if (step === 'put' || (network.size() > 0 && !isSame(name.home, ownHome()))) await put(name, [signal])
          return false
        })
        // it comes back here with the new record, so not within the turn of this name
        if (isEnding) await extend?.(username, { signal })
      }
    },
  }
}

function isSame(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && equalBytes(a, b))
}

function unpublished({ expires, issued }: NameRecord): PublicationState {
  return { expires, seenBy: 0, publishedAt: issued, attemptedAt: 0, peers: 0, failures: 0 }
}

/** Our own bytes: what cannot be read is a damaged disk; the hub still has the names. */
function decodeList(bytes: Uint8Array | undefined): Uint8Array[] {
  try {
    return bytes === undefined ? [] : dagCbor.decode(bytes)
  } catch {
    return []
  }
}
