import type { CID } from 'multiformats/cid'
import type { HeadRow } from './bookkeeping.ts'
import { readParent } from './chain.ts'
import { isFirst } from './commit-body.ts'
import { decodeCommit } from './commit-codec.ts'
import { need } from './payload.ts'
import type { StateComponents } from './state.ts'

/** Whether a commit is the head or one of its ancestors, as far back as the history goes here. */
export const isInHistory = async (
  components: StateComponents,
  head: HeadRow,
  { cid, seq }: { cid: CID; seq: number },
): Promise<boolean> => (await commitAt(components, head, seq))?.equals(cid) ?? false

/**
 * The commit with that sequence number; undefined if the history has none, or does not go back so far here. Reads the commits between
 * it and the next checkpoint, whatever the length of the history.
 */
export const commitAt = async (
  { blocks, bookkeeping }: StateComponents,
  head: HeadRow,
  seq: number,
): Promise<CID | undefined> => {
  if (seq > head.seq || seq < (head.base?.seq ?? 0)) return undefined
  if (seq === 0) return head.service
  let above = head.commit
  for await (const row of bookkeeping.checkpointsFrom(head.service, seq)) {
    if (row.seq <= head.seq) above = row.commit
    break
  }
  let at = decodeCommit(above, await need(blocks, above))
  while (at.body.seq > seq && !isFirst(at.body)) at = await readParent(at, blocks)
  return at.cid
}
