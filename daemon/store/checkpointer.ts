import type { CID } from 'multiformats/cid'
import type { HeadRow } from './bookkeeping.ts'
import { checkpointWrite } from './bookkeeping.ts'
import { REST_COMMITS } from './constants.ts'
import type { LocalDatabase } from './database-types.ts'
import type { Gate } from './gate.ts'
import { sealOf } from './seal.ts'
import type { StateComponents } from './state.ts'
import { stateAt } from './state.ts'
import { writeCheckpoint } from './write-checkpoint.ts'

export interface Checkpointer {
  /** Starts a checkpoint of this head if one is due. Never fails, and nobody waits for it: the head is durable without. */
  after(head: HeadRow): void
  /** The same when the service is put aside: it is opened faster later if there is little behind its checkpoint. */
  rest(head: HeadRow): void
  /** What was known of this service holds no more. */
  forget(service: CID): void
  /** Resolves when no checkpoint is being written. */
  idle(): Promise<void>
}

export interface CheckpointerInit {
  commits: number
  deltaBytes: number
  onError: (error: unknown, service: CID) => void
}

/** When the next one is due, known from what the last one left behind. */
interface Mark {
  seq: number
  deltaBytes: number
}

/** Writes one checkpoint at a time, behind everything else. */
export const createCheckpointer = (
  components: StateComponents & { database: LocalDatabase; gate: Gate },
  init: CheckpointerInit,
): Checkpointer => {
  const { bookkeeping, database, gate } = components
  const running = new Map<string, Promise<void>>()
  const marks = new Map<string, Mark>()

  const write = async (head: HeadRow): Promise<void> => {
    const { service, commit, seq, deltaBytes } = head
    await gate.shared(async () => {
      const { paged } = await stateAt(components, service, commit)
      const { cid, writes } = await writeCheckpoint(paged, { service, seq, seal: sealOf(head) }, database)
      await database.commit([...writes, checkpointWrite(service, { cid, seq, commit, deltaBytes })])
    })
  }

  const writeIfDue = async (key: string, head: HeadRow, commits: number): Promise<void> => {
    const mark = marks.get(key) ?? (await bookkeeping.checkpoint(head.service, head.seq))
    const due = head.seq - mark.seq >= commits || head.deltaBytes - mark.deltaBytes >= init.deltaBytes
    marks.set(key, due ? { seq: head.seq, deltaBytes: head.deltaBytes } : mark)
    if (due) await write(head)
  }

  const start = (head: HeadRow, commits: number): void => {
    const key = head.service.toString()
    if (running.has(key)) return
    const task = writeIfDue(key, head, commits)
      .catch((error: unknown) => init.onError(error, head.service))
      .finally(() => running.delete(key))
    running.set(key, task)
  }

  return {
    after: (head) => start(head, init.commits),
    rest: (head) => start(head, Math.min(REST_COMMITS, init.commits)),
    forget: (service) => void marks.delete(service.toString()),
    idle: async () => {
      while (running.size > 0) await Promise.all(running.values())
    },
  }
}
