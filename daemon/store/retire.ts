/** Ends a service on this node: nobody finds it any more. What was forked from it keeps all that it needs. */
import type { CID } from 'multiformats/cid'
import type { Bookkeeping } from './bookkeeping.ts'
import { retireWrites } from './bookkeeping.ts'
import { forksOf } from './choose-base.ts'
import { alsoWrites } from './create-service.ts'
import type { Also } from './database-types.ts'
import { knownHead } from './known-head.ts'
import { type PruneComponents, pruneHistory } from './prune.ts'
import type { Retired } from './upkeep-types.ts'

/**
 * First its history is pruned to the newest checkpoint, unless a fork is proven by it; then one batch takes it off the list of services. The
 * rest stays on the disk, named by a row of its own.
 */
export const retireService = async (
  components: PruneComponents & { bookkeeping: Bookkeeping },
  service: CID,
  also: Also | undefined,
): Promise<Retired> => {
  const { bookkeeping, database, gate } = components
  await knownHead(bookkeeping, service)
  const isHeld = (await forksOf(components, service)).length > 0
  const { freed } = isHeld
    ? { freed: 0 }
    : await pruneHistory(components, service, { keep: 'checkpoints', count: 1 }, {})
  // whoever forks it is inside the gate, too
  return gate.alone(async () => {
    const head = await knownHead(bookkeeping, service)
    const forks = (await forksOf(components, service)).map(({ cid }) => cid)
    await database.commit([...retireWrites(head), ...alsoWrites(also, head.commit)])
    return { freed, forks }
  })
}
