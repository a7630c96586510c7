/** Brings what is below some blocks from one node in one go; what it lacks, or cannot send so, is left to other ways. */
import type { CID } from 'multiformats/cid'
import type { Pulls } from '../../../protocol/pull/types.ts'
import { MAX_BLOCK_BYTES } from '../../store/constants.ts'
import type { Blocks } from '../../store/database-types.ts'
import { MAX_PULL_TOTAL_BLOCKS, MAX_PULL_TOTAL_BYTES, PROGRESS_BLOCKS } from '../constants.ts'
import { makeGrant } from '../remote/grant.ts'
import type { Identity, Waiting } from '../types.ts'
import type { LinksOf } from './pull-links.ts'
import type { Moved } from './pull-sealed.ts'

export interface BulkPullParts {
  pulls: Pick<Pulls, 'pull'>
  identity: Identity
  /** where blocks with a seal are kept; without one, those for everybody */
  scope: (seal?: string) => Blocks
}

export interface BulkPull {
  host: string
  /** from which everything is reached */
  roots: readonly CID[]
  /** what is here with all below it */
  have: readonly CID[]
  /** which links of a block matter: the others may be missing */
  linksOf: LinksOf
  /** the service whose blocks they are, if the host gives some of them to those alone who ask for it */
  service?: CID | undefined
  /** for what is fetched. @default it is for everybody */
  seal?: string | undefined
}

/** What came; and whether it is all that was wanted. */
export interface BulkPulled extends Moved {
  isWhole: boolean
}

/** @throws ProtocolError PULL_TOO_LARGE, ACCESS_DENIED; what keeping it throws; and when the caller gives up */
export type PullBulk = (wanted: BulkPull, waiting: Waiting) => Promise<BulkPulled>

export function createPullBulk({ pulls, identity, scope }: BulkPullParts): PullBulk {
  return async ({ host, roots, have, linksOf, service, seal }, { signal, onProgress }) => {
    const store = scope(seal)
    const moved = { blocks: 0, bytes: 0 }
    // whoever keeps it sealed knows that the host does so, too
    const grant = service && seal ? await makeGrant(service, identity, 'history') : undefined
    try {
      const { missing } = await pulls.pull(
        host,
        { roots, have, ...(service && { service }), ...(grant && { grant }) },
        {
          signal,
          take: store.put,
          here: store,
          limits: { blocks: MAX_PULL_TOTAL_BLOCKS, bytes: MAX_PULL_TOTAL_BYTES, blockBytes: MAX_BLOCK_BYTES },
          onProgress: ({ blocks, bytes, total }) => {
            Object.assign(moved, { blocks, bytes })
            if (blocks % PROGRESS_BLOCKS === 0) onProgress?.({ doing: 'fetching', done: blocks, total })
          },
        },
      )
      for (const { cid, parent } of missing) {
        const bytes = parent && (await store.get(parent))
        const isNeeded = !parent || !bytes || linksOf(parent, bytes).some((link) => link.equals(cid))
        if (isNeeded) return { ...moved, isWhole: false }
      }
      return { ...moved, isWhole: true }
    } catch (error) {
      signal.throwIfAborted()
      const { name, code } = error as { name?: string; code?: string }
      if (name !== 'ProtocolError' || FINAL.has(code ?? '')) throw error
      return { ...moved, isWhole: false }
    }
  }
}

/** After these no other way to the same node helps. */
const FINAL: ReadonlySet<string> = new Set(['PULL_TOO_LARGE', 'ACCESS_DENIED', 'STOPPED'])
