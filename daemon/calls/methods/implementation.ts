/** The local API's methods, each bound to its use case. */
import { CID } from 'multiformats/cid'
import { parseName } from '../../../registry/grammar/name.ts'
import type { Implementation, Methods } from '../../api/vocabulary.ts'
import type { AmigosNode } from '../../node/node.ts'
import type { Chat } from '../chat/chat.ts'
import type { Follows } from '../homes/follows.ts'
import type { createInvoke } from '../invoke.ts'
import type { Contracts } from '../life/contracts.ts'
import type { Copies } from '../names/names.ts'
import type { Resolve, ResolveService } from '../names/resolve.ts'
import type { Pull } from '../pull/pull.ts'
import type { PullUpstream } from '../pull/pull-upstream.ts'
import type { Peers } from '../remote/peers.ts'
import type { Ping } from '../remote/ping.ts'
import type { Streaming } from '../stream/streaming.ts'
import type { Target } from '../types.ts'
import type { Marking } from '../versions/marking.ts'
import type { Describe } from '../view/describe.ts'
import type { Lineage } from '../view/forked-from.ts'
import type { Reading } from './reading.ts'
import type { Running } from './running.ts'
import type { Status } from './status.ts'

export interface ImplementationParts {
  node: AmigosNode
  contracts: Contracts
  running: Running
  marking: Marking
  remove: Implementation['remove']
  fetchContract: Implementation['contract']
  reading: Reading
  graph: Implementation['graph']
  resolve: Resolve
  describe: Describe
  invoke: ReturnType<typeof createInvoke>
  streaming: Streaming
  pull: Pull
  chat: Chat
  follows: Follows
  key: Implementation['key']
  status: Status
  peers: Peers
  network: Implementation['network']
  nameMethods: Pick<Implementation, 'register' | 'petname' | 'release'>
  page: Implementation['page']
  /** what follows a username on this network */
  suffix: string
  ping: Ping
  copies: Copies
  lineage: Pick<Lineage, 'forkedFrom'>
  pullUpstream: Pick<PullUpstream, 'pull'>
  resolveService: ResolveService
  /** ends the daemon once the answer is out */
  shutDown: () => void
}

/** All but what concerns several networks. */
export function createImplementation(parts: ImplementationParts): Omit<Implementation, 'networks'> {
  const { node, contracts, running, reading, resolve, describe, invoke, pull, chat, status, copies, shutDown } = parts
  const { peers, ping, streaming, network, nameMethods, follows, suffix } = parts

  return {
    ...running,
    ...parts.marking,
    remove: parts.remove,
    contract: parts.fetchContract,
    ...reading,
    ...streaming,
    status: () => status.status(),

    async down() {
      shutDown()
      return { stopped: true }
    },

    async push({ contract: upload }) {
      const { contract, size, blocks } = await contracts.take(upload)
      node.provide(contract.cid)
      return { contract: contract.cid.toString(), size, blocks }
    },

    graph: parts.graph,
    describe: ({ name }, options) => describe(name, options),
    call: (params, options) => invoke.call(params, options),
    query: (params, options) => invoke.query(params, options),
    async pull({ name, verify, check, upstream = false }, options) {
      if (upstream) {
        const { service } = await parts.resolveService(name, options)
        const found = await parts.pullUpstream.pull(service, { verify, check, ...options })
        return { ...found.pulled, upstream: found.upstream }
      }
      const pulled = await pull(name, { verify, check, ...options })
      // so that status can say what it is
      if (pulled.service !== null) await copies.note(CID.parse(pulled.service), name)
      return pulled
    },
    async resolve({ name }, options) {
      const target = await resolve(name, { ...options, code: true })
      const forkedFrom = target.kind === 'service' ? await parts.lineage.forkedFrom(target.service) : undefined
      return { ...resolved(target, suffix), ...(forkedFrom && { forkedFrom }) }
    },
    network,
    follow: follows.follow,
    following: follows.following,
    ...nameMethods,
    page: parts.page,
    key: parts.key,
    peers: async () => ({ peers: peers() }),
    ping,

    async connect({ address }, { signal }) {
      const started = performance.now()
      const peerId = await node.connect(address, { signal })
      return { peerId, address, ms: Math.round(performance.now() - started) }
    },

    chat: ({ to, text }, options) => chat.send(to, text, options),
    inbox: (params, options) => chat.inbox(params, options),
  }
}

function resolved(target: Target, suffix: string): Methods['resolve']['result'] {
  const { name, source, age } = target
  const expires = 'expires' in target && target.expires !== undefined ? new Date(target.expires).toISOString() : null
  const { stale = false, warnings = [] } = target as { stale?: boolean; warnings?: string[] }
  const common = { name, kind: kindOf(name, target, suffix), ...ownerOf(target), source, age, expires, stale, warnings }
  if (target.kind === 'node')
    return { ...common, peerId: target.peers[0]!, ...(target.page && { page: target.page.toString() }) }
  if (target.kind === 'contract') return { ...common, contract: target.contract.toString(), version: target.version }
  if (target.kind === 'content') return common
  const { service, contract, version, host, head, at } = target
  return {
    ...common,
    peerId: host,
    service: service.toString(),
    ...(contract === undefined ? {} : { contract: contract.toString() }),
    ...(version === undefined ? {} : { version }),
    ...(head === undefined ? {} : { head: head.toString() }),
    ...(at === undefined ? {} : { at: at.toString() }),
    ...(target.running && { running: target.running }),
  }
}

const kindOf = (name: string, target: Target, suffix: string): string =>
  target.kind === 'node' && parseName(name, { suffix }).kind === 'page' ? 'user' : target.kind

/** Whose it is, and by which name that was found. */
function ownerOf(target: Target): Partial<Methods['resolve']['result']> {
  if (target.kind !== 'node' && target.kind !== 'service') return {}
  const { user, petname, username } = target
  return {
    ...(user === undefined ? {} : { user }),
    ...(petname === undefined ? {} : { petname }),
    ...(username && { username: { ...username, expires: new Date(username.expires).toISOString() } }),
  }
}
