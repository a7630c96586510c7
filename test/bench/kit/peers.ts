import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../peers/', import.meta.url))

/** Runs a script of test/bench/peers, installing what it needs there first, and gives the JSON that it prints last. */
export function runPeer<T>(script: string): T {
  const shell = process.platform === 'win32'
  if (!existsSync(`${folder}node_modules/hardhat`)) {
    console.error('Installing what is compared with (once; about half a minute) ...')
    const args = ['install', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
    const { status } = spawnSync('npm', args, { cwd: folder, shell, stdio: ['ignore', 2, 2] })
    if (status !== 0)
      throw new Error('The peers of the benchmark could not be installed. Is a package registry in reach?')
  }
  const { status, stdout } = spawnSync(process.execPath, [script], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 2],
  })
  if (status !== 0) throw new Error(`${script} failed.`)
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as T
}
