/** Wires what this node publishes of its user, and how it finds and follows others. */
import type { PeerId } from '@libp2p/interface'
import type { Pulls } from '../protocol/pull/types.ts'
import type { Handler, Internode } from '../protocol/types.ts'
import { createRegistry } from '../registry/home/service.ts'
import type { Registry, Validation } from '../registry/home/types.ts'
import type { Memory, RecordNetwork } from '../registry/types.ts'
import { userIdOf } from '../registry/user-id.ts'
import type { Implementation } from './api/vocabulary.ts'
import { createAnswerHome } from './calls/homes/answer-home.ts'
import { createAnswerSeen } from './calls/homes/answer-seen.ts'
import { createAskHome } from './calls/homes/ask-home.ts'
import { TOPIC_BAN_MS } from './calls/homes/constants.ts'
import { createFollows, type Follows } from './calls/homes/follows.ts'
import { createHeadTeller } from './calls/homes/head-teller.ts'
import { createHeads, type Heads } from './calls/homes/heads.ts'
import { createProofs, type Proofs } from './calls/homes/proofs.ts'
import { createProve } from './calls/homes/prove.ts'
import { createPush, type PubSub } from './calls/homes/push.ts'
import type { UserKeys } from './calls/homes/user-keys.ts'
import type { Resolve } from './calls/names/resolve.ts'
import { forPeers } from './calls/remote/for-peers.ts'
import type { Identity } from './calls/types.ts'
import type { Hosting } from './hosting.ts'
import type { AmigosNode } from './node/node.ts'
import type { LocalDatabase } from './store/database-types.ts'

export interface HomesParts {
  identity: Identity
  keys: UserKeys
  database: LocalDatabase
  node: AmigosNode
  network: RecordNetwork
  validation: Validation
  memory: Memory
  internode: Pick<Internode, 'request'>
  pulls: Pick<Pulls, 'pull'>
  hosting: Pick<Hosting, 'history' | 'onMove'>
  now: () => number
  log: (line: string) => void
}

export interface Homes {
  registry: Registry
  heads: Heads
  proofs: Proofs
  /** what other nodes may ask about users */
  handlers: Record<string, Handler>
  /** @param resolve made with this registry */
  follows(resolve: Resolve): Follows
  key: Implementation['key']
  start(): Promise<void>
  stop(): Promise<void>
}

export function createHomes(parts: HomesParts): Homes {
  const { identity, database, node, network, validation, memory, internode, pulls, hosting, now, log } = parts
  const followed = new Set<string>()
  const peers = () => node.libp2p.getPeers().map(String)
  const registry = createRegistry(
    {
      network,
      validation,
      memory,
      fetchBlock: (cid, nodes, { signal }) => node.fetcher.block(cid, { signal, providers: nodes }),
      ask: createAskHome(internode),
      owner: parts.keys,
      node: identity.node,
      putBlock: (bytes, cid) => database.commit([{ put: 'block', cid, bytes }]),
      isFollowed: (user) => followed.has(user),
      neighbours: () => peers(),
      now,
    },
    {
      networkId: identity.network.id,
      onError: () => log('what is published could not be renewed; it is tried again'),
    },
  )
  const heads = createHeads()
  const push = createPush({
    pubsub: node.libp2p.services.pubsub as unknown as PubSub,
    ...{ registry, heads, identity, now },
    afterHome: () => teller.tellAgain(),
    ban: (peer) => node.ban(peer, TOPIC_BAN_MS),
  })
  const { history, onMove } = hosting
  const teller = createHeadTeller({ identity, registry, history, send: push.tellHead, now })
  const proofs = createProofs({ registry, prove: createProve({ internode, peers }), now })
  const onParted = ({ detail }: CustomEvent<PeerId>): void => push.parted(detail.toString())
  const ends: (() => void)[] = []

  return {
    registry,
    heads,
    proofs,
    handlers: {
      home: forPeers(createAnswerHome(registry), log),
      seen: forPeers(createAnswerSeen({ registry, pulls }), log),
    },
    follows(resolve) {
      const follows = createFollows({ meta: database.meta, registry, push, resolve, identity, now }, followed)
      ends.push(follows.stop)
      return follows
    },
    async key({ change = false }, { signal }) {
      if (change) {
        await parts.keys.change()
        // who holds the old key can do nothing more where the new home is known
        await registry.describe({}, { signal })
      }
      const { user } = identity
      return { user, key: userIdOf(parts.keys.current()), changes: parts.keys.links().length }
    },
    async start() {
      await registry.start()
      node.libp2p.addEventListener('peer:identify', proofs.met)
      node.libp2p.addEventListener('peer:disconnect', onParted)
      ends.push(
        () => node.libp2p.removeEventListener('peer:identify', proofs.met),
        () => node.libp2p.removeEventListener('peer:disconnect', onParted),
        registry.onPublish(() => void push.tellHome()),
        onMove((service) => teller.moved(service)),
      )
    },
    async stop() {
      for (const end of ends.splice(0)) end()
      teller.stop()
      proofs.stop()
      push.stop()
      await registry.stop()
    },
  }
}
