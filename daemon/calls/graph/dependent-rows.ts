/** Which services elsewhere import something of this node, as their hosts announced: rows in the database, until the homes that list them expire. */
import * as dagCbor from '@ipld/dag-cbor'
import type { CID } from 'multiformats/cid'
import { createSerial } from '../../../registry/serial.ts'
import type { Database, Write } from '../../store/database-types.ts'
import { MAX_ALL_DEPENDENTS, MAX_DEPENDENTS } from './constants.ts'

/** What was announced, and checked. */
export interface DependentRow {
  /** the service that imports */
  service: CID
  /** user ID of its owner */
  user: string
  /** peer ID */
  host: string
  /** of it, in the list of its host */
  name: string
  version: string
  contract: CID
  mode: 'live' | 'fork' | 'code'
  range: string
  /** the version that it pinned */
  pinned: string
  /** milliseconds since 1970 */
  told: number
  expires: number
}

export interface DependentRows {
  /** @param target a service, or the contract of code */
  of(target: CID): Promise<DependentRow[]>
  /** Writes down what one service imports of this node, in the place of what was known of it. Answers for which of it there was room. */
  keep(service: CID, found: readonly { target: CID; row: DependentRow }[]): Promise<CID[]>
}

export interface DependentRowsParts {
  database: Pick<Database, 'meta' | 'commit'>
  now: () => number
}

interface Bounds {
  /** of one target. @default MAX_DEPENDENTS */
  each?: number
  /** @default MAX_ALL_DEPENDENTS */
  all?: number
}

const PREFIX = 'dependent/'
const keyOf = (target: CID | string, service: CID | string): string => `${PREFIX}${target}/${service}`

/**
 * Where there is no room, what has expired goes first, then the oldest of the host that has most, as long as that has more than the one that comes: so
 * nobody drives out others by announcing a lot.
 */
export function createDependentRows({ database, now }: DependentRowsParts, bounds: Bounds = {}): DependentRows {
  const { each = MAX_DEPENDENTS, all = MAX_ALL_DEPENDENTS } = bounds
  const serial = createSerial()
  /** by key, in the order in which they came */
  let loaded: Promise<Map<string, DependentRow>> | undefined

  const load = async (): Promise<Map<string, DependentRow>> => {
    const found: [string, DependentRow][] = []
    for await (const { key, value } of database.meta.list(PREFIX))
      found.push([key, dagCbor.decode<DependentRow>(value)])
    return new Map(found.sort(([, a], [, b]) => a.told - b.told))
  }
  const rows = (): Promise<Map<string, DependentRow>> => {
    loaded ??= load()
    loaded.catch(() => {
      loaded = undefined
    })
    return loaded
  }
  const under = (known: ReadonlyMap<string, DependentRow>, prefix: string): [string, DependentRow][] =>
    [...known].filter(([key]) => key.startsWith(prefix))

  /** Which row gives way for one of this host; null: none does. */
  const giving = (full: readonly [string, DependentRow][], host: string): string | null => {
    const counts = Map.groupBy(full, ([, row]) => row.host)
    const most = [...counts.values()].sort((a, b) => b.length - a.length)[0]!
    return most.length > (counts.get(host)?.length ?? 0) + 1 ? most[0]![0] : null
  }

  return {
    async of(target) {
      const time = now()
      return under(await rows(), `${PREFIX}${target}/`).flatMap(([, row]) => (row.expires > time ? [row] : []))
    },
    keep: (service, found) =>
      serial(PREFIX, async () => {
        const known = new Map(await rows())
        const writes = new Map<string, Write>()
        const drop = (key: string): void => {
          known.delete(key)
          writes.set(key, { delete: 'meta', key })
        }
        const time = now()
        for (const [key, row] of known) if (row.expires <= time || row.service.equals(service)) drop(key)
        const kept: CID[] = []
        for (const { target, row } of found) {
          const key = keyOf(target, service)
          const full = [
            { most: each, has: under(known, `${PREFIX}${target}/`) },
            { most: all, has: [...known] },
          ].find(({ most, has }) => has.length >= most)
          const gives = full && giving(full.has, row.host)
          if (gives === null) continue
          if (gives !== undefined) drop(gives)
          known.set(key, row)
          writes.set(key, { put: 'meta', key, value: dagCbor.encode(row) })
          kept.push(target)
        }
        if (writes.size > 0) await database.commit([...writes.values()])
        loaded = Promise.resolve(known)
        return kept
      }),
  }
}
