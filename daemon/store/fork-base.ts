import type { CID } from 'multiformats/cid'
import { checkpointWrite, type HeadRow } from './bookkeeping.ts'
import { readFirst, serviceOf } from './chain.ts'
import { decodeCommit } from './commit-codec.ts'
import type { LocalDatabase } from './database-types.ts'
import type { Gate } from './gate.ts'
import { sealOf } from './seal.ts'
import { type StateComponents, stateAt } from './state.ts'
import { writeCheckpoint } from './write-checkpoint.ts'

type Components = StateComponents & { database: LocalDatabase; gate: Gate }

/**
 * The checkpoint with which a fork begins for whoever has not what it was forked from, because that was pruned here, or is not here.
 * Made when it is first asked for. Undefined if all that it comes from is here, or it is no fork.
 */
export const forkBase = async (components: Components, { service, ...head }: HeadRow): Promise<CID | undefined> => {
  if (await isWhole(components, service)) return undefined
  const { bookkeeping, database, gate } = components
  const found = await bookkeeping.checkpointAt(service, 0)
  // until then the row names the origin's
  if (found?.commit.equals(service)) return found.cid
  return await gate.shared(async () => {
    const { paged } = await stateAt(components, service, service)
    const { cid, writes } = await writeCheckpoint(paged, { service, seq: 0, seal: sealOf(head) }, database)
    await database.commit([...writes, checkpointWrite(service, { cid, seq: 0, commit: service, deltaBytes: 0 })])
    return cid
  })
}

/** Whether the histories that it was forked from are here down to a genesis. */
const isWhole = async (components: StateComponents, service: CID): Promise<boolean> => {
  const { blocks, bookkeeping } = components
  for (let at = service; ; ) {
    const { body } = await readFirst(components, at)
    if (body.kind !== 'fork') return true
    const bytes = await blocks.get(body.from)
    if (bytes === undefined) return false
    at = serviceOf(decodeCommit(body.from, bytes))
    // without a head it was fetched for the sake of the fork, and all of it; or it was retired
    if ((await bookkeeping.base(at)) || !(await blocks.has(at))) return false
  }
}
