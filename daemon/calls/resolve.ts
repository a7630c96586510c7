/** What a name stands for: one resolver for each kind of name (specs/registry.md), none of them asked for what it cannot know. */
import { CID } from 'multiformats/cid'
import { formatName, parseName } from '../../registry/grammar/name.ts'
import { findService, type Versioned } from '../../registry/grammar/service-of.ts'
import type { HomeService, NodeEntry, Registry } from '../../registry/home/types.ts'
import type { Name, VersionSelector } from '../../registry/types.ts'
import type { Fetcher } from '../node/fetch.ts'
import type { History } from '../store/types.ts'
import type { Contracts } from './contracts.ts'
import { CallsError } from './errors.ts'
import type { Heads } from './homes/heads.ts'
import type { Names } from './names.ts'
import { resolveCid } from './resolve-cid.ts'
import type { Identity, Target } from './types.ts'
import { runningVersion } from './versions.ts'

export type Resolve = (name: string, options: { signal: AbortSignal }) => Promise<Target>
export type ServiceTarget = Target & { kind: 'service' }
/** @throws CallsError NOT_A_SERVICE for names of anything else */
export type ResolveService = (name: string, options: { signal: AbortSignal }) => Promise<ServiceTarget>

export interface ResolveParts {
  identity: Identity
  names: Names
  history: History
  contracts: Contracts
  registry: Pick<Registry, 'resolve'>
  /** what nodes announced since they last published */
  heads: Pick<Heads, 'get'>
  fetcher: Fetcher
}

type Kind = Name['kind']
type Resolvers = { [K in Kind]: (name: Name & { kind: K }, options: { signal: AbortSignal }) => Promise<Target> }

export function createResolve(parts: ResolveParts): Resolve {
  const { identity, names, history, contracts, registry, heads, fetcher } = parts

  const local = async (service: string, version: VersionSelector): Promise<Target> => {
    const entry = await names.get(service)
    const head = entry && (await history.head(entry.service))
    if (entry === undefined || head === undefined) {
      const hint = 'amigo status lists the services of this node'
      throw new CallsError('SERVICE_NOT_FOUND', `This node has no service "${service}".`, hint)
    }
    const running = runningVersion(entry, await contracts.load(head.contract))
    const mine = [
      { name: service, version: running, service: entry.service, contract: head.contract, head: head.commit },
    ]
    const found = choose(mine, service, version)
    return {
      kind: 'service',
      ...found,
      name: `local.land/_/${service}`,
      host: identity.peerId,
      source: 'local',
      age: 0,
    }
  }

  /** What the host announced, if that was after it published. */
  const newestHead = async ({ host, service, head }: HomeService, nodes: readonly NodeEntry[]): Promise<CID> => {
    if (host === identity.peerId) return (await history.head(service))?.commit ?? head
    const news = heads.get(host, service)
    const issued = nodes.find(({ record }) => record.node === host)?.record.issued ?? 0
    return news !== undefined && news.time >= issued ? news.commit : head
  }

  const resolvers: Resolvers = {
    local: async ({ service, version }) => local(service, version),

    async service(name, { signal }) {
      const user = keyOf(name)
      const { services, nodes, source, age, expires, stale, warnings } = await registry.resolve(user, { signal })
      const { at, ...found } = choose(services, name.service, name.version)
      const { service, contract, version, host } = found
      return {
        ...(at && { at }),
        kind: 'service',
        name: formatName(name),
        user,
        head: await newestHead(found, nodes),
        service,
        contract,
        version,
        host,
        source,
        age,
        expires,
        stale,
        warnings,
      }
    },

    async page(name, { signal }) {
      const user = keyOf(name)
      if (user === identity.user) {
        return { kind: 'node', name: formatName(name), peers: [identity.peerId], user, source: 'own', age: 0 }
      }
      const { home, source, age, expires, stale, warnings } = await registry.resolve(user, { signal })
      const found = { source, age, expires, stale, warnings }
      return { kind: 'node', name: formatName(name), peers: home.nodes, user, ...found }
    },

    peer: async ({ peer }) => ({ kind: 'node', name: peer, peers: [peer], source: 'name', age: 0 }),

    async cid(name, { signal }) {
      const cid = CID.parse(name.cid)
      await fetcher.block(cid, { signal })
      return resolveCid(cid, { identity, history, contracts })
    },

    async folder({ path }) {
      const hint = `deploy it first: amigo serve ${path}`
      throw new CallsError('NAME_NOT_SUPPORTED', `${path} is a folder, not a running service.`, hint)
    },

    async external({ resolver }) {
      const hint = 'use ~k51.../NAME, local.land/_/NAME or a CID'
      throw new CallsError('NAME_NOT_SUPPORTED', `Names of ${resolver} need a resolver that is not there yet.`, hint)
    },
  }

  return async (text, options) => {
    const name = parseName(text)
    const resolver = resolvers[name.kind] as (name: Name, options: { signal: AbortSignal }) => Promise<Target>
    return resolver(name, options)
  }
}

/** The service of this name and version; `@bafy...` that is no contract or head of it may be a commit of its past. */
function choose<S extends Versioned>(services: readonly S[], name: string, version: VersionSelector): S & { at?: CID } {
  try {
    return findService(services, name, version)
  } catch (error) {
    if (version.kind !== 'cid') throw error
    return { ...findService(services, name, { kind: 'latest' }), at: CID.parse(version.cid) }
  }
}

export function createResolveService(resolve: Resolve): ResolveService {
  return async (name, options) => {
    const target = await resolve(name, options)
    if (target.kind === 'service') return target
    const hint = 'a service is named like ~k51.../guestbook or local.land/_/guestbook'
    throw new CallsError('NOT_A_SERVICE', `${name} is a ${target.kind}, not a service.`, hint)
  }
}

/** @throws CallsError NAME_NEEDS_REGISTRAR, NAME_NOT_SUPPORTED */
function keyOf(name: Name & { kind: 'page' | 'service' }): string {
  if (name.network !== null) {
    const hint = 'names without NETWORK.land/ are on the network of this node'
    throw new CallsError('NAME_NOT_SUPPORTED', `This node knows no network "${name.network}".`, hint)
  }
  if ('key' in name.owner) return name.owner.key
  const hint = `use the user ID instead: ~k51.../${name.kind === 'service' ? name.service : ''}; amigo id prints yours`
  throw new CallsError(
    'NAME_NEEDS_REGISTRAR',
    `Nobody on this network certifies the username "${name.owner.username}".`,
    hint,
  )
}
