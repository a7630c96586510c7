/** What of a history is still to be fetched: not what is here, and not what its host has pruned. */
import type { CID } from 'multiformats/cid'
import { isFirst } from '../../store/commit-body.ts'
import { decodeCommit } from '../../store/commit-codec.ts'
import { links } from '../../store/links.ts'
import type { Base } from '../../store/types.ts'

export type LinksOf = (cid: CID, bytes: Uint8Array) => CID[]

export interface PullRange {
  service: CID
  /** commits whose history is here already, down to where it begins here; none if the service is not here */
  here: readonly CID[]
  /** where the history begins at its host */
  base: Base | undefined
}

/** Blocks are not decoded unless they are at the edge of what the host has. @throws StoreError BLOCK_INVALID */
export function linksToFetch({ service, here, base }: PullRange): LinksOf {
  // every commit leads to the first one, and that to its checkpoint, which may be pruned
  const known = new Set(here.length > 0 ? [service, ...here].map(String) : [])
  const handovers = new Set(base?.handovers?.map(String))
  return (cid, bytes) => {
    if (known.has(cid.toString())) return []
    const all = links(cid, bytes)
    const isEdge =
      base !== undefined && (cid.equals(service) || cid.equals(base.commit) || handovers.has(cid.toString()))
    if (!isEdge) return all
    const { body } = decodeCommit(cid, bytes)
    const gone = [
      ...('parent' in body ? [body.parent] : []),
      ...(isFirst(body) && 'checkpoint' in body ? [body.checkpoint] : []),
      ...('from' in body ? [body.from] : []),
    ]
    return all.filter((link) => !gone.some((one) => one.equals(link)))
  }
}
