/** Keys that something happened to a while ago. */
export interface Recent {
  add(key: string): void
  has(key: string): boolean
  readonly size: number
}

/** @param ms how long it is remembered */
export function createRecent(ms: number, now: () => number = performance.now.bind(performance)): Recent {
  /** until when, the first to end first */
  const until = new Map<string, number>()
  const forget = (): void => {
    for (const [key, end] of until) {
      if (end > now()) return
      until.delete(key)
    }
  }
  return {
    add(key) {
      until.delete(key)
      until.set(key, now() + ms)
    },
    has(key) {
      forget()
      return until.has(key)
    },
    get size() {
      forget()
      return until.size
    },
  }
}
