/** Work that changes nothing: several at a time while they are quick, and calls have to wait for a while of them at most. */
import { MAX_QUESTIONS, MAX_QUEUE, QUERY_TURN_MS, QUICK_QUESTION_MS } from '../constants.ts'
import type { Group } from './fair-queue.ts'

/** @param run answers whoever waits for these; a failure is that of all that wait */
export function createQuestions<T>(run: (items: readonly T[]) => Promise<void>): Group<T, undefined> {
  /** whether those before took no longer than is good for what waits behind them */
  let areQuick = false
  return {
    most: MAX_QUEUE,
    async take(items) {
      const start = performance.now()
      let taken = 0
      while (taken < items.length && (taken === 0 || performance.now() - start < QUERY_TURN_MS)) {
        const some = items.slice(taken, taken + (areQuick ? MAX_QUESTIONS : 1))
        const began = performance.now()
        await run(some)
        taken += some.length
        areQuick = (performance.now() - began) / some.length < QUICK_QUESTION_MS
      }
      const results = Array.from({ length: taken }, () => ({ status: 'fulfilled', value: undefined }) as const)
      return { count: taken, results: Promise.resolve(results) }
    },
  }
}
