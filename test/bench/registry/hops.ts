/** How many rounds a lookup takes as a network grows: Kademlia's tables and its iterative lookup, simulated (K = 20, three at a time). */
import { createHash } from 'node:crypto'
import { REPLICATION as K } from '../../../registry/constants.ts'
import type { Row } from '../kit/report.ts'

const AT_ONCE = 3
const LOOKUPS = 200
const SIZES = [125, 250, 500, 1_000]

type Id = bigint

const idOf = (text: string): Id => BigInt(`0x${createHash('sha256').update(text).digest('hex').slice(0, 32)}`)
const closest = (ids: Iterable<Id>, target: Id): Id[] =>
  [...ids].sort((a, b) => ((a ^ target) < (b ^ target) ? -1 : 1)).slice(0, K)

/** Of each distance, by its first bit, at most K others: which ones is chance. */
function tableOf(own: Id, ids: readonly Id[]): Id[] {
  const buckets = new Map<number, Id[]>()
  for (const id of ids) {
    if (id === own) continue
    const bucket = (id ^ own).toString(2).length
    const known = buckets.get(bucket) ?? []
    if (known.length < K) buckets.set(bucket, [...known, id])
  }
  return [...buckets.values()].flat()
}

/** Rounds until the closest that are known have all been asked. */
function hopsTo(target: Id, from: Id, tables: ReadonlyMap<Id, Id[]>): number {
  const depth = new Map<Id, number>(tables.get(from)!.map((id) => [id, 1]))
  const asked = new Set<Id>()
  for (;;) {
    const best = closest(depth.keys(), target)
    const next = best.filter((id) => !asked.has(id)).slice(0, AT_ONCE)
    const nearest = best[0]!
    // the closest of all is found when it was asked itself
    if (next.length === 0 || asked.has(nearest)) return depth.get(nearest)!
    for (const id of next) {
      asked.add(id)
      for (const told of closest(tables.get(id)!, target)) {
        if (!depth.has(told)) depth.set(told, depth.get(id)! + 1)
      }
    }
  }
}

export async function hops(): Promise<Row[]> {
  return SIZES.map((size) => {
    const ids = Array.from({ length: size }, (_, number) => idOf(`node ${number}`))
    const tables = new Map(ids.map((id) => [id, tableOf(id, ids)]))
    let total = 0
    for (let number = 0; number < LOOKUPS; number++) {
      total += hopsTo(idOf(`name ${number}`), ids[(number * 7) % size]!, tables)
    }
    const peer = { peer: 'log2 of their number', peerValue: Math.log2(size) }
    return { name: `hops, ${size} nodes`, value: total / LOOKUPS, unit: 'hops', ...peer }
  })
}
