import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createClient } from '../daemon/api/client.ts'
import { makePrivateFolder } from '../daemon/api/private-folder.ts'
import type { NodeStatus } from '../daemon/api/vocabulary.ts'
import { DAEMON_POLL_MS, STATUS_MS } from './constants.ts'
import { type DaemonLog, openLog } from './daemon-log.ts'
import { CliError } from './errors.ts'
import { say } from './text.ts'
import type { Context } from './types.ts'

export interface StartOptions {
  home: string
  listen: readonly string[]
  bootstrap: readonly string[]
  http: number | undefined
  origins: readonly string[]
  forbidOrigins: readonly string[]
  offline: boolean
  relay: boolean
  hub: boolean
  /** an invite, or a manifest as JSON */
  network?: string
}

/** How long a node may take to start when nothing was said, in milliseconds. */
const USUAL_MS = 60_000

/** Starts the daemon, of which none runs, as a process of its own and waits until it answers, or until it has ended and said why. */
export async function startDetached(context: Context, options: StartOptions): Promise<NodeStatus> {
  const client = createClient({ home: options.home })
  const ask = () => client.request('status', {}, { timeoutMs: STATUS_MS, signal: context.signal })
  await makePrivateFolder(options.home)
  const log = await openLog(options.home)
  const done = context.terminal.wait(say`starting the node`)
  const child = spawn(process.execPath, argumentsFor(options), {
    cwd: options.home,
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    windowsHide: true,
  })
  // also rejects if it could not be spawned at all
  const failure = once(child, 'exit').then(() => failureFrom(log))
  failure.catch(() => {})
  try {
    const deadline = performance.now() + (context.settings.timeoutMs ?? USUAL_MS)
    while (performance.now() < deadline) {
      const status = await Promise.race([ask().catch(() => undefined), failure])
      if (status !== undefined && status.pid === child.pid) return status
      await delay(DAEMON_POLL_MS, undefined, { signal: context.signal })
    }
    throw new CliError('TIMED_OUT', 'The node did not answer in time and was stopped.', `look into ${log.path}`)
  } catch (error) {
    // given up on here, so nobody would know of it
    child.kill()
    throw error
  } finally {
    child.unref()
    done()
    await log.close()
  }
}

function argumentsFor({
  home,
  listen,
  bootstrap,
  http,
  origins,
  forbidOrigins,
  offline,
  relay,
  hub,
  network,
}: StartOptions): string[] {
  return [
    fileURLToPath(new URL('amigo.mjs', import.meta.url)),
    'up',
    '--json',
    `--home=${home}`,
    ...listen.map((address) => `--listen=${address}`),
    ...bootstrap.map((address) => `--bootstrap=${address}`),
    ...(http === undefined ? [] : [`--http=${http}`]),
    ...origins.map((origin) => `--allow-origin=${origin}`),
    ...forbidOrigins.map((origin) => `--forbid-origin=${origin}`),
    ...(offline ? ['--offline'] : []),
    ...(relay ? ['--relay'] : []),
    ...(hub ? ['--hub'] : []),
    ...(network === undefined ? [] : [`--network=${network}`]),
  ]
}

/** The daemon says the same into its log that it would have said here. */
async function failureFrom(log: DaemonLog): Promise<never> {
  for (const line of (await log.tail()).reverse()) {
    const { code, message, hint } = errorIn(line)
    if (typeof code === 'string' && typeof message === 'string' && typeof hint === 'string')
      throw Object.assign(new Error(message), { code, hint })
  }
  throw new CliError('UP_FAILED', 'The node ended before it listened.', `look into ${log.path}`)
}

function errorIn(line: string): Record<string, unknown> {
  if (!line.startsWith('{"error":')) return {}
  try {
    return JSON.parse(line).error ?? {}
  } catch {
    return {}
  }
}
