/**
 * Asks again and again until the answer is right: for facts of other processes that nobody can be told about. Each question
 * takes its own time, so there is nothing to sleep for.
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
    if (performance.now() > deadline) throw new Error(`not so after ${ms} ms; last: ${JSON.stringify(answer)}`)
  }
}
