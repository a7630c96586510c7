import { setTimeout as delay } from 'node:timers/promises'
import { DAEMON_POLL_MS } from './constants.ts'
import { CliError } from './errors.ts'
import { isRunning } from './is-running.ts'

/** Resolves once the process has ended; rejects with STILL_RUNNING after `timeoutMs`, or when the signal aborts. */
export async function waitUntilGone(pid: number, options: { timeoutMs: number; signal: AbortSignal }): Promise<void> {
  const deadline = performance.now() + options.timeoutMs
  while (isRunning(pid)) {
    if (performance.now() > deadline)
      throw new CliError(
        'STILL_RUNNING',
        `The node was told to stop and still runs as process ${pid}.`,
        'wait longer with --timeout',
      )
    await delay(DAEMON_POLL_MS, undefined, { signal: options.signal })
  }
}
