// Makes dist/amigos, or the folder amigos in the one that is named, and beside it the archive that npm installs and publishes.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildPackage } from './build-package.mjs'

const folder = process.argv[2] ?? fileURLToPath(new URL('../dist', import.meta.url))
const out = join(folder, 'amigos')
await buildPackage(out)
const { status } = spawnSync('npm', ['pack', '--loglevel=error', '--pack-destination', folder], {
  cwd: out,
  stdio: ['ignore', 'inherit', 'inherit'],
  shell: process.platform === 'win32',
})
process.exitCode = status ?? 1
