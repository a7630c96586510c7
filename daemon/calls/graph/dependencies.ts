/** What a contract depends on: what it imports and what is linked into it, by its first block, and so on. */
import type { CID } from 'multiformats/cid'
import type { Dependency } from '../../api/vocabulary.ts'
import { isElsewhere } from '../../contract/import-names.ts'
import type { Contract, ContractImport } from '../../contract/types.ts'
import type { History } from '../../store/types.ts'
import type { Resolve } from '../names/resolve.ts'
import { type Abroad, placeOf } from '../tree/abroad.ts'
import type { ForkRows } from '../tree/fork-rows.ts'
import { NO_VERSION } from '../tree/route.ts'
import type { Identity, Target } from '../types.ts'
import { orderOf } from '../versions/line.ts'
import { GRAPH_RESOLVE_MS } from './constants.ts'
import type { FetchRoot } from './fetch-root.ts'
import { createLookAbroad, unknownImport } from './import-abroad.ts'
import type { Probe } from './probe.ts'
import { nothing, upJson } from './shown.ts'
import type { Depending, Up } from './types.ts'
import { type Room, type Step, walk } from './walk.ts'

export interface DependenciesParts {
  identity: Pick<Identity, 'peerId' | 'network'>
  history: Pick<History, 'head'>
  resolve: Resolve
  forkRows: Pick<ForkRows, 'get'>
  fetchRoot: FetchRoot
  abroad: Abroad
  /** the name of the page of a service on this node */
  hereOf: (service: CID) => Promise<string | null>
}

export interface WalkOptions {
  depth: number
  probe: Probe
  /** when to make do with what is known */
  deadline: AbortSignal
}

interface At extends Depending {
  into: Dependency[]
}

type Found = { target: Target; code?: never } | { target?: never; code: string }

export function createDependencies(parts: DependenciesParts) {
  const { identity, history, resolve, forkRows, fetchRoot, hereOf } = parts
  const lookAbroad = createLookAbroad(parts.abroad)

  const find = async (name: string, code: boolean, deadline: AbortSignal): Promise<Found> => {
    const patience = AbortSignal.timeout(GRAPH_RESOLVE_MS)
    try {
      return { target: await resolve(name, { signal: AbortSignal.any([deadline, patience]), code }) }
    } catch (error) {
      return {
        code: patience.aborted || deadline.aborted ? 'TIMED_OUT' : ((error as { code?: string }).code ?? 'INTERNAL'),
      }
    }
  }

  /** What was withdrawn, or stands beside a newer major version, goes on for who has found it: so it is called. */
  const stillThere = async (
    { name, service }: ContractImport & { service: CID },
    inRange: Found,
    deadline: AbortSignal,
  ): Promise<Found> => {
    const isOther = inRange.code === undefined ? !serviceOf(inRange)?.equals(service) : NO_VERSION.has(inRange.code)
    const pinned = isOther ? await find(`${name}@${service}`, false, deadline) : inRange
    return serviceOf(pinned)?.equals(service) ? pinned : inRange
  }

  /** Where an import leads, and what its name stands for now. */
  const locate = async (pin: ContractImport, from: At, deadline: AbortSignal): Promise<Located> => {
    const { name, range } = pin
    // such a name means something on the node of whoever imports it alone
    const isTheirs = name.startsWith('local.land/') && from.host !== identity.peerId
    if (isTheirs) return { host: from.host, now: null }
    const isCode = pin.mode === 'code'
    const exact = isCode ? `${name}@${pin.contract}` : `${name}@${range}`
    const [inRange, newest] = await Promise.all([find(exact, isCode, deadline), find(name, isCode, deadline)])
    const isHere = pin.mode !== 'code' && ((await history.head(pin.service))?.hosted ?? false)
    const found = pin.mode === 'code' || isHere ? inRange : await stillThere(pin, inRange, deadline)
    const moved = serviceOf(found) !== undefined && !isCode && !serviceOf(found)!.equals(pin.service)
    const now = newest.target === undefined ? null : nowOf(pin, newest.target, moved)
    if (isHere) return { host: identity.peerId, now }
    if (moved) return { code: 'IMPORT_BROKE', now }
    const host = found.target && 'host' in found.target ? found.target.host : undefined
    return { host, now, ...(host === undefined && { code: found.code ?? 'HOST_UNKNOWN' }), contract: contractOf(found) }
  }

  const followImport = async (
    pin: ContractImport,
    from: Step<At>,
    room: Room,
    { depth, probe, deadline }: WalkOptions,
  ): Promise<{ item: Dependency; step?: Step<At> }> => {
    const place = placeOf(pin.name, from.of.contract.manifest, identity.network)
    if (place.abroad !== undefined) {
      // whose contract it is, that one's user deployed it
      const byInvite = from.of.host === identity.peerId
      const wanted = { pin, place: { ...place, abroad: place.abroad }, from: from.of, depth: depth - from.above.length }
      return { item: await lookAbroad({ ...wanted, byInvite }, room, deadline) }
    }
    if (isElsewhere(place.name)) return { item: unknownImport(pin, 'NETWORK_UNKNOWN') }
    const { host, now, code, contract: told } = await locate({ ...pin, name: place.name }, from.of, deadline)
    const service = pin.mode === 'code' ? undefined : pin.service
    const up: Up = host === undefined ? { up: false, ...(code && { code }) } : await probe(host, service, deadline)
    // what is called is what runs there now; of the others there is a copy of what was pinned
    const contract = (pin.mode === 'live' ? (up.contract ?? told) : undefined) ?? pin.contract
    const item: Dependency = {
      ...{ ...nothing, mode: pin.mode, name: pin.name, range: pin.range, version: pin.version },
      ...{ service: service?.toString() ?? null, contract: contract.toString(), host: host ?? null, now },
      ...upJson(deadline.aborted && !up.up ? undefined : up),
      here: service === undefined ? null : await hereOf(service),
      copy: pin.mode === 'fork' ? await copyOf(pin, from.of.service) : null,
      ...{ license: null, dependencies: [] },
    }
    const root = await fetchRoot(contract, host, deadline).catch(() => undefined)
    if (root === undefined) room.miss()
    if (root === undefined || root.imports.length + root.bundle.length === 0) return { item }
    const of = { contract: root, service, host, into: item.dependencies }
    return { item, step: { id: idOf(pin), above: [...from.above, from.id], of, item } }
  }

  const copyOf = async (pin: ContractImport & { mode: 'fork' }, importer: CID | undefined): Promise<string | null> =>
    (importer && (await forkRows.get(importer, pin)).fork?.toString()) ?? null

  return async (
    { contract, service, host }: Depending,
    options: WalkOptions,
  ): Promise<{ dependencies: Dependency[]; more: boolean }> => {
    const dependencies: Dependency[] = []
    const id = (service ?? contract.cid).toString()
    const more = await walk<At>(
      { id, above: [], of: { contract, service, host, into: dependencies } },
      {
        ...options,
        async follow(from, room) {
          const { contract, into } = from.of
          const imports = contract.imports.slice(0, room.take(contract.imports.length))
          const found = await room.each(imports, (pin) => followImport(pin, from, room, options))
          const packages = packagesOf(contract)
          into.push(...found.map(({ item }) => item), ...packages.slice(0, room.take(packages.length)))
          return found.flatMap(({ step }) => (step === undefined ? [] : [step]))
        },
      },
    )
    return { dependencies, more }
  }
}

interface Located {
  host?: string | undefined
  /** why nobody knows */
  code?: string
  now: Dependency['now']
  /** that the name says to run there */
  contract?: CID | undefined
}

const idOf = (pin: ContractImport): string => (pin.mode === 'code' ? pin.contract : pin.service).toString()

const serviceOf = ({ target }: Found): CID | undefined => (target?.kind === 'service' ? target.service : undefined)

const contractOf = ({ target }: Found): CID | undefined =>
  target && 'contract' in target ? target.contract : undefined

function nowOf(pin: ContractImport, target: Target, moved: boolean): Dependency['now'] {
  const version = 'version' in target ? (target.version ?? null) : null
  const service = target.kind === 'service' ? target.service.toString() : null
  return { version, service, newer: version !== null && orderOf(version, pin.version) > 0, moved }
}

function packagesOf({ bundle }: Pick<Contract, 'bundle'>): Dependency[] {
  return bundle.flatMap((part) =>
    part.kind === 'npm'
      ? [
          {
            ...{ ...nothing, mode: 'npm' as const, name: part.name, version: part.version },
            ...{ now: null, license: part.license === '' ? null : part.license, copy: null, dependencies: [] },
          },
        ]
      : [],
  )
}
