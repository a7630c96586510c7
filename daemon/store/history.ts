import type { CID } from 'multiformats/cid'
import { adoptHead } from './adopt.ts'
import { appendCommit } from './append-commit.ts'
import type { HeadRow } from './bookkeeping.ts'
import { createBookkeeping, headWrite, toHead } from './bookkeeping.ts'
import { forkService, rollBack, upgradeService } from './change-course.ts'
import { createCheckpointer } from './checkpointer.ts'
import { checkSignature, decodeCommit } from './commit-codec.ts'
import { CHECKPOINT_COMMITS, CHECKPOINT_DELTA_BYTES } from './constants.ts'
import { createService } from './create-service.ts'
import { StoreError } from './errors.ts'
import { fullCommit } from './full-commit.ts'
import { need } from './payload.ts'
import { stateAt } from './state.ts'
import type { Commit, Head, LocalDatabase, LocalHistory, Signer, Verify } from './types.ts'

export interface HistoryComponents {
  database: LocalDatabase
  signer: Signer
  verify: Verify
}

export interface HistoryInit {
  /** commits between two checkpoints. @default CHECKPOINT_COMMITS */
  checkpointCommits?: number
  /** bytes of deltas between two checkpoints. @default CHECKPOINT_DELTA_BYTES */
  checkpointDeltaBytes?: number
  /** told when a checkpoint could not be written; nothing is lost by it, and it is tried again later. @default nobody is told */
  onCheckpointError?: (error: unknown, service: CID) => void
}

/** The history of a node. One per database: what is being appended to is known to this object alone. */
export const createHistory = (
  { database, signer, verify }: HistoryComponents,
  init: HistoryInit = {},
): LocalHistory => {
  const { blocks, meta } = database
  const bookkeeping = createBookkeeping(meta)
  const components = { database, blocks, bookkeeping, signer, verify }
  const checkpointer = createCheckpointer(components, {
    commits: init.checkpointCommits ?? CHECKPOINT_COMMITS,
    deltaBytes: init.checkpointDeltaBytes ?? CHECKPOINT_DELTA_BYTES,
    onError: init.onCheckpointError ?? (() => {}),
  })
  const busy = new Set<string>()

  /** Refuses a second writer rather than making it wait: what it wants to write was made on a head that is about to go. */
  const alone = async <T>(service: CID, write: () => Promise<T>): Promise<T> => {
    const key = service.toString()
    if (busy.has(key)) throw new StoreError('APPEND_CONFLICT', 'Another write to this service is under way.', [service])
    busy.add(key)
    try {
      return await write()
    } finally {
      busy.delete(key)
    }
  }

  const known = async (service: CID): Promise<HeadRow> => {
    const row = await bookkeeping.head(service)
    if (!row) throw new StoreError('NO_SUCH_SERVICE', 'This service is not on this node.', [service])
    return row
  }

  const headOf = async (row: HeadRow): Promise<Head> =>
    toHead(row, await bookkeeping.checkpoint(row.service, row.seq), signer.publicKey)

  const commit = async (cid: CID): Promise<Commit> => {
    const signed = decodeCommit(cid, await need(blocks, cid))
    await checkSignature(signed, verify)
    return await fullCommit(signed, blocks)
  }

  return {
    commit,
    idle: checkpointer.idle,
    create: async (service) => {
      const { row, checkpoint } = await createService(components, service)
      return toHead(row, checkpoint, signer.publicKey)
    },
    append: (service, added) =>
      alone(service, async () => {
        const row = await appendCommit(components, service, added)
        const head = await headOf(row)
        checkpointer.after(row)
        return head
      }),
    fork: async (fork) => {
      const { row, checkpoint } = await forkService(components, fork)
      return toHead(row, checkpoint, signer.publicKey)
    },
    upgrade: (service, upgrade) =>
      alone(service, async () => {
        const { row, checkpoint } = await upgradeService(components, service, upgrade)
        return toHead(row, checkpoint, signer.publicKey)
      }),
    rollback: (service, rollback) =>
      alone(service, async () => await headOf(await rollBack(components, service, rollback))),
    adopt: (service, cid, options = {}) =>
      alone(service, async () => await headOf(await adoptHead(components, service, cid, options))),
    markReplayed: (service, cid) =>
      alone(service, async () => {
        const row = await known(service)
        if (row.trust !== 'signed' || !row.commit.equals(cid)) return await headOf(row)
        const replayed: HeadRow = { ...row, trust: 'replayed' }
        await database.commit([headWrite(replayed)])
        return await headOf(replayed)
      }),
    // nothing is ever removed: it is the first
    base: async (service) => ({ commit: (await known(service)).service, seq: 0 }),
    head: async (service) => {
      const row = await bookkeeping.head(service)
      return row && (await headOf(row))
    },
    heads: async function* () {
      for await (const row of bookkeeping.heads()) yield await headOf(row)
    },
    log: async function* (service, { from, limit = Number.MAX_SAFE_INTEGER } = {}) {
      let next: CID | undefined = from ?? (await known(service)).commit
      for (let left = limit; next && left > 0; left--) {
        const read = await commit(next)
        if (!(read.service ?? read.cid).equals(service)) {
          throw new StoreError('BROKEN_CHAIN', 'A commit belongs to another service.', [next])
        }
        yield read
        next = read.parent
      }
    },
    image: async (service, at) => {
      const { paged, root } = await stateAt(components, service, at ?? (await known(service)).commit)
      return { image: await paged.image(), root }
    },
  }
}
