import type { CID } from 'multiformats/cid'
import { sameBytes } from './block.ts'
import { isSameCode, readCommit, serviceOf, type WalkOptions } from './chain.ts'
import { decodeCommit } from './commit-codec.ts'
import { MAX_FORKS } from './constants.ts'
import { StoreError } from './errors.ts'
import type { SignedFirst } from './handover.ts'
import { isInHistory } from './is-in-history.ts'
import { loadCheckpoint } from './page-table.ts'
import type { PagedImage } from './paged-image.ts'
import { createPagedImage } from './paged-image.ts'
import { need } from './payload.ts'
import type { StateComponents } from './state.ts'
import { stateAt } from './state.ts'
import type { Walk } from './walk.ts'
import { walkHistory } from './walk.ts'

/** A memory at hand below a new head, from which deltas lead up to it. */
export interface Start {
  paged: PagedImage
  seq: number
  deltaBytes: number
}

/** Starts from a checkpoint that somebody named. Undefined if it lies below what is known here, where it helps nothing. */
export const startAt = async (
  { blocks }: StateComponents,
  checkpoint: CID,
  { genesis, head, fresh }: Walk,
): Promise<Start | undefined> => {
  const { service, seq, root, table } = await loadCheckpoint(checkpoint, blocks)
  const back = head.body.seq - seq
  if (back >= fresh.length) return undefined
  const commit = back < 0 ? undefined : fresh.at(back)
  const { body } = commit ? decodeCommit(commit, await need(blocks, commit)) : head
  if (!commit || !service?.equals(genesis.cid) || !sameBytes(root, body.root)) throw notOfCommit(checkpoint)
  return { paged: createPagedImage(table, blocks), seq, deltaBytes: 0 }
}

/** Starts from what the walk ended on: what is known, the base, or the first memory, of the contract or of the commit that was forked. */
export const startBelow = async (
  components: StateComponents,
  { genesis, below, on, firstCheckpoint }: Walk,
  options: WalkOptions,
): Promise<Start> => {
  const service = genesis.cid
  if (on === 'known') return await stateAt(components, service, below.cid)
  if (firstCheckpoint === undefined) {
    await checkOrigin(components, genesis, options)
    return await stateAt(components, service, service)
  }
  const { seq, root } = below.body
  const wanted = on === 'base' ? { service, seq, root } : { seq, root }
  return { paged: await memoryOf(firstCheckpoint, wanted, components), seq, deltaBytes: 0 }
}

/** The memory in a checkpoint that has to be of one commit; of a genesis it names no service. @throws StoreError ROOT_MISMATCH */
export const memoryOf = async (
  checkpoint: CID,
  wanted: { service?: CID; seq: number; root: Uint8Array },
  { blocks }: StateComponents,
): Promise<PagedImage> => {
  const { service, seq, root, table } = await loadCheckpoint(checkpoint, blocks)
  const isOf = wanted.service ? service?.equals(wanted.service) : service === undefined
  if (!isOf || seq !== wanted.seq || !sameBytes(root, wanted.root)) throw notOfCommit(checkpoint)
  return createPagedImage(table, blocks)
}

/** The history that was forked is checked like any other, down to its genesis, and so on if that is a fork, too. */
const checkOrigin = async (components: StateComponents, fork: SignedFirst, options: WalkOptions): Promise<void> => {
  let { cid, body } = fork
  for (let forks = 0; body.kind === 'fork'; forks++) {
    if (forks >= MAX_FORKS) throw new StoreError('BUDGET_EXCEEDED', 'A service was forked too often.', [cid])
    const origin = await readCommit(components, undefined, body.from)
    if (!isSameCode(origin.body, body) || !sameBytes(origin.body.root, body.root))
      throw new StoreError('BROKEN_CHAIN', 'A fork is not of the commit it names.', [cid, body.from])
    const service = serviceOf(origin)
    const known = await components.bookkeeping.head(service)
    if (known && (await isInHistory(components, known, { cid: origin.cid, seq: origin.body.seq }))) return
    // not beside the known head: a fork of what was given up by a handover since is a fork all the same
    const walk = await walkHistory(components, service, body.from, undefined, options)
    ;({ cid, body } = walk!.genesis)
  }
}

const notOfCommit = (checkpoint: CID): StoreError =>
  new StoreError('ROOT_MISMATCH', 'A checkpoint is not of the memory after its commit.', [checkpoint])
