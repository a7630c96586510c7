import { monitorEventLoopDelay } from 'node:perf_hooks'

export interface Stalls {
  /** milliseconds for which the loop was held up at most, by this process or by others that had the processor */
  wallMs: number
  /** milliseconds that this thread itself worked between two looks at the loop, at most */
  busyMs: number
}

/** Watches the event loop of this process. On a machine that others use only `busyMs` tells what this process did. */
export function watchStalls(): { stop(): Stalls } {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  let before = process.threadCpuUsage()
  let busyMs = 0
  const timer = setInterval(() => {
    const { user, system } = process.threadCpuUsage(before)
    busyMs = Math.max(busyMs, (user + system) / 1e3)
    before = process.threadCpuUsage()
  }, 1)
  return {
    stop() {
      clearInterval(timer)
      delay.disable()
      return { wallMs: delay.max / 1e6, busyMs }
    },
  }
}
