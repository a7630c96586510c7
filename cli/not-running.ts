import { createClient } from '../daemon/api/client.ts'
import { STATUS_MS } from './constants.ts'
import { CliError } from './errors.ts'

/** Rejects with ALREADY_RUNNING if a node of this home answers. One that runs and is silent shows by its lock on the store. */
export async function assertNotRunning(home: string, options: { signal: AbortSignal }): Promise<void> {
  const asked = createClient({ home }).request('status', {}, { timeoutMs: STATUS_MS, ...options })
  const already = await asked.catch(() => undefined)
  if (already === undefined) return
  throw new CliError(
    'ALREADY_RUNNING',
    `The node of this home runs already, as process ${already.pid}.`,
    'stop it with amigo down, or start another one with --home DIR',
  )
}
