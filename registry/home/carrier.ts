import { PUT_GRACE_MS, PUT_TIMEOUT_MS, REPUBLISH_MS } from '../constants.ts'
import { createDeadline, within } from '../deadline.ts'
import { RegistryError } from '../errors.ts'
import type { RecordNetwork } from '../types.ts'
import { enough, nextStep, type PublicationState, type RepublishInit } from './republish.ts'
import type { Publication } from './types.ts'

export interface CarrierInit extends RepublishInit {
  /** @default 15 seconds */
  putTimeoutMs?: number
}

/** One record of this node's own on the DHT, and how far it got. */
export interface Carrier {
  /** Takes another record in the place of the one before; it is not put yet. */
  set(bytes: Uint8Array, terms: { issued: number; expires: number }): void
  /** Puts it now. Never throws for what the network does. */
  put(signals: readonly AbortSignal[]): Promise<void>
  /** What is due: nothing, putting it once more, or a new one with a later expiry. */
  due(): 'rest' | 'put' | 'sign'
  /** Whether it is to be put, as it is: also one that cannot be signed anew any more. */
  isToPut(): boolean
  /** It is not put any more. */
  clear(): void
  state(): Pick<Publication, 'seenBy' | 'publishedAt' | 'renewAt' | 'dueAt'>
}

export function createCarrier(
  { network, now }: { network: RecordNetwork; now: () => number },
  key: Uint8Array,
  init: CarrierInit,
): Carrier {
  const { putTimeoutMs = PUT_TIMEOUT_MS, republishMs = REPUBLISH_MS } = init
  let record: Uint8Array | undefined
  let state: PublicationState = { expires: 0, seenBy: 0, publishedAt: 0, attemptedAt: 0, peers: 0, failures: 0 }
  let dueAt = 0

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
    set(bytes, { issued, expires }) {
      record = bytes
      state = { expires, seenBy: 0, publishedAt: issued, attemptedAt: 0, peers: 0, failures: 0 }
      dueAt = issued
    },
    async put(signals) {
      if (record === undefined) return
      const peers = network.size()
      // Nobody to tell: whoever comes asks this node, and the republisher tells the first peer that appears
      if (peers === 0) return network.keep(key, record)
      const [bytes, current] = [record, state]
      current.attemptedAt = now()
      current.peers = peers
      current.seenBy = await countStored(bytes, signals)
      current.failures = current.seenBy < enough(peers) ? current.failures + 1 : 0
      if (current.seenBy === 0) return
      current.publishedAt = now()
      if (current === state) dueAt = current.publishedAt + republishMs
    },
    due: () => (record === undefined ? 'rest' : nextStep(state, network.size(), now(), init)),
    isToPut: () => record !== undefined && nextStep(state, network.size(), now(), { ...init, resignMs: 0 }) === 'put',
    clear() {
      record = undefined
    },
    state: () => ({
      seenBy: state.seenBy,
      publishedAt: state.publishedAt,
      renewAt: Math.max(state.publishedAt, state.attemptedAt) + republishMs,
      dueAt,
    }),
  }
}

function timedOut(): RegistryError {
  return new RegistryError(
    'NO_ANSWER',
    'the network did not take the record in time',
    'it is put again in the background',
  )
}
