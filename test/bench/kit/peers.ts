import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

const sources = fileURLToPath(new URL('../peers/', import.meta.url))
const folder = fileURLToPath(new URL('../../../node_modules/.cache/bench-peers/', import.meta.url))

/**
 * Runs a script of test/bench/peers, installing what it needs first, apart from the project; gives the JSON that it prints last. This
 * process goes on meanwhile: connections have to be kept alive.
 */
export async function runPeer<T>(script: string): Promise<T> {
  cpSync(sources, folder, { recursive: true })
  if (!isInstalled()) await install()
  const child = spawn(process.execPath, [script], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] })
  const [printed] = await Promise.all([text(child.stdout), ended(child, `${script} failed.`)])
  return JSON.parse(printed.trim().split('\n').at(-1)!) as T
}

function isInstalled(): boolean {
  const { dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { dependencies: object }
  return Object.keys(dependencies).every((name) => existsSync(join(folder, 'node_modules', name)))
}

async function install(): Promise<void> {
  console.error('Installing what is compared with (once; about half a minute) ...')
  // no lock file: npm writes one for this platform's native packages alone
  const args = ['install', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  const child = spawn('npm', args, { cwd: folder, shell: process.platform === 'win32', stdio: ['ignore', 2, 2] })
  await ended(child, 'The peers of the benchmark could not be installed: is a package registry in reach?')
}

async function ended(child: ChildProcess, failure: string): Promise<void> {
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new Error(failure)
}
