import * as dagCbor from '@ipld/dag-cbor'
import { MAX_LIFETIME_MS, MAX_RECORD_NODES, PUT_GRACE_MS, PUT_TIMEOUT_MS } from '../constants.ts'
import { createDeadline, within } from '../deadline.ts'
import { RegistryError } from '../errors.ts'
import { createSerial } from '../serial.ts'
import type { Home, Memory, Publication, PutHome, RecordNetwork, Registry, Signer, Validation } from '../types.ts'
import { userIdOf } from '../user-id.ts'
import { encodeHome, withSummary } from './home.ts'
import { decodeOwn, readStored, type StoredHome } from './home-cache.ts'
import { recordKey, signRecord } from './record.ts'
import { enough, nextStep, type PublicationState, type RepublishInit } from './republish.ts'

const SEQUENCE_KEY = 'registry/own/seq'
const OWN_KEY = 'registry/own/home'

export interface PublisherComponents {
  network: RecordNetwork
  memory: Memory
  validation: Validation
  signer: Signer
  putHome: PutHome
  now: () => number
}

export interface PublisherInit extends RepublishInit {
  networkId: string
  /** @default 48 hours, which is also the most */
  lifetimeMs?: number
  /** @default 15 seconds */
  putTimeoutMs?: number
}

export interface Publisher {
  /** As Registry.publish, ended by any of the signals. */
  publish(home: Home, signals: readonly AbortSignal[]): Promise<Publication>
  publication: Registry['publication']
  /** what this node publishes, if anything; after `load` */
  own(): StoredHome | undefined
  /** Reads what was published before; once is enough. */
  load(): Promise<void>
  /** Does what is due, if anything. */
  tick(signal: AbortSignal): Promise<void>
  /** Resolves when everything that was begun has ended. */
  idle(): Promise<void>
}

/** What is published, and how far it got. */
interface Own {
  stored: StoredHome
  state: PublicationState
}

/** Signs and puts the records of one user. One thing at a time; no sequence is used twice, not even after a crash. */
export function createPublisher(components: PublisherComponents, init: PublisherInit): Publisher {
  const { network, memory, validation, signer, putHome, now } = components
  const { networkId, lifetimeMs = MAX_LIFETIME_MS, putTimeoutMs = PUT_TIMEOUT_MS } = init
  const user = userIdOf(signer.publicKey)
  const key = recordKey(user)
  const serial = createSerial()
  let newest: Own | undefined
  let loaded: Promise<void> | undefined

  const restore = async (): Promise<void> => {
    const stored = readStored(await memory.get(OWN_KEY))
    if (stored === undefined || stored.record.user !== user || stored.record.network !== networkId) return
    newest = { stored, state: unpublished(stored) }
  }

  const load = (): Promise<void> => {
    loaded ??= restore()
    loaded.catch(() => {
      loaded = undefined
    })
    return loaded
  }

  /**
   * Above everything used here, seen of this user anywhere, and the clock: so a node restored from an old backup does not
   * fall behind what it published later. On disk before it is used.
   */
  const takeSequence = async (): Promise<number> => {
    const used = decodeOwn<number>(await memory.get(SEQUENCE_KEY)) ?? 0
    const seen = (await validation.highest(user))?.seq ?? 0
    const seq = Math.max(used + 1, seen + 1, now())
    await memory.put(SEQUENCE_KEY, dagCbor.encode(seq))
    return seq
  }

  const sign = async (home: Home): Promise<Own> => {
    const { cid, bytes: homeBytes } = encodeHome(home)
    await putHome(homeBytes, cid)
    const issued = now()
    const recordBytes = await signRecord(signer, {
      network: networkId,
      seq: await takeSequence(),
      issued,
      expires: issued + lifetimeMs,
      home: cid,
      nodes: home.nodes.slice(0, MAX_RECORD_NODES),
    })
    // Our own judge first: peers refuse what it refuses, and from here on it refuses to be rolled back
    const record = await validation.accept(key, recordBytes)
    const stored = { record, home, recordBytes, homeBytes }
    await memory.put(OWN_KEY, dagCbor.encode({ record: recordBytes, home: homeBytes }))
    newest = { stored, state: unpublished(stored) }
    return newest
  }

  const put = async ({ stored, state }: Own, signals: readonly AbortSignal[]): Promise<void> => {
    const peers = network.size()
    // Nobody to tell: whoever comes asks this node, and the republisher tells the first peer that appears
    if (peers === 0) return network.keep(key, stored.recordBytes)
    state.attemptedAt = now()
    state.peers = peers
    state.seenBy = await countStored(stored.recordBytes, signals)
    state.failures = state.seenBy < enough(peers) ? state.failures + 1 : 0
    if (state.seenBy > 0) state.publishedAt = now()
  }

  /** A network that fails has stored it nowhere, as far as we know; the caller's own signal is the caller's to hear of. */
  const countStored = async (bytes: Uint8Array, signals: readonly AbortSignal[]): Promise<number> => {
    const deadline = createDeadline(putTimeoutMs, signals, timedOut)
    try {
      const work = async () => network.put(key, bytes, { signal: deadline.signal })
      return await within(putTimeoutMs + PUT_GRACE_MS, signals, timedOut, work)
    } catch {
      for (const signal of signals) signal.throwIfAborted()
      return 0
    } finally {
      deadline.end()
    }
  }

  return {
    load,
    own: () => newest?.stored,
    publication() {
      if (newest === undefined) return undefined
      const { stored, state } = newest
      return { record: stored.record, home: stored.home, seenBy: state.seenBy, publishedAt: state.publishedAt }
    },
    publish(given, signals) {
      const home = { ...given, services: given.services.map(withSummary) }
      return serial(user, async () => {
        for (const signal of signals) signal.throwIfAborted()
        await load()
        const own = await sign(home)
        await put(own, signals)
        return { record: own.stored.record, seenBy: own.state.seenBy }
      })
    },
    tick(signal) {
      return serial(user, async () => {
        await load()
        if (newest === undefined || signal.aborted) return
        const step = nextStep(newest.state, network.size(), now(), init)
        if (step === 'rest') return
        await put(step === 'sign' ? await sign(newest.stored.home) : newest, [signal])
      })
    },
    idle: () => serial(user, async () => {}),
  }
}

function unpublished({ record }: StoredHome): PublicationState {
  return { expires: record.expires, seenBy: 0, publishedAt: record.issued, attemptedAt: 0, peers: 0, failures: 0 }
}

function timedOut(): RegistryError {
  return new RegistryError(
    'NO_ANSWER',
    'the network did not take the record in time',
    'it is put again in the background',
  )
}
