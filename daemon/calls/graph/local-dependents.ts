/** Who depends on something of this node, as far as this node knows by itself. */
import type { CID } from 'multiformats/cid'
import type { ContractImport } from '../../contract/types.ts'
import type { History } from '../../store/types.ts'
import type { Contracts } from '../life/contracts.ts'
import type { Names } from '../names/names.ts'
import type { ForkRows } from '../tree/fork-rows.ts'
import type { Identity } from '../types.ts'
import { type ShownService, servicesOf } from '../versions/local-services.ts'
import type { ReadCallers } from './callers.ts'
import type { DependentRow, DependentRows } from './dependent-rows.ts'
import type { Targets } from './targets.ts'
import type { Dependent, KnownDependents } from './types.ts'

export interface LocalDependentsParts {
  identity: Pick<Identity, 'peerId' | 'user'>
  history: Pick<History, 'head' | 'commit'>
  contracts: Pick<Contracts, 'load'>
  names: Names
  rows: Pick<DependentRows, 'of'>
  forkRows: Pick<ForkRows, 'importer'>
  readCallers: ReadCallers
  targets: Pick<Targets, 'of'>
}

/** @param of a service, or a contract whose code may be linked */
export type LocalDependents = (of: CID, options: { signal: AbortSignal }) => Promise<KnownDependents>

/** Each service once: what its own contract says goes before what was announced, and that before what the history shows. */
export function createLocalDependents(parts: LocalDependentsParts): LocalDependents {
  const { identity, history, contracts, names, rows, forkRows, readCallers, targets } = parts

  const ofThisNode = ({ shown, service, contract, version }: ShownService, isPublished: boolean): Dependent => ({
    ...{ mode: 'live', known: 'here', service, user: identity.user, host: identity.peerId, version },
    label: shown,
    contract: contract.cid,
    isLocal: !isPublished,
    isPrivate: !isPublished,
  })

  /** The services of this node whose contracts import one of these; and the one whose fork it is. */
  const here = async (all: readonly CID[]): Promise<Dependent[]> => {
    const found: Dependent[] = []
    const importer = await forkRows.importer(all[0]!)
    const isAmong = (cid: CID): boolean => all.some((one) => one.equals(cid))
    for (const entry of await names.all()) {
      const isPublished = entry.published.length > 0 && !entry.unpublished
      const running = await servicesOf(entry, { history, contracts, onUnreadable: () => undefined })
      for (const one of running) {
        const pin = one.contract.imports.find((pin) => isAmong(pin.mode === 'code' ? pin.contract : pin.service))
        const own = ofThisNode(one, isPublished)
        if (pin !== undefined) found.push({ ...own, ...wantsOf(pin) })
        else if (importer?.service.equals(one.service)) found.push({ ...own, mode: 'fork', isPrivate: true })
      }
    }
    return found
  }

  const called = async (of: CID, signal: AbortSignal): Promise<KnownDependents> => {
    const head = await history.head(of)
    if (!head?.hosted) return { dependents: [], more: false }
    const { callers, more } = await readCallers(head, { signal })
    return { dependents: callers.map((one) => ({ mode: 'called', known: 'called', ...one })), more }
  }

  return async (of, { signal }) => {
    const all = (await history.head(of)) === undefined ? [of] : await targets.of(of)
    const announced = (await Promise.all(all.map((target) => rows.of(target)))).flat().map(announcedBy)
    const callers = await called(of, signal)
    const found = new Map<string, Dependent>()
    for (const one of [...(await here(all)), ...announced, ...callers.dependents]) {
      const key = one.service.toString()
      const before = found.get(key)
      found.set(
        key,
        before === undefined ? one : { ...before, calls: one.calls ?? before.calls, at: latest(before, one) },
      )
    }
    return { dependents: [...found.values()], more: callers.more }
  }
}

const wantsOf = ({ mode, range, version }: ContractImport): Pick<Dependent, 'mode' | 'range' | 'pinned'> => ({
  mode,
  range,
  pinned: version,
})

const announcedBy = ({ told, expires: _, name, ...row }: DependentRow): Dependent => ({
  ...{ ...row, label: name },
  ...{ known: 'announced', at: told },
})

const latest = (a: Dependent, b: Dependent): number | undefined =>
  a.at === undefined && b.at === undefined ? undefined : Math.max(a.at ?? 0, b.at ?? 0)
