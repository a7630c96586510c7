/** Starts parts one after the other and stops them in reverse. */

export interface Lifecycle {
  /** Starts a part; its stop is remembered. */
  start<T>(start: () => Promise<T> | T, stop: (part: T) => Promise<unknown> | unknown): Promise<T>
  /** Stops everything, newest first, each once; a part that fails to stop does not keep the others from it. */
  stop(): Promise<void>
}

/** The longest that one part may take to stop, in milliseconds: whatever it waits for, what is acknowledged is on disk. */
const STOP_STEP_MS = 10_000

async function inTime(stop: () => Promise<unknown> | unknown): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error('a part did not stop in time')), STOP_STEP_MS)
  try {
    await Promise.race([stop(), promise])
  } finally {
    clearTimeout(timer)
  }
}

export function createLifecycle(log: (line: string) => void): Lifecycle {
  const stops: (() => Promise<unknown> | unknown)[] = []
  let stopping: Promise<void> | undefined

  const stopAll = async (): Promise<void> => {
    for (let stop = stops.pop(); stop !== undefined; stop = stops.pop()) {
      try {
        await inTime(stop)
      } catch (error) {
        log(`while stopping: ${error instanceof Error ? error.message : 'unknown'}`)
      }
    }
  }
  const stop = (): Promise<void> => {
    stopping ??= stopAll()
    return stopping
  }

  return {
    stop,
    async start(start, stopPart) {
      const part = await start()
      stops.push(() => stopPart(part))
      return part
    },
  }
}
