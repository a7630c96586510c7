/**
 * Works off a stack that grows while it is worked off, as many at a time as `concurrency` says each time. The first failure ends it, and is thrown once all that was
 * begun has ended.
 */
export async function drain<T>(queue: T[], work: (item: T) => Promise<void>, concurrency: () => number): Promise<void> {
  const running = new Set<Promise<void>>()
  let failure: { error: unknown } | undefined
  while ((queue.length > 0 || running.size > 0) && failure === undefined) {
    while (queue.length > 0 && running.size < concurrency()) {
      const task: Promise<void> = work(queue.pop()!)
        .catch((error: unknown) => {
          failure ??= { error }
        })
        .finally(() => running.delete(task))
      running.add(task)
    }
    await Promise.race(running)
  }
  await Promise.all(running)
  if (failure !== undefined) throw failure.error
}
