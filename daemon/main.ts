/** What `amigo up` runs: a daemon that a person or a supervisor started. */
import { startDaemon } from './daemon.ts'
import { tuneCollector } from './tune-collector.ts'
import type { Daemon, DaemonOptions } from './types.ts'

/**
 * Starts a daemon and keeps the process honest: what nobody caught ends it, so that a supervisor can start it anew.
 * Everything acknowledged is on disk by then.
 */
export async function runDaemon(options: DaemonOptions): Promise<Daemon> {
  tuneCollector()
  // in a checkout there is no `amigo` to type
  const command = process.env['npm_command'] === undefined ? 'amigo' : 'npx amigo'
  const daemon = await startDaemon({ command, ...options })
  const crash = (error: unknown): void => {
    options.log(`fatal: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
    process.exit(70) // EX_SOFTWARE, sysexits.h
  }
  process.on('uncaughtException', crash)
  process.on('unhandledRejection', crash)
  return daemon
}
