/** What a service was forked from, for whoever looks at it. */
import type { CID } from 'multiformats/cid'
import type { ForkedFrom } from '../../api/vocabulary.ts'
import type { History } from '../../store/types.ts'
import { serviceOf } from '../life/lifecycle.ts'
import { originOf } from '../life/upstream.ts'
import type { Copies, Names } from '../names/names.ts'
import { shownAs } from '../versions/line.ts'

export interface ForkedFromParts {
  history: Pick<History, 'commit'>
  names: Pick<Names, 'of'>
  copies: Pick<Copies, 'name'>
}

export interface Lineage {
  /** Undefined of what was made of a contract, and of what is not on this node. */
  forkedFrom(service: CID): Promise<ForkedFrom | undefined>
  /** How this node finds a service: the name of its own, or as which it was asked for. */
  nameOf(service: CID): Promise<string | undefined>
}

export function createLineage({ history, names, copies }: ForkedFromParts): Lineage {
  const nameOf: Lineage['nameOf'] = async (service) => {
    const local = await names.of(service)
    return local ? `local.land/_/${shownAs(local.entry, local)}` : copies.name(service)
  }
  return {
    nameOf,
    async forkedFrom(service) {
      const from = await originOf(history, service)
      if (from === undefined) return undefined
      const origin = await history.commit(from).catch(() => undefined)
      const of = origin && serviceOf(origin)
      const name = of && (await nameOf(of))
      return { service: of?.toString() ?? null, commit: from.toString(), ...(name !== undefined && { name }) }
    },
  }
}
