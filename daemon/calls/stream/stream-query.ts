/** Queries whose answer is consumed item by item: async iterables of a contract, each on an instance of its own that changes nothing. */
import { randomBytes } from 'node:crypto'
import type { History } from '../../store/types.ts'
import type { CallRequest, Outcome, Vm } from '../../vm/types.ts'
import { MAX_REOPENINGS, MAX_STREAM_GAS, MAX_STREAM_STEPS, MAX_STREAMS, STREAM_IDLE_MS } from '../constants.ts'
import { CallsError, callFailed } from '../errors.ts'
import { limitsFor, queryLimitsOf } from '../run/call-limits.ts'
import { checkCall } from '../run/check-call.ts'
import type { ContentNeeded, ContentSource, Needed } from '../run/content.ts'
import { contextOf } from '../run/context.ts'
import { createFairQueue } from '../run/fair-queue.ts'
import type { Question } from '../run/question.ts'
import { busy } from '../run/slots.ts'
import type { Snapshot, Snapshots } from '../run/snapshot.ts'
import type { Answered, Asking } from '../types.ts'
import { createStreamRoom, type StreamRoomInit } from './stream-room.ts'

/**
 * What a function gives, one item for each `next`: nothing runs before, and nothing between two. Leaving the loop closes the instance, and so does
 * the signal. The `result` of an item is its encoding; `gas` and `logs` are those of making it.
 *
 * Iterating throws CallsError NOT_A_STREAM; SERVICE_BUSY where too many are open; STREAM_CLOSED if the next item was not asked for within a minute,
 * or the instance was lost; OUT_OF_GAS of one item or of all together; and whatever went wrong.
 */
export type StreamQuery = (question: Question, asking: Asking) => AsyncIterable<Answered>

export interface StreamQueryParts {
  vm: Vm
  history: Pick<History, 'image'>
  snapshots: Snapshots
  content: ContentSource
  now: () => number
}

export interface StreamQueryInit extends StreamRoomInit {
  /** how long the next item may not be asked for, in milliseconds. @default STREAM_IDLE_MS */
  idleMs?: number
  /** of all items of one stream. @default MAX_STREAM_GAS */
  gas?: bigint
}

export function createStreamQuery(parts: StreamQueryParts, init: StreamQueryInit = {}): StreamQuery {
  const { vm, history, snapshots, content, now } = parts
  const { idleMs = STREAM_IDLE_MS, gas: gasOfAll = MAX_STREAM_GAS } = init
  const room = createStreamRoom(init)
  // one source with many streams waits behind itself
  const steps = createFairQueue({
    concurrency: MAX_STREAM_STEPS,
    perSource: MAX_STREAMS,
    total: MAX_STREAMS,
    refuse: busy,
  })

  /** Opens an instance and begins, anew if it loses its place meanwhile. */
  const begin = async (key: string, { service }: Question, { commit }: Snapshot, step: Step, hold: Hold) => {
    const origin = await history.image(service, commit)
    // the memory, and the copy of what was accepted
    hold(2 * origin.image.memory.length)
    for (let left = MAX_REOPENINGS; ; left--) {
      await vm.open(key, origin)
      try {
        await step('stream')
        return
      } catch (error) {
        if ((error as { code?: string }).code !== 'NOT_OPEN' || left === 0) throw error
      }
    }
  }

  return async function* stream(question, asking) {
    const { service, method, args, caller, gas, at } = question
    const { from, signal } = asking
    signal.throwIfAborted()
    const place = room.enter(from)
    const key = `stream/${service}/${randomBytes(8).toString('hex')}`
    let closed: Error | undefined
    const close = (why: Error): void => {
      closed ??= why
      place.leave()
      vm.close(key).catch(() => undefined)
    }
    const onAbort = (): void => close(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    let idle: NodeJS.Timeout | undefined
    try {
      const snapshot =
        at === undefined ? await snapshots.now(service, asking) : await snapshots.at(service, at, question)
      const { contract, owner, commit, seq, trust } = snapshot
      checkCall({ contract, call: question, right: 'query', asker: { owner, user: caller }, from })
      const limits = queryLimitsOf(contract.manifest.limits, gas, from)
      const time = (): number => (at === undefined ? Math.max(now(), snapshot.time) : snapshot.time)
      let left = gasOfAll

      const attempt = async (how: How, needed: Needed): Promise<Good | ContentNeeded> => {
        const context = contextOf({ caller, owner, service: service.toString() }, randomBytes(32), commit, time())
        const most = limits.gas < left ? limits.gas : left
        const request: CallRequest = {
          ...{ method, args, context, limits: { ...limits, gas: most } },
          ...(needed.size > 0 && { content: await content.read(needed) }),
        }
        const outcome = await steps.run(() => vm[how](key, request, { signal }), asking)
        left -= outcome.gas
        if (outcome.ok) return outcome
        if (outcome.error.needs !== undefined) return { needs: outcome.error.needs }
        if (outcome.error.code === 'CANCELLED') signal.throwIfAborted()
        throw callFailed(outcome.error, {
          ...limitsFor(contract.manifest.limits, from),
          gas: Number(most),
          result: limits.resultBytes,
        })
      }
      const step: Step = (how) => content.supply((needed) => attempt(how, needed), asking)

      await begin(key, question, snapshot, step, place.hold)
      for (;;) {
        if (closed) throw closed
        const {
          result,
          gas: used,
          logs,
        } = await step('next').catch((error: unknown) => {
          throw closed ?? ((error as { code?: string }).code === 'NOT_OPEN' ? lost() : error)
        })
        if (result.length === NO_ITEM) return
        idle = setTimeout(() => close(idleFor(idleMs)), idleMs)
        yield { result: result.subarray(1, -1), gas: used, commit, seq, trust, logs }
        clearTimeout(idle)
      }
    } finally {
      clearTimeout(idle)
      signal.removeEventListener('abort', onAbort)
      close(lost())
    }
  }
}

type How = 'stream' | 'next'
type Good = Outcome & { ok: true }
type Step = (how: How) => Promise<Good>
type Hold = (bytes: number) => void

/** Bytes of an empty array. */
const NO_ITEM = 2

function idleFor(ms: number): CallsError {
  const message = `The next item was not asked for within ${ms} ms, and the stream was closed.`
  return new CallsError('STREAM_CLOSED', message, 'begin again, and take the items faster')
}

function lost(): CallsError {
  return new CallsError('STREAM_CLOSED', 'The instance of the stream is gone: its worker was ended.', 'begin again')
}
