/** The real command line and real daemons, each a process of its own, on loopback. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const AMIGO = join(import.meta.dirname, '../../cli/amigo.mjs')

export interface Ran {
  code: number
  stdout: string
  stderr: string
  /** stdout as JSON; throws if it is not exactly one value */
  json<T = Record<string, unknown>>(): T
}

/** Runs `amigo ARGS` to its end. @param options.script the `amigo` that is run. @default the checkout's */
export async function amigo(
  args: string[],
  options: { home?: string; stdin?: string; cwd?: string; script?: string } = {},
): Promise<Ran> {
  const child = spawn(process.execPath, [options.script ?? AMIGO, ...args], {
    cwd: options.cwd,
    env: {
      ...process.env,
      npm_command: undefined,
      NO_COLOR: '1',
      ...(options.home === undefined ? {} : { AMIGO_HOME: options.home }),
    },
    stdio: 'pipe',
  })
  child.stdin.end(options.stdin ?? '')
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  const [code] = (await once(child, 'close')) as [number | null]
  return { code: code ?? -1, stdout, stderr, json: () => JSON.parse(stdout) }
}

export interface NodeInfo {
  peerId: string
  addresses: string[]
  http: string
  home: string
  network: string
  pid: number
}

export interface RunningNode {
  info: NodeInfo
  process: ChildProcess
  /** `amigo ARGS --json` against this node; throws what it printed if it failed */
  run<T = Record<string, unknown>>(...args: string[]): Promise<T>
  /** the same, not minding failure */
  try(...args: string[]): Promise<Ran>
  /** Ctrl-C; resolves to its exit code */
  stop(): Promise<number | null>
  /** kill -9 */
  kill(): Promise<void>
}

/** Starts `amigo up` in the foreground and waits for the line that says it listens. */
export async function startNode(
  home: string,
  flags: string[] = [],
  listen: string[] = ['/ip4/127.0.0.1/tcp/0'],
  script: string = AMIGO,
): Promise<RunningNode> {
  const where = listen.flatMap((address) => ['--listen', address])
  const args = ['up', '--json', '--home', home, '--http', '0', ...where, ...flags]
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let stderr = ''
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  const ended = once(child, 'close')
  const line = await Promise.race([
    once(createInterface(child.stdout), 'line').then(([text]) => text as string),
    ended.then(() => undefined),
  ])
  if (line === undefined) throw new Error(`the node did not start: ${stderr}`)
  const started = JSON.parse(line)
  if (started.error) throw Object.assign(new Error(started.error.message), started.error)

  const attempt = (...words: string[]): Promise<Ran> => amigo([...words, '--json'], { home, script })
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal)
    const [code] = (await ended) as [number | null]
    return code
  }
  return {
    info: started,
    process: child,
    try: attempt,
    async run<T>(...words: string[]) {
      const ran = await attempt(...words)
      if (ran.code === 0) return ran.json<T>()
      throw new Error(`amigo ${words.join(' ')} failed (${ran.code}): ${ran.stdout}${ran.stderr}\n${stderr}`)
    },
    stop: () => end('SIGINT'),
    kill: async () => {
      await end('SIGKILL')
    },
  }
}
