import { createHash } from 'node:crypto'
import { generateKeyPairFromSeed, publicKeyToProtobuf } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'
import type { ListedService, ListedVersion, NodeList, UserSigner, Validation } from '../../registry/home/types.ts'
import { createValidation } from '../../registry/home/validator.ts'
import type { Memory, RecordNetwork } from '../../registry/types.ts'
import { userIdOf } from '../../registry/user-id.ts'

export const NETWORK = 'test-network'
/** a time to count from: 2025-01-01 */
export const NOON = 1_735_689_600_000
export const HOUR = 3600_000

export const live = (): AbortSignal => new AbortController().signal

export interface Person {
  user: string
  signer: UserSigner
  peer: string
  key: PrivateKey
}

/** A user with a key of a number; the same number gives the same user. */
export async function person(number: number): Promise<Person> {
  const seed = createHash('sha256').update(`registry test ${number}`).digest()
  const key = await generateKeyPairFromSeed('Ed25519', seed)
  const publicKey = publicKeyToProtobuf(key.publicKey)
  return {
    user: userIdOf(publicKey),
    signer: { publicKey, links: () => [], sign: async (bytes) => key.sign(bytes) },
    peer: key.publicKey.toString(),
    key,
  }
}

export function link(text: string, codec = 0x71): CID {
  return CID.createV1(codec, Digest.create(0x12, Uint8Array.from(createHash('sha256').update(text).digest())))
}

export function service(name: string, version: string): ListedService {
  const id = `${name}@${version}`
  return {
    name,
    version,
    service: link(name),
    contract: link(id),
    head: link(`${id} head`),
    description: `the ${name}`,
  }
}

export function version(name: string, version: string): ListedVersion {
  return { name, version, contract: link(`${name}@${version}`), yanked: false, deprecated: null }
}

/** What a node with these services lists. */
export function listOf(...names: string[]): NodeList {
  return {
    services: names.map((name) => service(name, '1.0.0')),
    versions: names.map((name) => version(name, '1.0.0')),
  }
}

/** What a home record says besides whose it is. */
export function terms(changes: Partial<Terms> = {}): Terms {
  return {
    network: NETWORK,
    seq: 7,
    issued: NOON,
    expires: NOON + 48 * HOUR,
    home: link('home'),
    nodes: [],
    ...changes,
  }
}

export interface Terms {
  network: string
  seq: number
  issued: number
  expires: number
  home: CID
  nodes: string[]
}

export interface MapMemory extends Memory {
  values: Map<string, Uint8Array>
}

export function mapMemory(): MapMemory {
  const values = new Map<string, Uint8Array>()
  return {
    values,
    get: async (key) => values.get(key),
    put: async (key, value) => {
      values.set(key, value)
    },
  }
}

/** One peer of the fake network: keeps what its own validation lets pass, unless told to misbehave. */
export interface FakePeer {
  validation: Validation
  values: Map<string, Uint8Array>
  /** 'fails' throws at everything, 'hangs' never answers, 'stubborn' keeps the first value it got and says nothing of others */
  manner: 'good' | 'fails' | 'hangs' | 'stubborn'
}

export interface FakeNetwork {
  peers: FakePeer[]
  /** the network as a node of it sees it */
  view: RecordNetwork
  puts: number
  gets: number
  /** values that were kept on the node itself */
  kept: Uint8Array[]
  /** A peer appears. */
  meet(): FakePeer
}

/** A network in memory: every value goes to every peer, every query asks all of them in order. */
export function fakeNetwork(size: number, now: () => number): FakeNetwork {
  const peer = (): FakePeer => {
    const validation = createValidation({ memory: mapMemory(), now }, { networkId: NETWORK })
    return { validation, values: new Map(), manner: 'good' }
  }
  const peers = Array.from({ length: size }, peer)
  const listeners = new Set<() => void>()
  const network: FakeNetwork = {
    peers,
    puts: 0,
    gets: 0,
    kept: [],
    meet() {
      const added = peer()
      peers.push(added)
      for (const listener of listeners) listener()
      return added
    },
    view: {
      size: () => peers.length,
      keep(_key, value) {
        network.kept.push(value)
      },
      onPeer(listener) {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
      async put(key, value, { signal }) {
        network.puts++
        const stored = await Promise.all(peers.map((peer) => store(peer, key, value, signal)))
        return stored.filter((ok) => ok).length
      },
      async *get(key, { signal }) {
        network.gets++
        for (const peer of peers) {
          if (peer.manner === 'fails') continue
          if (peer.manner === 'hangs') await abortion(signal)
          const value = peer.values.get(textOf(key))
          if (value !== undefined) yield value
        }
      },
    },
  }
  return network
}

async function store(peer: FakePeer, key: Uint8Array, value: Uint8Array, signal: AbortSignal): Promise<boolean> {
  if (peer.manner === 'fails') return false
  if (peer.manner === 'hangs') return abortion(signal).catch(() => false)
  if (peer.manner === 'stubborn' && peer.values.has(textOf(key))) return false
  try {
    await peer.validation.validators[textOf(key).split('/')[1]!]!(key, value)
  } catch {
    return false
  }
  peer.values.set(textOf(key), value)
  return true
}

export function textOf(key: Uint8Array): string {
  return Buffer.from(key).toString()
}

function abortion(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))
}
