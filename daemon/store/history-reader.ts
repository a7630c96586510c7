import type { CID } from 'multiformats/cid'
import { blocksOf } from './blocks-of.ts'
import { type HeadRow, toHead } from './bookkeeping.ts'
import { checkedBlocks } from './checked-blocks.ts'
import { checkSignature, decodeCommit } from './commit-codec.ts'
import type { Commit } from './commit-types.ts'
import type { LocalDatabase, Signer, Verify } from './database-types.ts'
import { StoreError, type StoreErrorCode } from './errors.ts'
import { forkBase } from './fork-base.ts'
import { fullCommit } from './full-commit.ts'
import type { Gate } from './gate.ts'
import { commitAt, isInHistory } from './is-in-history.ts'
import { knownHead } from './known-head.ts'
import { need } from './payload.ts'
import { type StateAt, type StateComponents, stateAt } from './state.ts'
import type { Head, History } from './types.ts'

/** What a damaged block may look like before its hash is asked. */
const DAMAGED: ReadonlySet<string> = new Set<StoreErrorCode>([
  'BLOCK_INVALID',
  'BLOCK_MISSING',
  'BAD_SIGNATURE',
  'BROKEN_CHAIN',
  'ROOT_MISMATCH',
])

export type HistoryReader = Pick<
  History,
  'commit' | 'blocksOf' | 'base' | 'baseForOthers' | 'head' | 'heads' | 'at' | 'log' | 'image'
>

/** What is asked of the histories on this node, by whoever writes to them or not. */
export const createHistoryReader = (
  components: StateComponents & { database: LocalDatabase; gate: Gate; signer: Signer; verify: Verify },
): HistoryReader => {
  const { blocks, bookkeeping, signer, verify } = components
  const checked = checkedBlocks(blocks)

  const commit = async (cid: CID): Promise<Commit> => {
    const signed = decodeCommit(cid, await need(checked, cid))
    await checkSignature(signed, verify)
    return await fullCommit(signed, checked)
  }

  /** @throws StoreError BROKEN_CHAIN for a commit that is not in the history: a stranger can sign one that says it is */
  const expectOurs = async (row: HeadRow, cid: CID): Promise<void> => {
    const bytes = await checked.get(cid)
    if (!bytes && row.base) throw pruned(row, cid)
    const { body } = decodeCommit(cid, bytes ?? (await need(checked, cid)))
    if (await isInHistory(components, row, { cid, seq: body.seq })) return
    if (body.seq < (row.base?.seq ?? 0)) throw pruned(row, cid)
    throw new StoreError('BROKEN_CHAIN', 'A commit is not in the history of its service on this node.', [cid])
  }

  const opened = async (service: CID, at: CID): Promise<StateAt> => {
    try {
      return await stateAt(components, service, at)
    } catch (error) {
      if (!(error instanceof StoreError && DAMAGED.has(error.code))) throw error
      // once more, with a look at each block: it names the one that is damaged, if one is
      return await stateAt({ ...components, blocks: checked }, service, at)
    }
  }

  const headOf = (row: HeadRow): Head => toHead(row, signer.publicKey)

  return {
    commit,
    blocksOf: (service) => blocksOf(components, service),
    base: async (service) => {
      const { base } = await knownHead(bookkeeping, service)
      if (!base) return { commit: service, seq: 0 }
      return { ...base, checkpoint: (await bookkeeping.checkpoint(service, base.seq)).cid }
    },
    baseForOthers: async (service) => {
      const row = await knownHead(bookkeeping, service)
      const { base = { commit: service, seq: 0 } } = row
      const checkpoint = row.base
        ? (await bookkeeping.checkpoint(service, base.seq)).cid
        : await forkBase(components, row)
      return checkpoint && { ...base, checkpoint }
    },
    head: async (service) => {
      const row = await bookkeeping.head(service)
      return row && headOf(row)
    },
    at: async (service, seq) => await commitAt(components, await knownHead(bookkeeping, service), seq),
    heads: async function* () {
      for await (const row of bookkeeping.heads()) yield headOf(row)
    },
    log: async function* (service, { from, limit = Number.MAX_SAFE_INTEGER } = {}) {
      const { commit: head, base } = await knownHead(bookkeeping, service)
      let next: CID | undefined = from ?? head
      for (let left = limit; next && left > 0; left--) {
        const read = await commit(next)
        if (!(read.service ?? read.cid).equals(service)) {
          throw new StoreError('BROKEN_CHAIN', 'A commit belongs to another service.', [next])
        }
        yield read
        next = base?.commit.equals(next) ? undefined : read.parent
      }
    },
    image: async (service, at) => {
      const row = await knownHead(bookkeeping, service)
      if (at && !at.equals(row.commit)) await expectOurs(row, at)
      const { paged, root } = await opened(service, at ?? row.commit)
      return { image: await paged.image(), root, leaves: (await paged.table()).digests }
    },
  }
}

const pruned = ({ service, base }: HeadRow, cid: CID): StoreError => {
  const message = `The history of ${service} begins with commit ${base!.seq} on this node: ${cid} is not in it, or was pruned.`
  return new StoreError('PRUNED', message, [cid])
}
