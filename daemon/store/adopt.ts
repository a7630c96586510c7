import type { CID } from 'multiformats/cid'
import type { HeadRow } from './bookkeeping.ts'
import { MAX_ADOPT_COMMITS } from './constants.ts'
import type { RebuildComponents } from './rebuild.ts'
import { rebuild } from './rebuild.ts'
import { startAt, startBelow } from './start.ts'
import type { AdoptOptions } from './types.ts'
import { walkHistory } from './walk.ts'

/** See History.adopt. */
export const adoptHead = async (
  components: RebuildComponents,
  service: CID,
  commit: CID,
  { signal, checkpoint, base, seal, anew = false, budget = MAX_ADOPT_COMMITS }: AdoptOptions,
): Promise<HeadRow> => {
  const known = await components.bookkeeping.head(service)
  if (known?.commit.equals(commit)) return known
  const onward = await walkHistory(components, service, commit, known, { signal, budget, base })
  if (!onward) return known!
  // only when it is known that it goes on with what is here
  const walk = anew ? (await walkHistory(components, service, commit, undefined, { signal, budget, base }))! : onward
  const start =
    (checkpoint && (await startAt(components, checkpoint, walk))) ??
    (await startBelow(components, walk, { signal, budget }))
  return await rebuild(components, known, walk, start, { signal, seal })
}
