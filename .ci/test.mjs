// Types, lint, tests, coverage, one after the other. The last line says what became of it: N passed, N failed.
import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { batchesOf } from './batches.mjs'
import { runBatches } from './run-batches.mjs'

const { batches, options } = batchesOf(process.argv.slice(2))
/** where c8 looks for what the processes leave */
const COVERED = 'coverage/tmp'

/** Runs a command, showing its output; resolves to what it adds to the count. */
function run(command, ...args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], shell: process.platform === 'win32' })
    child.on('error', () => resolve({ passed: 0, failed: 1 }))
    child.on('close', (code) => resolve({ passed: 0, failed: code === 0 ? 0 : 1 }))
  })
}

const STEPS = [
  { name: 'types', act: () => run('tsc', '--noEmit') },
  { name: 'lint', act: () => run('biome', 'check', '--error-on-warnings', '.') },
  {
    name: 'tests',
    act() {
      rmSync('coverage', { recursive: true, force: true })
      return runBatches(batches, options, { NODE_V8_COVERAGE: COVERED })
    },
    goesOn: true,
  },
  { name: 'coverage', act: () => run('c8', 'report') },
]

const sum = { passed: 0, failed: 0 }
for (const { name, act, goesOn } of STEPS) {
  const start = performance.now()
  const { passed, failed } = await act()
  sum.passed += passed
  sum.failed += failed
  console.log(`${failed === 0 ? 'ok' : 'FAILED'}: ${name}, ${((performance.now() - start) / 1000).toFixed(1)} s`)
  if (failed > 0 && !goesOn) break
}
console.log(`${sum.passed} passed, ${sum.failed} failed`)
process.exitCode = sum.failed === 0 && sum.passed > 0 ? 0 : 1
