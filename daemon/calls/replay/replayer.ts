/** Executes copies again behind everything else, one at a time, and keeps what came of it. */

import { setTimeout } from 'node:timers/promises'
import type { CID } from 'multiformats/cid'
import { createSerial } from '../../../registry/serial.ts'
import type { Mismatch } from '../../api/vocabulary.ts'
import type { Head, LocalHistory } from '../../store/types.ts'
import { REPLAY_SLICE_MS } from '../constants.ts'
import { notHere } from '../run/instances.ts'
import type { Replayer, Verified, Waiting } from '../types.ts'
import type { Replay, Replayed } from './replay.ts'
import type { ReplayRows } from './rows.ts'

/** What the node shows of a copy that is being, or was, executed again. */
export interface ReplayStanding {
  /** the newest commit up to which everything was as it was signed; -1: none yet */
  seq: number
  mismatch?: Mismatch
}

export interface LocalReplayer extends Replayer {
  /** Executes everything again up to a commit, @default the head, also what was before; or what came after the commit `from`. */
  again(service: CID, to: CID | undefined, options: Waiting & { from?: CID | undefined }): Promise<Verified>
  standing(service: CID): Promise<ReplayStanding>
  /** Where the service was found to be other than its host signed, if it was. */
  mismatch(service: CID): Mismatch | undefined
  /** Learns what was found before, and looks at every copy that was not executed yet. */
  start(): Promise<void>
  /** Resolves when nothing runs any more. */
  stop(): Promise<void>
}

/** `what` of a mismatch that this node's own disk made. */
export const DAMAGED = 'damaged'

export interface ReplayerParts {
  replay: Replay
  history: Pick<LocalHistory, 'head' | 'heads' | 'commit' | 'markReplayed'>
  rows: ReplayRows
  log: (line: string) => void
}

export function createReplayer({ replay, history, rows, log }: ReplayerParts): LocalReplayer {
  const serial = createSerial()
  const inTurn = <T>(task: () => Promise<T>): Promise<T> => serial('replay', task)
  const waiting = new Map<string, CID>()
  const mismatches = new Map<string, Mismatch>()
  const stopping = new AbortController()
  /** ends the replay in the background, for one that somebody waits for */
  let yielding = new AbortController()
  /** those that somebody waits for */
  let urgent = 0
  let isAtWork = false

  const note = async (service: CID, found: Mismatch | undefined): Promise<void> => {
    const key = service.toString()
    if (found === undefined && !mismatches.delete(key)) return
    if (found !== undefined) mismatches.set(key, found)
    const { mismatch: _before, ...row } = await rows.get(service)
    await rows.put(service, found === undefined ? row : { ...row, mismatch: found })
  }

  const headOf = async (service: CID) => {
    const head = await history.head(service)
    if (head === undefined) throw notHere(service)
    return head
  }

  /** A history that is just being pulled on is left as it is: its new head is looked at later. */
  const markReplayed = async (service: CID, head: Head): Promise<Head> => {
    try {
      return await history.markReplayed(service, head.commit)
    } catch (error) {
      if ((error as { code?: string }).code === 'APPEND_CONFLICT') return head
      throw error
    }
  }

  /** Whether what was found wrong before lies above a commit, and so was looked at again. */
  const isAbove = async (service: CID, from: CID): Promise<boolean> => {
    const noted = mismatches.get(service.toString())
    if (noted === undefined) return true
    const { service: of = from, seq } = await history.commit(from)
    return !of.equals(service) || seq < noted.seq
  }

  /** What a replay means for the service: its state is worth more now, or is used no more. */
  const settle = async (service: CID, { isComplete, mismatch, ...found }: Replayed): Promise<Verified> => {
    const head = await headOf(service)
    const isWhole = found.to.equals(head.commit)
    // what this node made itself it goes on using: it is told, and decides; and of its own disk nobody else is guilty
    const isGuilty = mismatch?.what !== DAMAGED
    const settles = mismatch !== undefined || (isWhole && (isComplete || (await isAbove(service, found.from))))
    if (head.trust !== 'own' && isGuilty && settles) await note(service, mismatch)
    const proven = isComplete && isWhole && head.trust === 'signed'
    const { trust } = proven ? await markReplayed(service, head) : head
    // up to an older commit it is as good as its own replay
    const worth = isComplete && trust === 'signed' ? 'replayed' : trust
    return { ok: mismatch === undefined, ...found, trust: worth, ...(mismatch && { mismatch }) }
  }

  const run = async (
    service: CID,
    to: CID | undefined,
    options: Waiting & { again: boolean; from?: CID | undefined; pause?: () => Promise<void> },
  ): Promise<Verified> => {
    const target = to ?? (await headOf(service)).commit
    const found = await replay(target, {
      ...options,
      async onProven(proven, upTo) {
        const row = await rows.get(proven)
        if (row.upTo === undefined || row.upTo.seq < upTo.seq) await rows.put(proven, { ...row, upTo })
      },
    })
    return settle(service, found)
  }

  /** At once: the one in the background gives way, and goes on from there afterwards. */
  const first = async <T>(task: () => Promise<T>): Promise<T> => {
    urgent++
    yielding.abort()
    return inTurn(task).finally(() => {
      urgent--
    })
  }

  const inBackground = async (service: CID): Promise<void> => {
    yielding = new AbortController()
    if (urgent > 0) yielding.abort()
    const signal = AbortSignal.any([stopping.signal, yielding.signal])
    try {
      const { mismatch, to } = await run(service, undefined, { again: false, signal, pause: createPause() })
      if (mismatch) log(`the replay of ${service} found a mismatch in commit ${mismatch.seq}: ${mismatch.what}`)
      else if (!(await headOf(service)).commit.equals(to)) waiting.set(service.toString(), service)
    } catch (error) {
      if (yielding.signal.aborted) waiting.set(service.toString(), service)
      else if (!stopping.signal.aborted) log(`the replay of ${service} did not end: ${(error as Error).message}`)
    }
  }

  const work = async (): Promise<void> => {
    if (isAtWork) return
    isAtWork = true
    for (const [key, service] of waiting) {
      if (stopping.signal.aborted) break
      waiting.delete(key)
      await inTurn(() => inBackground(service))
    }
    isAtWork = false
  }

  return {
    behind(service) {
      waiting.set(service.toString(), service)
      void work()
    },
    now: (service, options) => first(() => run(service, undefined, { ...options, again: false })),
    again: (service, to, options) => first(() => run(service, to, { ...options, again: true })),
    async standing(service) {
      const { upTo, mismatch } = await rows.get(service)
      return { seq: upTo?.seq ?? -1, ...(mismatch && { mismatch }) }
    },
    mismatch: (service) => mismatches.get(service.toString()),
    async start() {
      for await (const { service, trust } of history.heads()) {
        const { mismatch } = await rows.get(service)
        if (mismatch) mismatches.set(service.toString(), mismatch)
        else if (trust === 'signed') this.behind(service)
      }
    },
    async stop() {
      stopping.abort()
      await inTurn(async () => undefined)
    },
  }
}

/** Works half of the time at most: calls and queries of this node go first. */
function createPause(): () => Promise<void> {
  let began = performance.now()
  return async () => {
    const worked = performance.now() - began
    if (worked < REPLAY_SLICE_MS) return
    await setTimeout(worked)
    began = performance.now()
  }
}
