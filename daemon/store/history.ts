import type { CID } from 'multiformats/cid'
import { adoptHead } from './adopt.ts'
import { appendCommit, type SignedRow } from './append-commit.ts'
import type { HeadRow } from './bookkeeping.ts'
import { createBookkeeping, headWrite, toHead } from './bookkeeping.ts'
import { forkService, rollBack, upgradeService } from './change-course.ts'
import { createCheckpointer } from './checkpointer.ts'
import { CHECKPOINT_COMMITS, CHECKPOINT_DELTA_BYTES, RECENT_SERVICES } from './constants.ts'
import { createService } from './create-service.ts'
import type { LocalDatabase, Signer, Verify } from './database-types.ts'
import { createDraft } from './draft.ts'
import { StoreError } from './errors.ts'
import { createGate } from './gate.ts'
import { createHistoryReader } from './history-reader.ts'
import { knownHead } from './known-head.ts'
import { mendHistory } from './mend.ts'
import { pruneHistory } from './prune.ts'
import { createRecentLines } from './recent-lines.ts'
import { retireService } from './retire.ts'
import { takeOver } from './take-over.ts'
import type { Appended, Begun, Head, LocalHistory, NewCommit } from './types.ts'

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
  /** what is deleted must not be what somebody is about to name: who writes checkpoints, or names older commits, is inside */
  const gate = createGate()
  const components = { database, blocks, bookkeeping, signer, verify, recent: createRecentLines(), gate }
  const checkpointer = createCheckpointer(components, {
    commits: init.checkpointCommits ?? CHECKPOINT_COMMITS,
    deltaBytes: init.checkpointDeltaBytes ?? CHECKPOINT_DELTA_BYTES,
    onError: init.onCheckpointError ?? (() => {}),
  })
  const headOf = (row: HeadRow): Head => toHead(row, signer.publicKey)
  const shown = ({ row, block, chunks, count }: SignedRow): Appended => ({ ...headOf(row), block, chunks, count })
  const busy = new Set<string>()
  /** those of them that end by themselves */
  const writing = new Map<string, Promise<unknown>>()
  /** the heads of those that are appended to, as they stand on the disk; the longest unused first */
  const lately = new Map<string, HeadRow>()
  let pruning: Promise<unknown> = Promise.resolve()

  /** Refuses a second writer rather than making it wait: what it wants to write was made on a head that is about to go. */
  const take = (service: CID): void => {
    const key = service.toString()
    if (busy.has(key)) throw new StoreError('APPEND_CONFLICT', 'Another write to this service is under way.', [service])
    busy.add(key)
  }

  const alone = async <T>(service: CID, write: () => Promise<T>): Promise<T> => {
    take(service)
    const key = service.toString()
    const done = write()
    writing.set(
      key,
      done.catch(() => undefined),
    )
    try {
      return await done
    } finally {
      writing.delete(key)
      busy.delete(key)
    }
  }

  /** What the disk says now. */
  const standsAt = (row: HeadRow): void => {
    lately.set(row.service.toString(), row)
    if (lately.size > RECENT_SERVICES) lately.delete(lately.keys().next().value!)
    checkpointer.after(row)
  }

  const headBefore = (key: string): HeadRow | undefined => {
    const known = lately.get(key)
    lately.delete(key)
    return known
  }

  /** Any other write than an append. */
  const changing = <T>(service: CID, write: () => Promise<T>): Promise<T> =>
    alone(service, () => {
      lately.delete(service.toString())
      return write()
    })

  /** The same for what was made on no head: it waits for what is under way. */
  const after = async <T>(service: CID, write: () => Promise<T>): Promise<T> => {
    const key = service.toString()
    while (writing.has(key)) await writing.get(key)
    return changing(service, write)
  }

  /** One after the other: each walks what another would delete. */
  const inTurn = <T>(run: () => Promise<T>): Promise<T> => {
    const done = pruning.then(run)
    pruning = done.catch(() => undefined)
    return done
  }

  const begin = async (service: CID, added: NewCommit): Promise<Begun> => {
    const signed = Promise.withResolvers<Omit<Begun, 'durable'>>()
    const durable = alone(service, async () => {
      const next = await appendCommit(components, service, added, headBefore(service.toString()))
      signed.resolve(shown(next))
      await database.commit(next.writes)
      next.written()
      standsAt(next.row)
    })
    // what fails before it is signed is told once
    durable.catch(signed.reject)
    return { ...(await signed.promise), durable }
  }

  return {
    ...createHistoryReader(components),
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
    draft: () =>
      createDraft({
        take: (service) => {
          take(service)
          return headBefore(service.toString())
        },
        release: (service, row) => {
          busy.delete(service.toString())
          if (row !== undefined) standsAt(row)
        },
        sign: (service, added, known) => appendCommit(components, service, added, known),
        write: (writes) => database.commit(writes),
        show: shown,
      }),
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
      after(service, async () => {
        // one that is still being written may be of what is given up
        await checkpointer.idle()
        const row = await gate.shared(() => adoptHead(components, service, cid, options))
        checkpointer.forget(service)
        return headOf(row)
      }),
    markReplayed: (service, cid) =>
      after(service, async () => {
        const row = await knownHead(bookkeeping, service)
        if (row.trust !== 'signed' || !row.commit.equals(cid)) return headOf(row)
        const replayed: HeadRow = { ...row, trust: 'replayed' }
        await database.commit([headWrite(replayed)])
        return headOf(replayed)
      }),
    prune: (service, retention, options = {}) => inTurn(() => pruneHistory(components, service, retention, options)),
    retire: (service, { also } = {}) =>
      changing(service, async () => {
        await checkpointer.idle()
        const retired = await inTurn(() => retireService(components, service, also))
        checkpointer.forget(service)
        return retired
      }),
    mend: (service, options) =>
      inTurn(async () => {
        const mended = await mendHistory(components, service, options)
        if (mended.checkpoints > 0) checkpointer.forget(service)
        return mended
      }),
    rest: async (service) => {
      const row = await bookkeeping.head(service)
      if (row) checkpointer.rest(row)
    },
  }
}
