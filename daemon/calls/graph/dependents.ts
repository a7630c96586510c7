/** Who depends on a service, and on them, and so on: what this node knows, and what the hosts of the others say. */
import type { CID } from 'multiformats/cid'
import type { Registry } from '../../../registry/home/types.ts'
import type { Dependent as Shown } from '../../api/vocabulary.ts'
import type { Called } from '../names/called.ts'
import type { Identity } from '../types.ts'
import { GRAPH_RESOLVE_MS } from './constants.ts'
import type { WalkOptions } from './dependencies.ts'
import type { LocalDependents } from './local-dependents.ts'
import { nothing, upJson } from './shown.ts'
import type { AskDependents } from './tell-dependents.ts'
import type { Dependent } from './types.ts'
import { type Room, type Step, walk } from './walk.ts'

export interface DependentsParts {
  identity: Pick<Identity, 'peerId'>
  registry: Pick<Registry, 'resolve'>
  localDependents: LocalDependents
  askDependents: AskDependents
  called: Pick<Called, 'user'>
  /** the name of the page of a service on this node */
  hereOf: (service: CID) => Promise<string | null>
}

/** Nobody answered. */
const SILENT: ReadonlySet<string> = new Set(['PEER_UNREACHABLE', 'TIMED_OUT'])

interface At {
  /** a service, or a contract whose code may be linked */
  of: CID
  host: string | undefined
  into: Shown[]
}

export function createDependents(parts: DependentsParts) {
  const { identity, registry, localDependents, askDependents, called, hereOf } = parts

  const told = async ({ of, host }: At, room: Room, signal: AbortSignal): Promise<Dependent[]> => {
    if (host === undefined || host === identity.peerId) return []
    try {
      const { dependents, more } = await askDependents(host, of, { signal })
      if (more) room.miss()
      return dependents
    } catch {
      room.miss()
      return []
    }
  }

  /** What this node knows goes before what another says. */
  const dependentsOf = async (at: At, room: Room, signal: AbortSignal): Promise<Dependent[]> => {
    const [own, others] = await Promise.all([localDependents(at.of, { signal }), told(at, room, signal)])
    if (own.more) room.miss()
    return [...new Map([...others, ...own.dependents].map((one) => [one.service.toString(), one])).values()]
  }

  /** Of who has called, nothing but the service ID is known: its owner's home may say more. */
  const lookUp = async (one: Dependent, deadline: AbortSignal): Promise<Dependent> => {
    if (one.label !== undefined || one.user === '') return one
    const signal = AbortSignal.any([deadline, AbortSignal.timeout(GRAPH_RESOLVE_MS)])
    const home = await registry.resolve(one.user, { signal }).catch(() => undefined)
    const listed = home?.services.find(({ service }) => service.equals(one.service))
    if (listed === undefined) return one
    const { name, version, contract, host } = listed
    return { ...one, label: name, version, contract, host }
  }

  const nameOf = async ({ label, user, service, isLocal }: Dependent, deadline: AbortSignal): Promise<string> => {
    if (label === undefined) return service.toString()
    if (isLocal) return `local.land/_/${label}`
    const signal = AbortSignal.any([deadline, AbortSignal.timeout(GRAPH_RESOLVE_MS)])
    return `${await called.user(user, { signal })}/${label}`
  }

  const follow = async (
    found: Dependent,
    from: Step<At>,
    { probe, deadline }: WalkOptions,
  ): Promise<{ item: Shown; step: Step<At> }> => {
    const one = await lookUp(found, deadline)
    const [up, name] = await Promise.all([probe(one.host, one.service, deadline), nameOf(one, deadline)])
    const last = Math.max(up.seen ?? 0, one.at ?? 0)
    // who has called and is listed nowhere here may be on another network, where this node does not look
    const isNotHere = one.label === undefined && SILENT.has(up.code ?? '')
    const item: Shown = {
      ...{ ...nothing, mode: one.mode, name, version: one.version ?? null, range: one.range ?? null },
      ...{
        service: one.service.toString(),
        contract: (up.contract ?? one.contract)?.toString() ?? null,
        host: one.host,
      },
      ...upJson(deadline.aborted && !up.up ? undefined : { ...up, ...(last > 0 && { seen: last }) }),
      ...(isNotHere && { up: null }),
      here: await hereOf(one.service),
      ...{ user: one.user, known: one.known, pinned: one.pinned ?? null, calls: one.calls ?? null, dependents: [] },
    }
    // who is down tells nothing of those who use it
    const of = { of: one.service, host: up.up ? one.host : undefined, into: item.dependents }
    return { item, step: { id: one.service.toString(), above: [...from.above, from.id], of, item } }
  }

  return async (
    of: CID,
    host: string | undefined,
    options: WalkOptions,
  ): Promise<{ dependents: Shown[]; more: boolean }> => {
    const dependents: Shown[] = []
    const more = await walk<At>(
      { id: of.toString(), above: [], of: { of, host, into: dependents } },
      {
        ...options,
        async follow(from, room) {
          const all = await dependentsOf(from.of, room, options.deadline).catch(() => undefined)
          if (all === undefined) room.miss()
          const some = all?.slice(0, room.take(all.length)) ?? []
          const found = await room.each(some, (one) => follow(one, from, options))
          from.of.into.push(...found.map(({ item }) => item))
          return found.map(({ step }) => step)
        },
      },
    )
    return { dependents, more }
  }
}
