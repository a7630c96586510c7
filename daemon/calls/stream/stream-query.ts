/** Queries whose answer is consumed item by item: async iterables of a contract, each on an instance of its own that changes nothing. */
import { randomBytes } from 'node:crypto'
import type { History } from '../../store/types.ts'
import type { CallContext, CallRequest, ImportAnswer, Outcome, Vm } from '../../vm/types.ts'
import { MAX_STREAM_GAS, MAX_STREAM_STEPS, MAX_STREAMS, STREAM_IDLE_MS } from '../constants.ts'
import { CallsError, callFailed } from '../errors.ts'
import { queryLimitsFor, queryLimitsOf } from '../run/call-limits.ts'
import { checkCall } from '../run/check-call.ts'
import type { ContentSource, Needed } from '../run/content.ts'
import { askerOf, contextOf, whoAsks } from '../run/context.ts'
import { createFairQueue } from '../run/fair-queue.ts'
import type { AnswerQueries, Question } from '../run/question.ts'
import { reopening } from '../run/reopening.ts'
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
  /** what an item asks of other services */
  answerQueries: AnswerQueries
  /** whether a call has the service that waits for others */
  isHeld: (service: string) => boolean
  now: () => number
}

export interface StreamQueryInit extends StreamRoomInit {
  /** how long the next item may not be asked for, in milliseconds. @default STREAM_IDLE_MS */
  idleMs?: number
  /** of all items of one stream. @default MAX_STREAM_GAS */
  gas?: bigint
}

export function createStreamQuery(parts: StreamQueryParts, init: StreamQueryInit = {}): StreamQuery {
  const { vm, history, snapshots, content, answerQueries, isHeld, now } = parts
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
    await reopening(async () => {
      await vm.open(key, origin)
      await step('stream')
    })
  }

  const snapshotOf = (question: Question, asking: Asking): Promise<Snapshot> => {
    const { service, at } = question
    if (at !== undefined) return snapshots.at(service, at, question)
    return isHeld(service.toString()) ? snapshots.durable(service) : snapshots.now(service, asking)
  }

  return async function* stream(question, asking) {
    const { service, method, args, gas, at } = question
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
      const snapshot = await snapshotOf(question, asking)
      const { contract, owner, commit, seq, trust } = snapshot
      checkCall({ contract, call: question, right: 'query', asker: askerOf(question, owner), from })
      const limits = queryLimitsOf(contract.manifest.limits, gas, from)
      const who = whoAsks(question, { owner, service: service.toString() })
      const time = (): number => (at === undefined ? Math.max(now(), snapshot.time) : snapshot.time)
      let left = gasOfAll

      /** What is tried again is tried as it was: others answered what it asked then. */
      const attempt = async (how: How, context: CallContext, known: ImportAnswer[], needed: Needed) => {
        for (;;) {
          const most = limits.gas < left ? limits.gas : left
          const request: CallRequest = {
            ...{ method, args, context, limits: { ...limits, gas: most }, answers: known },
            ...(needed.size > 0 && { content: await content.read(needed) }),
          }
          const outcome = await steps.run(() => vm[how](key, request, { signal }), asking)
          left -= outcome.gas
          if (outcome.ok) return outcome
          const { needs, asks, code } = outcome.error
          if (needs !== undefined) return { needs }
          if (code === 'CANCELLED') signal.throwIfAborted()
          if (asks === undefined) {
            const told = queryLimitsFor(contract.manifest.limits, from)
            throw callFailed(outcome.error, { ...told, gas: Number(most) })
          }
          known.push(...(await answerQueries({ question, contract, owner }, asks, asking)))
        }
      }
      const step: Step = (how) => {
        const context = contextOf(who, randomBytes(32), commit, time())
        const known: ImportAnswer[] = []
        return content.supply((needed) => attempt(how, context, known, needed), asking)
      }

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
