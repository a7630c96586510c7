/** Calls back once after so many milliseconds, unless it is cancelled by calling what it returns. */
export type Timer = (callback: () => void, ms: number) => () => void

/** setTimeout that does not keep the process alive. */
export const unrefTimer: Timer = (callback, ms) => {
  const timeout = setTimeout(callback, ms)
  timeout.unref()
  return () => clearTimeout(timeout)
}
