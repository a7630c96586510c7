// Installs what the checkout needs, once, with whatever Node it is started by: npm start and npm test begin here.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = new URL('../', import.meta.url)
const read = (path) => {
  try {
    return JSON.parse(readFileSync(new URL(path, root), 'utf8'))
  } catch {
    return undefined
  }
}

/** Whether node_modules holds exactly what the lock file names, and the Node that comes with it. */
function isInstalled() {
  const wanted = read('package-lock.json')?.packages
  const found = read('node_modules/.package-lock.json')?.packages
  if (!wanted || !found) return false
  const missing = Object.entries(wanted).some(
    ([path, entry]) => path.startsWith('node_modules/') && !entry.optional && found[path]?.version !== entry.version,
  )
  return !missing && read('node_modules/node/package.json') !== undefined && nodeRuns()
}

function nodeRuns() {
  const name = process.platform === 'win32' ? 'node.exe' : 'node'
  const path = new URL(`node_modules/node/bin/${name}`, root)
  return spawnSync(fileURLToPath(path), ['--version'], { stdio: 'ignore' }).status === 0
}

if (!isInstalled()) {
  console.error('Installing what Amigos needs (once; about half a minute) ...')
  const npm = process.env.npm_execpath
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error']
  const options = { cwd: fileURLToPath(root), stdio: ['ignore', 2, 2] }
  const done = npm
    ? spawnSync(process.execPath, [npm, ...args], options)
    : spawnSync('npm', args, { ...options, shell: process.platform === 'win32' })
  if (done.status !== 0 || !isInstalled()) {
    console.error('The installation did not finish.')
    console.error(
      'hint: is a package registry in reach, and are install scripts allowed for the package "node"? Then try again.',
    )
    process.exit(1)
  }
}
