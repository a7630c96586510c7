import { spawn } from 'node:child_process'
import { Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { COMMANDS } from '../../cli/commands.ts'
import { run } from '../../cli/run.ts'

export interface Ended {
  code: number | null
  out: string
  err: string
}

const AMIGO = fileURLToPath(new URL('../../cli/amigo.mjs', import.meta.url))

/** `amigo ...` as a process of its own, as people and scripts start it. */
export function amigo(
  args: readonly string[],
  options: { node?: string; stdin?: string; env?: NodeJS.ProcessEnv; cwd?: string } = {},
): Promise<Ended> {
  const { node = process.execPath, stdin = '', env, cwd } = options
  const child = spawn(node, [AMIGO, ...args], { env: { ...process.env, npm_command: undefined, ...env }, cwd })
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk) => {
    out += chunk
  })
  child.stderr.on('data', (chunk) => {
    err += chunk
  })
  // a child that did not want to read is no failure
  child.stdin.on('error', () => {})
  child.stdin.end(stdin)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, out, err }))
  })
}

/** The same in this process, without what amigo.mjs and main.ts add. */
export async function amigoHere(
  args: readonly string[],
  options: { isTTY?: boolean; env?: NodeJS.ProcessEnv; signal?: AbortSignal } = {},
): Promise<Ended> {
  const { isTTY = false, env = {}, signal = new AbortController().signal } = options
  const written = { out: '', err: '' }
  const stream = (name: 'out' | 'err') => {
    const writable = new Writable({
      write(chunk, _, done) {
        written[name] += chunk
        done()
      },
    })
    return Object.assign(writable, { isTTY }) as unknown as NodeJS.WriteStream
  }
  const code = await run(args, COMMANDS, { stdout: stream('out'), stderr: stream('err'), env, signal })
  return { code, ...written }
}
