/** The peers that this node was last in good company with, kept on disk: who starts without a bootstrap peer that answers goes back to them. */
import * as dagCbor from '@ipld/dag-cbor'
import type { Multiaddr } from '@multiformats/multiaddr'
import { multiaddr } from '@multiformats/multiaddr'
import {
  MAX_REMEMBERED_ADDRESSES,
  MAX_REMEMBERED_PEERS,
  REJOIN_AT_ONCE,
  REJOIN_ENOUGH,
  REJOIN_FIRST_MS,
  REJOIN_MAX_MS,
  REMEMBER_MS,
} from './constants.ts'

const KEY = 'node/remembered-peers'

/** Small durable values. */
export interface Memory {
  get(key: string): Promise<Uint8Array | undefined>
  put(key: string, value: Uint8Array): Promise<void>
}

export interface RememberedPeersParts {
  memory: Memory
  dial(addresses: Multiaddr[], options: { signal: AbortSignal }): Promise<unknown>
  /** addresses by which the peer may be reached, the best first */
  addressesOf(peer: string): Promise<string[]>
  isConnected(peer: string): boolean
  /** peers that this node is connected to */
  peerCount(): number
}

export interface RememberedPeers {
  /** The DHT has taken a peer into its table: it is of this network, and answers. */
  met(peer: string): void
  /** Dials those remembered, now or after a while, and again with growing pauses as long as this node is alone. */
  start(delayMs: number): Promise<void>
  /** Writes down what is not on disk yet. */
  stop(): Promise<void>
}

interface Row {
  peer: string
  /** ending in /p2p/PEERID */
  addresses: string[]
}

export function createRememberedPeers(parts: RememberedPeersParts): RememberedPeers {
  const { memory, dial, addressesOf, isConnected, peerCount } = parts
  const stopping = new AbortController()
  /** those met last come last */
  const rows = new Map<string, Row>()
  let writing: NodeJS.Timeout | undefined
  let again: NodeJS.Timeout | undefined

  const write = async (): Promise<void> => {
    clearTimeout(writing)
    writing = undefined
    for (const row of rows.values()) {
      const addresses = await addressesOf(row.peer).catch(() => [])
      if (addresses.length > 0) row.addresses = addresses.slice(0, MAX_REMEMBERED_ADDRESSES)
    }
    const known = [...rows.values()].filter(({ addresses }) => addresses.length > 0)
    await memory.put(KEY, dagCbor.encode(known)).catch(() => undefined)
  }

  const read = async (): Promise<Row[]> => {
    try {
      const bytes = await memory.get(KEY)
      const stored = bytes === undefined ? [] : dagCbor.decode<Row[]>(bytes)
      return Array.isArray(stored) ? stored.slice(-MAX_REMEMBERED_PEERS) : []
    } catch {
      return []
    }
  }

  const dialOne = async ({ peer, addresses }: Row): Promise<void> => {
    if (isConnected(peer) || stopping.signal.aborted) return
    try {
      await dial(addresses.map(multiaddr), { signal: stopping.signal })
    } catch {
      // it may be gone for good
    }
  }

  /** The one met last first, until there is company enough. */
  const round = async (): Promise<void> => {
    const waiting = [...rows.values()].reverse()
    const worker = async (): Promise<void> => {
      for (let row = waiting.shift(); row !== undefined; row = waiting.shift()) {
        if (peerCount() >= REJOIN_ENOUGH) return
        await dialOne(row)
      }
    }
    await Promise.all(Array.from({ length: REJOIN_AT_ONCE }, worker))
  }

  const schedule = (pause: number, wait: number): void => {
    if (stopping.signal.aborted || rows.size === 0) return
    again = setTimeout(async () => {
      await round()
      if (peerCount() === 0) schedule(Math.min(pause * 2, REJOIN_MAX_MS), pause)
    }, wait)
    again.unref()
  }

  return {
    met(peer) {
      const row = rows.get(peer) ?? { peer, addresses: [] }
      rows.delete(peer)
      rows.set(peer, row)
      if (rows.size > MAX_REMEMBERED_PEERS) rows.delete(rows.keys().next().value!)
      writing ??= setTimeout(() => void write(), REMEMBER_MS).unref()
    },
    async start(delayMs) {
      for (const row of await read()) if (!rows.has(row.peer)) rows.set(row.peer, row)
      schedule(REJOIN_FIRST_MS, delayMs)
    },
    async stop() {
      stopping.abort()
      clearTimeout(again)
      if (writing !== undefined) await write()
    },
  }
}
