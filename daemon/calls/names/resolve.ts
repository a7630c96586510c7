/** What a name stands for: one resolver for each kind of name (specs/registry.md), none of them asked for what it cannot know. */
import { CID } from 'multiformats/cid'
import { formatName, parseName } from '../../../registry/grammar/name.ts'
import type { HomeService, NodeEntry, Registry, ResolvedHome } from '../../../registry/home/types.ts'
import type { Name } from '../../../registry/types.ts'
import type { Fetcher } from '../../node/fetch.ts'
import type { History } from '../../store/types.ts'
import { CallsError } from '../errors.ts'
import type { Heads } from '../homes/heads.ts'
import type { Contracts } from '../life/contracts.ts'
import type { FoundName, Identity, Target } from '../types.ts'
import { chooseTarget } from '../versions/choose-target.ts'
import { createResolveLocal } from '../versions/resolve-local.ts'
import { createNamedCommit } from './named-commit.ts'
import type { Names } from './names.ts'
import { resolveCid } from './resolve-cid.ts'
import type { FoundUser, Users } from './users.ts'

export interface ResolveOptions {
  signal: AbortSignal
  /** the code will do: a version that was published and does not run is a contract. @default VERSION_NOT_RUNNING */
  code?: boolean
}

export type Resolve = (name: string, options: ResolveOptions) => Promise<Target>
export type ServiceTarget = Target & { kind: 'service' }
/** @throws CallsError NOT_A_SERVICE for names of anything else */
export type ResolveService = (name: string, options: { signal: AbortSignal }) => Promise<ServiceTarget>

export interface ResolveParts {
  identity: Identity
  names: Names
  history: History
  contracts: Contracts
  registry: Pick<Registry, 'resolve' | 'publication'>
  /** what nodes announced since they last published */
  heads: Pick<Heads, 'get'>
  users: Pick<Users, 'find'>
  fetcher: Fetcher
}

type Kind = Name['kind']
type Resolvers = { [K in Kind]: (name: Name & { kind: K }, options: ResolveOptions) => Promise<Target> }

export function createResolve(parts: ResolveParts): Resolve {
  const { identity, history, contracts, registry, users, heads, fetcher } = parts
  const { suffix } = identity.network

  const local = createResolveLocal(parts)

  const commits = createNamedCommit(parts)

  /** What the host announced, if that was after it published. */
  const newestHead = async ({ host, service, head }: HomeService, nodes: readonly NodeEntry[]): Promise<CID> => {
    if (host === identity.peerId) return (await history.head(service))?.commit ?? head
    const news = heads.get(host, service)
    const issued = nodes.find(({ record }) => record.node === host)?.record.issued ?? 0
    return news !== undefined && news.time >= issued ? news.commit : head
  }

  const resolvers: Resolvers = {
    local: async (name, { code }) =>
      local(name, { code, commitOf: (services) => commits.here(name.version, services) }),

    async service(name, { signal, code }) {
      const { user, ...by } = await users.find(name, { signal })
      const shown = formatName(name, { suffix })
      const home = await homeOf(registry, { user, ...by }, shown, { signal })
      const { services, versions, nodes, source, age, expires, stale } = home
      const wanted = { name: name.service, version: name.version, code: code ?? false }
      const commit = await commits.away(wanted, home, signal)
      const choice = chooseTarget({ services, versions }, { ...wanted, service: commit })
      const warnings = [...home.warnings, ...choice.warnings]
      const found = { name: shown, source, age, expires, stale, warnings }
      if ('contract' in choice) {
        const { contract, version } = choice.contract
        const has = nodes.find(({ list }) => list.versions.some((one) => one.contract.equals(contract)))
        return { kind: 'contract', ...found, contract, version, host: has?.record.node }
      }
      const { service, contract, version, host } = choice.service
      const running = services.filter((one) => one.name === name.service).map((one) => one.version)
      return {
        ...{ kind: 'service', ...found, ...foundBy(by), user, service, contract, version, host, running },
        head: await newestHead(choice.service, nodes),
        ...(choice.at && { at: choice.at }),
      }
    },

    async page(name, { signal }) {
      const { user, ...by } = await users.find(name, { signal })
      const found = { kind: 'node' as const, name: formatName(name, { suffix }), ...foundBy(by), user }
      if (user === identity.user) {
        const page = registry.publication()?.home.page ?? undefined
        return { ...found, page, peers: [identity.peerId], source: 'own', age: 0 }
      }
      const { home, ...rest } = await homeOf(registry, { user, ...by }, found.name, { signal })
      const { source, age, expires, stale, warnings } = rest
      return { ...found, page: home.page ?? undefined, peers: home.nodes, source, age, expires, stale, warnings }
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
      const what = resolver === 'https' ? 'Addresses of the web' : `Names of ${resolver}`
      const hint = 'fetch it yourself and use the folder: ./NAME; or alice.amigos.net/NAME, ~k51.../NAME, a CID'
      throw new CallsError(
        'NAME_NOT_SUPPORTED',
        `${what} cannot be resolved: this node has no resolver for them yet.`,
        hint,
      )
    },
  }

  return async (text, options) => {
    const name = parseName(text, { suffix })
    const resolver = resolvers[name.kind] as (name: Name, options: ResolveOptions) => Promise<Target>
    return resolver(name, options)
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

/** Whose record is missing, in the words of who asked. */
async function homeOf(
  registry: Pick<Registry, 'resolve'>,
  { user, ...by }: FoundUser,
  name: string,
  options: { signal: AbortSignal },
): Promise<ResolvedHome> {
  try {
    // the record that stands beside the name on the DHT need not be asked for again
    const record = by.username?.home ?? undefined
    return await registry.resolve(user, { ...options, record })
  } catch (error) {
    const isNamed = by.username !== undefined || by.petname !== undefined
    if (!isNamed || (error as { code?: string }).code !== 'NAME_NOT_FOUND') throw error
    const message = `${name} is ~${user}, and nobody here knows what that user publishes.`
    throw new CallsError('NAME_NOT_FOUND', message, 'nothing was published, or the nodes that hold it are offline', {
      cause: error,
    })
  }
}

/** By which name, other than the user ID, it was found. */
function foundBy({ petname, username }: Omit<FoundUser, 'user'>): { petname?: string; username?: FoundName } {
  if (username === undefined) return petname === undefined ? {} : { petname }
  const { source, age, expires } = username
  return { username: { source, age, expires } }
}
