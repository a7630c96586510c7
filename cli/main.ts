import { COMMANDS } from './commands.ts'
import { endBy, listenForInterruption } from './interruption.ts'
import { run } from './run.ts'

const interruption = listenForInterruption()
// whoever read our output has seen enough: `amigo log | head`
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

const { stdout, stderr, env } = process
const code = await run(process.argv.slice(2), COMMANDS, { stdout, stderr, env, signal: interruption.signal })
const received = interruption.received()
if (received !== undefined && code !== 0) endBy(received)
else process.exit(code)
