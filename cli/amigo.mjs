#!/usr/bin/env node
// The door: plain JavaScript that any Node since 18 reads. The rest is for Node 24 or newer, which in a checkout runs TypeScript as it is;
// an older one looks for the `node` package beside this one, or among its dependencies, and hands over to it.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const NEEDED_MAJOR = 24
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']

if (isNew(process.versions.node)) {
  const { enableCompileCache } = await import('node:module')
  // Beside the code, never in a shared temporary folder: what lies there is run. Saves two thirds of the start.
  enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/amigo', import.meta.url)))
  await import('./main.ts')
} else {
  const node = findNode(dirname(fileURLToPath(import.meta.url)))
  if (node === undefined) refuse()
  else handOver(node)
}

function isNew(version) {
  return Number(version.split('.')[0]) >= NEEDED_MAJOR
}

/** The nearest Node that is new enough, among the dependencies of this package, or of the one it is installed in. */
function findNode(from) {
  const file = process.platform === 'win32' ? 'node.exe' : 'node'
  for (let folder = from; ; folder = dirname(folder)) {
    const home = join(folder, 'node_modules', 'node')
    const candidate = join(home, 'bin', file)
    // an older one would look for a newer one in its turn
    if (existsSync(candidate) && isNew(versionIn(home))) return candidate
    if (dirname(folder) === folder) return undefined
  }
}

function versionIn(home) {
  try {
    return String(JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')).version)
  } catch {
    return '0'
  }
}

function handOver(node) {
  // The channel carries nothing: that it closes tells the other side that this one was killed.
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, AMIGO_HANDED_OVER: '1' },
  })
  for (const signal of SIGNALS) process.on(signal, () => child.kill(signal))
  child.on('error', refuse)
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1)
    for (const name of SIGNALS) process.removeAllListeners(name)
    process.kill(process.pid, signal)
  })
}

function refuse() {
  const message = `amigo needs Node ${NEEDED_MAJOR} or newer, and this is ${process.version}.`
  const hint =
    'install it from https://nodejs.org, or where amigo is installed: npm install node@24, with -g if amigo is'
  const failure = { error: { code: 'NODE_TOO_OLD', message, hint } }
  if (process.argv.includes('--json')) console.log(JSON.stringify(failure))
  else console.error(`error: ${message}\nhint: ${hint}`)
  process.exitCode = 1
}
