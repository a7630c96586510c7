import { setImmediate } from 'node:timers/promises'

/**
 * Asks again and again until the answer is right: for facts of other processes that nobody can be told about. Whatever else this
 * process has to do is done between two questions.
 */
export async function until<T>(
  ask: () => Promise<T>,
  isRight: (answer: T) => boolean,
  ms: number = 30_000,
): Promise<T> {
  const deadline = performance.now() + ms
  for (;;) {
    const answer = await ask()
    if (isRight(answer)) return answer
    await setImmediate()
    if (performance.now() > deadline) throw new Error(`not so after ${ms} ms; last: ${JSON.stringify(answer)}`)
  }
}

/** The same of a fact of this process that nothing announces. */
export const untilTrue = async (fact: () => boolean, ms?: number): Promise<void> => {
  await until(async () => fact(), Boolean, ms)
}
