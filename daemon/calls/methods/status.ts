/** What the node tells of itself. */
import type { CID } from 'multiformats/cid'
import type { ListedService, Registry } from '../../../registry/home/types.ts'
import type { Usernames } from '../../../registry/names/types.ts'
import type { NodeStatus, ReleaseStatus, ServiceSummary } from '../../api/vocabulary.ts'
import type { Contract } from '../../contract/types.ts'
import type { AmigosNode } from '../../node/node.ts'
import type { Head, History } from '../../store/types.ts'
import type { Proofs } from '../homes/proofs.ts'
import type { Contracts } from '../life/contracts.ts'
import type { Copies, Names } from '../names/names.ts'
import type { LocalReplayer } from '../replay/replayer.ts'
import type { Identity } from '../types.ts'
import { shownAs } from '../versions/line.ts'
import { type ShownService, servicesOf } from '../versions/local-services.ts'
import type { Lineage } from '../view/forked-from.ts'

export interface StatusParts {
  identity: Identity
  node: AmigosNode
  names: Names
  copies: Copies
  replayer: Pick<LocalReplayer, 'standing'>
  history: History
  contracts: Contracts
  /** told of a service whose contract cannot be read: it is left out */
  onUnreadable: (service: CID, error: Error) => void
  lineage: Pick<Lineage, 'forkedFrom'>
  registry: Registry
  proofs: Pick<Proofs, 'last'>
  usernames: Pick<Usernames, 'own'>
  /** what this user's services are called: `alice.amigos.net`, or `~k51...` */
  ownName: () => string
  release: () => Promise<ReleaseStatus>
  info: { http: string; origins: readonly string[]; home: string; version: string; startedAt: number }
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
    lineage,
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

  const summaryOf = async (name: string, head: Head, contract: Contract, version: string, url: string) => {
    const forkedFrom = await lineage.forkedFrom(head.service)
    return {
      name,
      ...(forkedFrom && { forkedFrom }),
      service: head.service.toString(),
      contract: head.contract.toString(),
      version,
      commit: head.commit.toString(),
      seq: head.seq,
      description: contract.manifest.description,
      url,
      ...(await worthOf(head)),
    }
  }

  const own = async ({ shown, service, head, contract, version, yanked, deprecated }: ShownService) => ({
    ...(await summaryOf(shown, head, contract, version, `${info.http}${shown}/`)),
    ...(isPublished(service) ? { published: `${ownName()}/${shown}` } : {}),
    ...(yanked && { yanked }),
    ...(deprecated !== null && { deprecated }),
  })

  const services = async (): Promise<ServiceSummary[]> => {
    const all = await Promise.all((await names.all()).map((entry) => servicesOf(entry, parts)))
    return Promise.all(all.flat().map(own))
  }

  const foreign = async (): Promise<ServiceSummary[]> => {
    const own = (await names.all()).flatMap(({ running }) => running)
    const named = new Set(own.map(({ service }) => service.toString()))
    const found: ServiceSummary[] = []
    for await (const head of history.heads()) {
      if (named.has(head.service.toString())) continue
      const name = (await copies.name(head.service)) ?? head.service.toString()
      // a history may be here before its contract is
      const contract = await contracts.load(head.contract).catch(() => undefined)
      if (contract) found.push(await summaryOf(name, head, contract, contract.manifest.version, ''))
    }
    return found
  }

  /** What was signed, not what was meant: a publish that broke off is not listed. */
  const publications = async (): Promise<NodeStatus['names']> => {
    const newest = registry.publication()
    if (newest === undefined) return []
    const published = new Date(newest.publishedAt).toISOString()
    const expires = new Date(Math.min(newest.record.expires, newest.node.expires)).toISOString()
    const shownOf = async ({ name, service }: ListedService): Promise<string> => {
      const local = await names.of(service)
      return local ? shownAs(local.entry, local) : name
    }
    const shown = await Promise.all(newest.list.services.map(shownOf))
    return newest.list.services.map(({ version }, i) => ({
      name: `${ownName()}/${shown[i]}`,
      version,
      published,
      expires,
      seenBy: proofs.last()?.seenBy ?? 0,
      storedBy: newest.seenBy,
      renews: new Date(newest.renewAt).toISOString(),
      lag: Math.max(0, now() - newest.dueAt),
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
        username: usernames.own().find(({ record }) => record.expires > now())?.record.username ?? null,
        usernames: registered(),
        addresses: node.addresses(),
        http: info.http,
        origins: [...info.origins],
        home: info.home,
        network: identity.network.name,
        pid: process.pid,
        version: info.version,
        release: (await release()).newest,
        uptime: Math.floor((now() - info.startedAt) / 1000),
        peers: node.peerCount(),
        services: [...(await services()), ...(await foreign())],
        names: await publications(),
        traffic: { ...node.traffic },
      }
    },
  }
}
