/** What the node tells of itself. */
import type { CID } from 'multiformats/cid'
import type { Registry } from '../../registry/home/types.ts'
import type { Usernames } from '../../registry/names/types.ts'
import type { NodeStatus, ReleaseStatus, ServiceSummary } from '../api/vocabulary.ts'
import type { AmigosNode } from '../node/node.ts'
import type { Head, History } from '../store/types.ts'
import type { Contracts } from './contracts.ts'
import type { Proofs } from './homes/proofs.ts'
import type { Copies, Names } from './names.ts'
import type { LocalReplayer } from './replay/replayer.ts'
import type { Identity, LocalName } from './types.ts'
import { runningVersion } from './versions.ts'

export interface StatusParts {
  identity: Identity
  node: AmigosNode
  names: Names
  copies: Copies
  replayer: Pick<LocalReplayer, 'standing'>
  history: History
  contracts: Contracts
  registry: Registry
  proofs: Pick<Proofs, 'last'>
  usernames: Pick<Usernames, 'own'>
  /** what this user's services are called: `alice.amigos.net`, or `~k51...` */
  ownName: () => string
  release: () => Promise<ReleaseStatus>
  info: { http: string; home: string; version: string; startedAt: number }
  now: () => number
}

export interface Status {
  /** those of this node, in the order of their names */
  services(): Promise<ServiceSummary[]>
  /** those of others whose history is here */
  copies(): Promise<ServiceSummary[]>
  status(): Promise<NodeStatus>
}

export function createStatus(parts: StatusParts): Status {
  const {
    identity,
    node,
    names,
    copies,
    replayer,
    history,
    contracts,
    registry,
    proofs,
    usernames,
    ownName,
    release,
    info,
    now,
  } = parts

  const isPublished = (service: CID): boolean =>
    registry.publication()?.list.services.some((one) => one.service.equals(service)) ?? false

  /** How far it is to be trusted, and why not further. */
  const worthOf = async ({ service, trust, seq }: Head) => {
    if (trust === 'own') return { trust }
    const { seq: replayed, mismatch } = await replayer.standing(service)
    if (mismatch) return { trust: 'mismatch', mismatch }
    return trust === 'signed' ? { trust, replayed: Math.min(replayed, seq) } : { trust }
  }

  const summaryOf = async (name: string, head: Head, published: LocalName['published'], url: string) => {
    const contract = await contracts.load(head.contract)
    return {
      name,
      service: head.service.toString(),
      contract: head.contract.toString(),
      version: runningVersion({ published }, contract),
      commit: head.commit.toString(),
      seq: head.seq,
      description: contract.manifest.description,
      url,
      ...(await worthOf(head)),
    }
  }

  const own = async ({ name, service, published }: LocalName): Promise<ServiceSummary | undefined> => {
    const head = await history.head(service)
    if (head === undefined) return undefined
    const summary = await summaryOf(name, head, published, `${info.http}${name}/`)
    return { ...summary, ...(isPublished(service) ? { published: `${ownName()}/${name}` } : {}) }
  }

  const services = async (): Promise<ServiceSummary[]> => {
    const all = await Promise.all((await names.all()).map(own))
    return all.filter((service) => service !== undefined)
  }

  const foreign = async (): Promise<ServiceSummary[]> => {
    const named = new Set((await names.all()).map(({ service }) => service.toString()))
    const found: ServiceSummary[] = []
    for await (const head of history.heads()) {
      if (named.has(head.service.toString())) continue
      const name = (await copies.name(head.service)) ?? head.service.toString()
      // a history may be here before its contract is
      const summary = await summaryOf(name, head, [], '').catch(() => undefined)
      if (summary) found.push(summary)
    }
    return found
  }

  /** What was signed, not what was meant: a publish that broke off is not listed. */
  const publications = (): NodeStatus['names'] => {
    const newest = registry.publication()
    if (newest === undefined) return []
    const published = new Date(newest.publishedAt).toISOString()
    const expires = new Date(Math.min(newest.record.expires, newest.node.expires)).toISOString()
    return newest.list.services.map(({ name }) => ({
      name: `${ownName()}/${name}`,
      published,
      expires,
      seenBy: proofs.last()?.seenBy ?? 0,
      storedBy: newest.seenBy,
      renews: new Date(newest.renewAt).toISOString(),
    }))
  }

  const registered = (): NodeStatus['usernames'] =>
    usernames.own().map(({ record: { username, issued, expires }, publishedAt, seenBy }) => ({
      username,
      name: `${username}.${identity.network.suffix}`,
      issued: new Date(issued).toISOString(),
      expires: new Date(expires).toISOString(),
      published: new Date(publishedAt).toISOString(),
      seenBy,
    }))

  return {
    services,
    copies: foreign,

    async status() {
      return {
        peerId: identity.peerId,
        user: identity.user,
        username: usernames.own()[0]?.record.username ?? null,
        usernames: registered(),
        addresses: node.addresses(),
        http: info.http,
        home: info.home,
        network: identity.network.name,
        pid: process.pid,
        version: info.version,
        release: (await release()).newest,
        uptime: Math.floor((now() - info.startedAt) / 1000),
        peers: node.peerCount(),
        services: [...(await services()), ...(await foreign())],
        names: publications(),
        traffic: { ...node.traffic },
      }
    },
  }
}
