// Types, lint, tests with coverage, one after the other. The last line says what became of it: N passed, N failed.
import { spawn } from 'node:child_process'

const files = process.argv.slice(2)
const STEPS = [
  { name: 'types', command: ['tsc', '--noEmit'] },
  { name: 'lint', command: ['biome', 'check', '--error-on-warnings', '.'] },
  { name: 'tests', command: ['c8', 'mocha', ...(files.length > 0 ? files : ['test/**/*.test.ts'])], counts: true },
]

/** Runs one step, showing its output as it comes; resolves to its exit code and its output. */
function run([command, ...args]) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'], shell: process.platform === 'win32' })
    let output = ''
    child.stdout.on('data', (chunk) => {
      output += chunk
      process.stdout.write(chunk)
    })
    child.on('error', (error) => resolve({ code: 1, output: String(error) }))
    child.on('close', (code) => resolve({ code: code ?? 1, output }))
  })
}

const count = (output, word) => Number(output.match(new RegExp(`^\\s*(\\d+) ${word}\\b`, 'm'))?.[1] ?? 0)

let passed = 0
let failed = 0
for (const step of STEPS) {
  const start = performance.now()
  const { code, output } = await run(step.command)
  console.log(`${code === 0 ? 'ok' : 'FAILED'}: ${step.name}, ${((performance.now() - start) / 1000).toFixed(1)} s`)
  if (step.counts) {
    passed += count(output, 'passing')
    failed += count(output, 'failing')
    if (code !== 0 && failed === 0) failed = 1
  } else if (code !== 0) {
    failed++
    break
  }
}
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 && passed > 0 ? 0 : 1
