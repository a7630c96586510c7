import type { SingleKadDHT } from '@libp2p/kad-dht'
import { equalBytes } from '../codec.ts'
import { KAD_CONCURRENCY, LOCAL_COPY_MS } from '../constants.ts'
import { RegistryError } from '../errors.ts'
import type { RecordNetwork } from '../types.ts'
import { createLimit } from './limit.ts'

export type KadSlice = Pick<SingleKadDHT, 'get' | 'put' | 'routingTable'>

export interface KadInit {
  /** queries at once; @default 16 */
  concurrency?: number
}

/**
 * A RecordNetwork over @libp2p/kad-dht's events. With an empty routing table a query of kad-dht waits for its whole
 * signal, so none is begun then. Reading never gets to kad-dht's correction step, which one peer that refuses to be
 * corrected can make fail, because it yields answers as they come and never asks for the final value.
 */
export function kadRecordNetwork(dht: KadSlice, init: KadInit = {}): RecordNetwork {
  const limit = createLimit(init.concurrency ?? KAD_CONCURRENCY)
  const size = () => dht.routingTable.size

  return {
    size,

    keep(key, value) {
      // kad-dht writes its own copy before it looks for others, and would then wait for some until the signal ends
      const signal = AbortSignal.timeout(LOCAL_COPY_MS)
      Array.fromAsync(dht.put(key, value, { signal })).catch(() => {})
    },

    onPeer(listener) {
      // an event target in fact, though not in its type
      const table = dht.routingTable as unknown as EventTarget
      table.addEventListener('peer:add', listener)
      return () => table.removeEventListener('peer:add', listener)
    },

    /** Those counted so far, if the signal ends it. */
    async put(key, value, { signal }) {
      if (size() === 0) return 0
      const stored = new Set<string>()
      const leave = await limit(signal)
      try {
        for await (const event of dht.put(key, value, { signal })) {
          if (event.name !== 'PEER_RESPONSE' || event.messageName !== 'PUT_VALUE') continue
          // A peer that stored it sends it back; any other answer is a refusal
          if (event.record !== undefined && equalBytes(event.record.value, value)) stored.add(event.from.toString())
        }
      } catch (error) {
        if (!signal.aborted) throw error
      } finally {
        leave()
      }
      return stored.size
    },

    /** Throws if not one peer answered, so that silence is not taken for absence. */
    async *get(key, { signal }) {
      if (size() === 0) return
      const leave = await limit(signal)
      const answered = new Set<string>()
      try {
        for await (const event of dht.get(key, { signal })) {
          // Only what follows the query has no path: the correction, about to dial its first peer, and the chosen value,
          // which no peer gave us if it stood in our own store
          if (event.path.index < 0) {
            if (event.name === 'VALUE' && !answered.has(event.from.toString())) yield event.value
            return
          }
          if (event.name !== 'PEER_RESPONSE' || event.messageName !== 'GET_VALUE') continue
          const from = event.from.toString()
          const first = !answered.has(from)
          answered.add(from)
          if (first && event.record !== undefined) yield event.record.value
        }
      } finally {
        leave()
      }
      if (answered.size > 0) return
      throw new RegistryError('NO_ANSWER', 'No node of the routing table answered.', 'they may all be offline by now')
    },
  }
}
