// Runs batches of test files, each in a process of its own, as many at a time as there are cores.
import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'

/** More would take turns: many a test starts processes itself. */
const MOST_AT_ONCE = 4

/** Ends a batch that hangs, and nothing else: it is several times what the longest takes on one slow core. */
const LIMIT_MS = 600_000

/**
 * Shows the output of each batch as a whole when it has ended, and all failures once more at the end.
 *
 * @param options for mocha
 * @param env what is added to the environment
 * @returns how many tests passed and failed; a batch that ends otherwise is one failure
 */
export async function runBatches(batches, options, env) {
  if (batches.length === 0) console.log('There is no test file of that name.')
  const waiting = batches.values()
  const sum = { passed: 0, failed: 0 }
  const failures = []
  const lane = async () => {
    for (const batch of waiting) {
      const start = performance.now()
      const { output, passed, failed } = await runBatch(batch, options, env)
      const seconds = ((performance.now() - start) / 1000).toFixed(1)
      console.log(`\n${batch.name}: ${passed} passed, ${failed} failed, ${seconds} s\n${output.trimEnd()}`)
      sum.passed += passed
      sum.failed += failed
      if (failed > 0 && batches.length > 1) failures.push(`\n${batch.name}:\n${failuresOf(output)}`)
    }
  }
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), MOST_AT_ONCE) }, lane))
  for (const failure of failures) console.log(failure)
  return sum
}

function runBatch({ files }, options, env) {
  return new Promise((resolve) => {
    const child = spawn('mocha', [...(process.stdout.isTTY ? ['--color'] : []), ...options, ...files], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
      shell: process.platform === 'win32',
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text
      })
    }
    const timer = setTimeout(() => {
      output += `\nstill running after ${LIMIT_MS / 1000} s, and ended: ${files.join(' ')}\n`
      child.kill('SIGKILL')
      // processes that it left behind may hold them open
      child.stdout.destroy()
      child.stderr.destroy()
    }, LIMIT_MS)
    const end = (code) => {
      clearTimeout(timer)
      const [passed, failed] = [count(output, 'passing'), count(output, 'failing') ?? 0]
      // one that ends before mocha counts has not run all of its tests
      const isWhole = code === 0 && passed !== undefined
      resolve({ output, passed: passed ?? 0, failed: isWhole ? failed : Math.max(failed, 1) })
    }
    child.on('error', (error) => {
      output += String(error)
      end(1)
    })
    child.on('close', end)
  })
}

const COLORS = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g')

/** What mocha says at the end, undefined if it says nothing of it. */
function count(output, word) {
  const found = output.replace(COLORS, '').match(new RegExp(`^ *(\\d+) ${word}\\b`, 'm'))
  return found ? Number(found[1]) : undefined
}

/** From where mocha begins to list them; if it never came to that, the last lines. */
function failuresOf(output) {
  const at = output.search(/^.*\d+ failing/m)
  return at >= 0 ? output.slice(at).trimEnd() : output.trimEnd().split('\n').slice(-40).join('\n')
}
