/** What the node tells of itself. */
import type { Internode } from '../../protocol/types.ts'
import type { Registry } from '../../registry/types.ts'
import type { Methods, NodeStatus, ServiceSummary } from '../api/vocabulary.ts'
import type { AmigosNode } from '../node/node.ts'
import type { History } from '../store/types.ts'
import type { Contracts } from './contracts.ts'
import type { Names } from './names.ts'
import type { Identity, LocalName } from './types.ts'

export interface StatusParts {
  identity: Identity
  node: AmigosNode
  names: Names
  history: History
  contracts: Contracts
  registry: Registry
  internode: Internode
  info: { http: string; home: string; version: string; startedAt: number }
  now: () => number
}

export interface Status {
  services(): Promise<ServiceSummary[]>
  status(): Promise<NodeStatus>
  peers(): Methods['peers']['result']['peers']
}

export function createStatus(parts: StatusParts): Status {
  const { identity, node, names, history, contracts, registry, internode, info, now } = parts

  const summary = async ({ name, service, published }: LocalName): Promise<ServiceSummary | undefined> => {
    const head = await history.head(service)
    if (head === undefined) return undefined
    const { manifest } = await contracts.load(head.contract)
    return {
      name,
      service: service.toString(),
      contract: head.contract.toString(),
      version: manifest.version,
      commit: head.commit.toString(),
      seq: head.seq,
      description: manifest.description,
      trust: head.trust,
      url: `${info.http}${name}/`,
      ...(published.length > 0 ? { published: `~${identity.user}/${name}` } : {}),
    }
  }

  const services = async (): Promise<ServiceSummary[]> => {
    const all = await Promise.all((await names.all()).map(summary))
    return all.filter((service) => service !== undefined)
  }

  const publications = async (): Promise<NodeStatus['names']> => {
    const newest = registry.publication()
    if (newest === undefined) return []
    const published = new Date(newest.publishedAt).toISOString()
    const expires = new Date(newest.record.expires).toISOString()
    const entries = (await names.all()).filter((entry) => entry.published.length > 0)
    return entries.map(({ name }) => ({ name: `~${identity.user}/${name}`, published, expires, seenBy: newest.seenBy }))
  }

  return {
    services,

    async status() {
      const sessions = internode.sessions()
      const total = (pick: (session: (typeof sessions)[number]) => number): number =>
        sessions.reduce((sum, session) => sum + pick(session), 0)
      return {
        peerId: identity.peerId,
        user: identity.user,
        username: null,
        addresses: node.addresses(),
        http: info.http,
        home: info.home,
        network: identity.network.name,
        pid: process.pid,
        version: info.version,
        uptime: Math.floor((now() - info.startedAt) / 1000),
        peers: node.peerCount(),
        services: await services(),
        names: await publications(),
        traffic: { sent: total((s) => s.sent.bytes), received: total((s) => s.received.bytes) },
      }
    },

    peers() {
      const talking = new Set(internode.sessions().map(({ peer }) => peer))
      return node.libp2p.getConnections().map((connection) => ({
        peerId: connection.remotePeer.toString(),
        addresses: [connection.remoteAddr.toString()],
        direction: connection.direction,
        connectedAt: new Date(connection.timeline.open).toISOString(),
        internode: talking.has(connection.remotePeer.toString()),
      }))
    },
  }
}
