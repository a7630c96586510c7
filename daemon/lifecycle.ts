/** Starts parts one after the other and stops them in reverse. */

export interface Lifecycle {
  /** Starts a part; its stop is remembered. If the start fails, whatever was started before is stopped, and the error thrown. */
  start<T>(start: () => Promise<T> | T, stop: (part: T) => Promise<unknown> | unknown): Promise<T>
  /** Stops everything, newest first, each once; a part that fails to stop does not keep the others from it. */
  stop(): Promise<void>
}

export function createLifecycle(log: (line: string) => void): Lifecycle {
  const stops: (() => Promise<unknown> | unknown)[] = []
  let stopping: Promise<void> | undefined

  const stopAll = async (): Promise<void> => {
    for (let stop = stops.pop(); stop !== undefined; stop = stops.pop()) {
      try {
        await stop()
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
      try {
        const part = await start()
        stops.push(() => stopPart(part))
        return part
      } catch (error) {
        await stop()
        throw error
      }
    },
  }
}
