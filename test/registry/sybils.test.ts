/**
 * Nodes whose keys were chosen to be closest to a name, as many as store it, among honest ones: they may be silent or behind, and nothing else.
 * Eight among twelve, so that it is done soon; with AMIGO_MANY=1 twenty among thirty.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { noise } from '@chainsafe/libp2p-noise'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { identify } from '@libp2p/identify'
import type { Ed25519PrivateKey, Libp2p } from '@libp2p/interface'
import { type KadDHT, kadDHT, passthroughMapper, type SingleKadDHT } from '@libp2p/kad-dht'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'
import { kadRecordNetwork } from '../../registry/dht/kad.ts'
import { codeOf } from '../../registry/errors.ts'
import { homeKey } from '../../registry/home/record.ts'
import { createRegistry } from '../../registry/home/service.ts'
import type { Registry } from '../../registry/home/types.ts'
import { createValidation } from '../../registry/home/validator.ts'
import { untilTrue } from '../support/until.ts'
import { listOf, mapMemory, NETWORK, type Person, person } from './helpers.ts'

const isMany = process.env['AMIGO_MANY'] === '1'
const HONEST = isMany ? 30 : 12
/** and how many nodes store a value, so that honest ones may have none */
const SYBILS = isMany ? 20 : 8

type Judge = (key: Uint8Array) => Promise<void>

/** How a Sybil treats what it is asked to store: it drops it, or keeps what it got first and refuses what is newer. */
const MANNERS: (() => Judge)[] = [
  () => () => Promise.reject(new Error('dropped')),
  () => {
    const first = new Set<string>()
    return async (key) => {
      const name = Buffer.from(key).toString('latin1')
      if (first.has(name)) throw new Error('kept as it was')
      first.add(name)
    }
  },
]

describe('Sybils around a name', function () {
  this.timeout(120_000)
  const running: Libp2p[] = []
  const registries = new Map<string, Registry>()
  const blocks = new Map<string, Uint8Array>()
  let owner: Person
  let honest: { registry: Registry; peer: string; libp2p: Libp2p<{ dht: KadDHT }> }[]

  const startNode = async (
    key: Ed25519PrivateKey,
    validators: Record<string, Judge | ((key: Uint8Array, value: Uint8Array) => Promise<void>)>,
    selectors: object,
  ) => {
    const libp2p = await createLibp2p({
      privateKey: key,
      addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      connectionManager: { inboundConnectionThreshold: 1_000, maxIncomingPendingConnections: 1_000 },
      services: {
        identify: identify({ protocolPrefix: 'amigos' }),
        ping: ping({ protocolPrefix: 'amigos' }),
        dht: kadDHT({
          protocol: '/amigos/test/kad/1.0.0',
          clientMode: false,
          kBucketSize: SYBILS,
          peerInfoMapper: passthroughMapper,
          initialQuerySelfInterval: 100,
          validators,
          selectors: selectors as never,
        }),
      },
    })
    running.push(libp2p)
    return libp2p
  }

  /** How far a peer is from the key, as the DHT counts. */
  const distance = (key: Ed25519PrivateKey): string => {
    const target = createHash('sha256').update(homeKey(owner.user)).digest()
    const own = createHash('sha256').update(peerIdFromPrivateKey(key).toCID().multihash.bytes).digest()
    return Buffer.from(own.map((byte, at) => byte ^ target[at]!)).toString('hex')
  }

  before(async () => {
    owner = await person(70)
    const keys: { key: Ed25519PrivateKey; away: string }[] = []
    while (keys.length < (HONEST + 1) * (SYBILS + 5)) {
      const key = await generateKeyPair('Ed25519')
      keys.push({ key, away: distance(key) })
    }
    keys.sort((a, b) => (a.away < b.away ? -1 : 1))
    honest = []
    for (let number = 0; number < HONEST; number++) {
      // anywhere but among the closest
      const { key } = keys[SYBILS + Math.floor(((number + 1) / HONEST) * (keys.length - SYBILS - 1))]!
      const signer = number === 0 ? owner.signer : (await person(100 + number)).signer
      const memory = mapMemory()
      const validation = createValidation({ memory }, { networkId: NETWORK })
      const libp2p = await startNode(key, validation.validators, validation.selectors)
      const nodeSigner = {
        publicKey: (await person(200 + number)).signer.publicKey,
        sign: (await person(200 + number)).signer.sign,
      }
      const registry = createRegistry(
        {
          network: kadRecordNetwork(libp2p.services.dht as SingleKadDHT),
          ...{ validation, memory, owner: signer, node: nodeSigner },
          fetchBlock: async (cid) => blocks.get(cid.toString()) ?? Promise.reject(new Error('nobody has it')),
          putBlock: async (bytes, cid) => void blocks.set(cid.toString(), bytes),
          ask: async (peer, user, known) =>
            (await registries.get(peer)?.known(user, known)) ?? Promise.reject(new Error('down')),
        },
        { networkId: NETWORK, patienceMs: 1_000, queryTimeoutMs: 1_500, askNextMs: 50 },
      )
      const { peer } = await person(200 + number)
      registries.set(peer, registry)
      honest.push({ registry, peer, libp2p })
    }
    const seed = honest[0]!.libp2p.getMultiaddrs()
    await Promise.all(honest.slice(1).map(({ libp2p }) => libp2p.dial(seed)))
    const table = ({ libp2p }: { libp2p: Libp2p<{ dht: KadDHT }> }) =>
      (libp2p.services.dht as SingleKadDHT).routingTable.size
    await untilTrue(() => honest.every((node) => table(node) >= HONEST / 2))
    await honest[0]!.registry.publish(listOf('old'), soon())
    for (const { registry } of honest.slice(1, 6)) await registry.resolve(owner.user, soon())

    for (let number = 0; number < SYBILS; number++) {
      const judge = MANNERS[number % MANNERS.length]!()
      const validators = { 'amigos-home': judge, 'amigos-node': judge }
      const select = { 'amigos-home': async () => 0, 'amigos-node': async () => 0 }
      const libp2p = await startNode(keys[number]!.key, validators, select)
      await libp2p.dial(seed)
    }
    await untilTrue(() => honest.slice(0, 6).every((node) => table(node) >= SYBILS))
  })
  after(() => Promise.all(running.map((libp2p) => libp2p.stop())))

  const soon = (): { signal: AbortSignal } => ({ signal: AbortSignal.timeout(20_000) })
  const names = async (at: number, fresh = true): Promise<string> => {
    const { services } = await honest[at]!.registry.resolve(owner.user, { ...soon(), fresh })
    return services.map(({ name }) => name).join()
  }

  it('keep nobody who knows a name from what is new there', async () => {
    await honest[0]!.registry.publish(listOf('new'), soon())
    for (const at of [1, 2, 3, 4, 5]) assert.equal(await names(at), 'new')
  })

  it('give strangers what was signed or nothing at all', async () => {
    const answers = await Promise.all(
      honest.slice(6, HONEST - 3).map((_, number) => names(6 + number).catch((error: unknown) => codeOf(error))),
    )
    for (const answer of answers) assert.ok(['new', 'NAME_NOT_FOUND', 'NO_ANSWER'].includes(answer ?? ''), answer)
  })

  it('bring nobody back to what was there before, also when the owner is away', async () => {
    registries.delete(honest[0]!.peer)
    for (const at of [1, 2, 3, 4, 5]) assert.equal(await names(at, false), 'new')
    const strangers = [1, 2, 3]
      .map((back) => HONEST - back)
      .map((at) => names(at).catch((error: unknown) => codeOf(error)))
    for (const answer of await Promise.all(strangers)) {
      assert.ok(['old', 'new', 'NAME_NOT_FOUND', 'NO_ANSWER', 'HOME_UNREACHABLE'].includes(answer ?? ''), answer)
    }
  })
})
