import type { CID } from 'multiformats/cid'
import { baseWrite } from './bookkeeping.ts'
import { searchBase } from './choose-base.ts'
import { COMPACT_BYTES } from './constants.ts'
import type { LocalDatabase } from './database-types.ts'
import type { DropComponents } from './drop-checkpoints.ts'
import { dropCheckpoints } from './drop-checkpoints.ts'
import { dropCommits } from './drop-commits.ts'
import { StoreError } from './errors.ts'
import { knownHead } from './known-head.ts'
import type { StateComponents } from './state.ts'
import type { Pruned, PruneOptions, Retention } from './upkeep-types.ts'

export type PruneComponents = StateComponents & DropComponents & { database: LocalDatabase }

/**
 * Deletes what a policy does not keep. First the history is said to begin later, then what lies below is deleted: after a crash the
 * next pruning goes on with the rest.
 */
export const pruneHistory = async (
  components: PruneComponents,
  service: CID,
  retention: Retention,
  options: PruneOptions,
): Promise<Pruned> => {
  const { bookkeeping, database, gate } = components
  const search = await searchBase(components, await knownHead(bookkeeping, service), retention)
  await search.find()
  options.signal?.throwIfAborted()

  const { base, holders } = await gate.alone(async () => {
    const head = await knownHead(bookkeeping, service)
    const keep = await search.again(head)
    if (!keep) throw new StoreError('APPEND_CONFLICT', 'The history was replaced while it was being pruned.', [service])
    const before = head.base ?? { commit: service, seq: 0 }
    if (keep.seq <= before.seq) return { base: before, holders: keep.holders }
    const { commit, seq } = (await bookkeeping.checkpointAt(service, keep.seq))!
    await database.commit([baseWrite(service, { commit, seq })])
    return { base: { commit, seq }, holders: keep.holders }
  })
  if (base.seq === 0) return { base, commits: 0, blocks: 0, freed: 0, holders }

  const { seal } = await knownHead(bookkeeping, service)
  const chain = await dropCommits(components, base, seal, options)
  const memory = await dropCheckpoints(components, service, { below: base.seq, seal }, options)
  const freed = chain.bytes + memory.bytes
  if (freed >= COMPACT_BYTES) await database.compact()
  return { base, commits: chain.commits, blocks: chain.blocks + memory.blocks, freed, holders }
}
