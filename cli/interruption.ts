import { SAME_PRESS_MS } from './constants.ts'

export interface Interruption {
  signal: AbortSignal
  /** what the process was told first, if anything */
  received(): NodeJS.Signals | undefined
}

/**
 * Ctrl-C, SIGTERM and SIGHUP ask whatever runs to come to an end; a second press does not ask. When the process that
 * started this one in its own place is killed, this one ends at once, too.
 */
export function listenForInterruption(): Interruption {
  const controller = new AbortController()
  let first: { name: NodeJS.Signals; at: number } | undefined
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(name, () => {
      const now = performance.now()
      if (first === undefined) {
        first = { name, at: now }
        controller.abort()
      } else if (now - first.at > SAME_PRESS_MS) {
        endBy(name)
      }
    })
  if (process.env['AMIGO_HANDED_OVER'] !== undefined) {
    delete process.env['AMIGO_HANDED_OVER']
    process.on('disconnect', () => endBy('SIGKILL'))
    process.channel?.unref()
  }
  return { signal: controller.signal, received: () => first?.name }
}

/** Ends this process by a signal, so that a shell sees what happened and stops its loops, too. */
export function endBy(name: NodeJS.Signals): void {
  process.removeAllListeners(name)
  process.kill(process.pid, name)
}
