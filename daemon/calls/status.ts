/** What the node tells of itself. */
import type { CID } from 'multiformats/cid'
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

  const isPublished = (service: CID): boolean =>
    registry.publication()?.home.services.some((one) => one.service.equals(service)) ?? false

  const summary = async ({ name, service, published }: LocalName): Promise<ServiceSummary | undefined> => {
    const head = await history.head(service)
    if (head === undefined) return undefined
    const { manifest } = await contracts.load(head.contract)
    return {
      name,
      service: service.toString(),
      contract: head.contract.toString(),
      version: published.at(-1)?.version ?? manifest.version,
      commit: head.commit.toString(),
      seq: head.seq,
      description: manifest.description,
      trust: head.trust,
      url: `${info.http}${name}/`,
      ...(isPublished(service) ? { published: `~${identity.user}/${name}` } : {}),
    }
  }

  const services = async (): Promise<ServiceSummary[]> => {
    const all = await Promise.all((await names.all()).map(summary))
    return all.filter((service) => service !== undefined)
  }

  /** What was signed, not what was meant: a publish that broke off is not listed. */
  const publications = (): NodeStatus['names'] => {
    const newest = registry.publication()
    if (newest === undefined) return []
    const published = new Date(newest.publishedAt).toISOString()
    const expires = new Date(newest.record.expires).toISOString()
    return newest.home.services.map(({ name }) => ({
      name: `~${identity.user}/${name}`,
      published,
      expires,
      seenBy: newest.seenBy,
    }))
  }

  return {
    services,

    async status() {
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
        names: publications(),
        traffic: { ...node.traffic },
      }
    },

    peers() {
      const talking = new Set(internode.sessions().map(({ peer }) => peer))
      const byPeer = Map.groupBy(node.libp2p.getConnections(), ({ remotePeer }) => remotePeer.toString())
      return [...byPeer].map(([peerId, connections]) => {
        const [oldest] = connections.toSorted((a, b) => a.timeline.open - b.timeline.open)
        return {
          peerId,
          addresses: connections.map(({ remoteAddr }) => remoteAddr.toString()),
          direction: oldest!.direction,
          connectedAt: new Date(oldest!.timeline.open).toISOString(),
          internode: talking.has(peerId),
        }
      })
    },
  }
}
