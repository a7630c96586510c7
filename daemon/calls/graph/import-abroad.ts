/** An import that is on another network, as it is drawn: found out by the node that asks there for this one. */
import { formatName, parseName } from '../../../registry/grammar/name.ts'
import type { Invite } from '../../../registry/network/types.ts'
import type { Dependency } from '../../api/vocabulary.ts'
import { networkNamed } from '../../contract/import-names.ts'
import type { ContractImport } from '../../contract/types.ts'
import type { Abroad, Place } from '../tree/abroad.ts'
import { nothing } from './shown.ts'
import type { Depending } from './types.ts'
import type { Room } from './walk.ts'

/** One import of a contract, and levels below it that are to be drawn. */
interface Wanted {
  pin: ContractImport
  place: Place & { abroad: Invite }
  from: Depending
  depth: number
  /** whether the invite of the contract may say where that network is */
  byInvite: boolean
}

/** Never throws: what could not be found out is not known to be down. */
export type LookAbroad = (wanted: Wanted, room: Room, deadline: AbortSignal) => Promise<Dependency>

export function createLookAbroad(abroad: Abroad): LookAbroad {
  return async ({ pin, place, from, depth, byInvite }, room, deadline) => {
    const { network } = place.abroad
    const label = networkNamed(pin.name)!
    const contract = { ...from.contract, imports: [{ ...pin, name: place.name }], bundle: [] }
    try {
      const { dependencies, more } = await abroad(place.abroad, { signal: deadline, byInvite }, (there) =>
        there.dependencies({ contract, service: from.service, host: undefined }, { depth, deadline }),
      )
      if (more) room.miss()
      const [found] = dependencies
      if (found === undefined) return unknownImport(pin, 'TIMED_OUT')
      const below = countOf(found.dependencies)
      const shown = renamed(found, label, network.suffix)
      return { ...shown, name: pin.name, ...(room.take(below) < below && { dependencies: [] }) }
    } catch (error) {
      room.miss()
      return unknownImport(pin, deadline.aborted ? null : ((error as { code?: string }).code ?? 'INTERNAL'))
    }
  }
}

/** What stands in the contract alone. @param code why nobody was asked */
export function unknownImport(pin: ContractImport, code: string | null): Dependency {
  const { mode, name, range, version } = pin
  return {
    ...{ ...nothing, mode, name, range, version, contract: pin.contract.toString(), code },
    service: pin.mode === 'code' ? null : pin.service.toString(),
    ...{ now: null, license: null, copy: null, dependencies: [] },
  }
}

/** With the names that these services have here. @param suffix of their own network */
function renamed(item: Dependency, label: string, suffix: string): Dependency {
  const dependencies = item.dependencies.map((one) => renamed(one, label, suffix))
  return { ...item, name: item.mode === 'npm' ? item.name : nameHere(item.name, label, suffix), dependencies }
}

function nameHere(text: string, network: string, suffix: string): string {
  try {
    const name = parseName(text, { suffix })
    return name.kind === 'service' && name.network === null ? formatName({ ...name, network }) : text
  } catch {
    return text
  }
}

const countOf = (items: readonly Dependency[]): number =>
  items.reduce((sum, { dependencies }) => sum + 1 + countOf(dependencies), 0)
