import { spawnSync } from 'node:child_process'
import { cpSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const sources = fileURLToPath(new URL('../peers/', import.meta.url))
const folder = fileURLToPath(new URL('../../../node_modules/.cache/bench-peers/', import.meta.url))

/** Runs a script of test/bench/peers, installing what it needs first, apart from the project; gives the JSON that it prints last. */
export function runPeer<T>(script: string): T {
  cpSync(sources, folder, { recursive: true })
  if (!existsSync(join(folder, 'node_modules/hardhat')) || !existsSync(join(folder, 'node_modules/@grpc'))) install()
  const { status, stdout } = spawnSync(process.execPath, [script], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 2],
  })
  if (status !== 0) throw new Error(`${script} failed.`)
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as T
}

function install(): void {
  console.error('Installing what is compared with (once; about half a minute) ...')
  // no lock file: npm writes one for this platform's native packages alone
  const args = ['install', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  const { status } = spawnSync('npm', args, {
    cwd: folder,
    shell: process.platform === 'win32',
    stdio: ['ignore', 2, 2],
  })
  if (status !== 0)
    throw new Error('The peers of the benchmark could not be installed: is a package registry in reach?')
}
