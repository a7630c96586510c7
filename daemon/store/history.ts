import type { CID } from 'multiformats/cid'
import { adoptHead } from './adopt.ts'
import { appendCommit } from './append-commit.ts'
import { blocksOf } from './blocks-of.ts'
import type { HeadRow } from './bookkeeping.ts'
import { createBookkeeping, headWrite, toHead } from './bookkeeping.ts'
import { forkService, rollBack, upgradeService } from './change-course.ts'
import { checkedBlocks } from './checked-blocks.ts'
import { createCheckpointer } from './checkpointer.ts'
import { checkSignature, decodeCommit } from './commit-codec.ts'
import type { Commit } from './commit-types.ts'
import { CHECKPOINT_COMMITS, CHECKPOINT_DELTA_BYTES, RECENT_SERVICES } from './constants.ts'
import { createService } from './create-service.ts'
import type { LocalDatabase, Signer, Verify } from './database-types.ts'
import { StoreError, type StoreErrorCode } from './errors.ts'
import { forkBase } from './fork-base.ts'
import { fullCommit } from './full-commit.ts'
import { createGate } from './gate.ts'
import { commitAt, isInHistory } from './is-in-history.ts'
import { mendHistory } from './mend.ts'
import { need } from './payload.ts'
import { pruneHistory } from './prune.ts'
import { createRecentLines } from './recent-lines.ts'
import { type StateAt, stateAt } from './state.ts'
import { takeOver } from './take-over.ts'
import type { Begun, Head, LocalHistory, NewCommit } from './types.ts'

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

/** What a damaged block may look like before its hash is asked. */
const DAMAGED: ReadonlySet<string> = new Set<StoreErrorCode>([
  'BLOCK_INVALID',
  'BLOCK_MISSING',
  'BAD_SIGNATURE',
  'BROKEN_CHAIN',
  'ROOT_MISMATCH',
])

/** The history of a node. One per database: what is being appended to is known to this object alone. */
export const createHistory = (
  { database, signer, verify }: HistoryComponents,
  init: HistoryInit = {},
): LocalHistory => {
  const { blocks, meta } = database
  const bookkeeping = createBookkeeping(meta)
  const checked = checkedBlocks(blocks)
  /** what is deleted must not be what somebody is about to name: who writes checkpoints, or names older commits, is inside */
  const gate = createGate()
  const components = { database, blocks, bookkeeping, signer, verify, recent: createRecentLines(), gate }
  const checkpointer = createCheckpointer(components, {
    commits: init.checkpointCommits ?? CHECKPOINT_COMMITS,
    deltaBytes: init.checkpointDeltaBytes ?? CHECKPOINT_DELTA_BYTES,
    onError: init.onCheckpointError ?? (() => {}),
  })
  const busy = new Set<string>()
  /** the heads of those that are appended to, as they stand on the disk; the longest unused first */
  const lately = new Map<string, HeadRow>()
  let pruning: Promise<unknown> = Promise.resolve()

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

  /** Any other write than an append. */
  const changing = <T>(service: CID, write: () => Promise<T>): Promise<T> =>
    alone(service, () => {
      lately.delete(service.toString())
      return write()
    })

  const known = async (service: CID): Promise<HeadRow> => {
    const row = await bookkeeping.head(service)
    if (!row) throw new StoreError('NO_SUCH_SERVICE', 'This service is not on this node.', [service])
    return row
  }

  const headOf = (row: HeadRow): Head => toHead(row, signer.publicKey)

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

  const begin = async (service: CID, added: NewCommit): Promise<Begun> => {
    const key = service.toString()
    const signed = Promise.withResolvers<Omit<Begun, 'durable'>>()
    const durable = alone(service, async () => {
      const known = lately.get(key)
      lately.delete(key)
      const { row, write, ...proof } = await appendCommit(components, service, added, known)
      signed.resolve({ ...headOf(row), ...proof })
      await write()
      lately.set(key, row)
      if (lately.size > RECENT_SERVICES) lately.delete(lately.keys().next().value!)
      checkpointer.after(row)
    })
    // what fails before it is signed is told once
    durable.catch(signed.reject)
    return { ...(await signed.promise), durable }
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

  return {
    commit,
    idle: checkpointer.idle,
    create: async (service) => {
      return headOf(await gate.shared(() => createService(components, service)))
    },
    append: async (service, added) => {
      const { durable, ...appended } = await begin(service, added)
      await durable
      return appended
    },
    begin,
    fork: async (fork) => {
      return headOf(await gate.shared(() => forkService(components, fork)))
    },
    upgrade: (service, upgrade) =>
      changing(service, async () => {
        return headOf(await gate.shared(() => upgradeService(components, service, upgrade)))
      }),
    rollback: (service, rollback) =>
      changing(service, async () => headOf(await gate.shared(() => rollBack(components, service, rollback)))),
    takeOver: (service, handover) =>
      changing(service, async () => headOf(await takeOver(components, service, handover))),
    adopt: (service, cid, options = {}) =>
      changing(service, async () => {
        // one that is still being written may be of what is given up
        await checkpointer.idle()
        const row = await gate.shared(() => adoptHead(components, service, cid, options))
        checkpointer.forget(service)
        return headOf(row)
      }),
    markReplayed: (service, cid) =>
      changing(service, async () => {
        const row = await known(service)
        if (row.trust !== 'signed' || !row.commit.equals(cid)) return headOf(row)
        const replayed: HeadRow = { ...row, trust: 'replayed' }
        await database.commit([headWrite(replayed)])
        return headOf(replayed)
      }),
    prune: (service, retention, options = {}) => {
      // one after the other: each walks what another would delete
      const done = pruning.then(() => pruneHistory(components, service, retention, options))
      pruning = done.catch(() => undefined)
      return done
    },
    mend: (service, options) => {
      const done = pruning.then(async () => {
        const mended = await mendHistory(components, service, options)
        if (mended.checkpoints > 0) checkpointer.forget(service)
        return mended
      })
      pruning = done.catch(() => undefined)
      return done
    },
    rest: async (service) => {
      const row = await bookkeeping.head(service)
      if (row) checkpointer.rest(row)
    },
    blocksOf: (service) => blocksOf(components, service),
    base: async (service) => {
      const { base } = await known(service)
      if (!base) return { commit: service, seq: 0 }
      return { ...base, checkpoint: (await bookkeeping.checkpoint(service, base.seq)).cid }
    },
    baseForOthers: async (service) => {
      const row = await known(service)
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
    at: async (service, seq) => await commitAt(components, await known(service), seq),
    heads: async function* () {
      for await (const row of bookkeeping.heads()) yield headOf(row)
    },
    log: async function* (service, { from, limit = Number.MAX_SAFE_INTEGER } = {}) {
      const { commit: head, base } = await known(service)
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
      const row = await known(service)
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
