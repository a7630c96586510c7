import { createReadStream } from 'node:fs'
import { addAbortSignal } from 'node:stream'
import { EXIT, type ExitClass } from '../daemon/api/codes.ts'
import { BATCH_IN_FLIGHT, MAX_LINE_BYTES } from './constants.ts'
import { CliError } from './errors.ts'
import { type Failure, failureOf } from './failure.ts'
import { readEachLine } from './lines.ts'
import { readCall } from './read-call.ts'
import type { Context } from './types.ts'

export interface Batch {
  name: string
  /** a file of JSON lines, or `-` for stdin */
  source: string
  gas?: number
}

type Line = { value: unknown } | { error: Failure }

/**
 * Calls in flight together, answers in the order of the lines: line n of the output belongs to line n of the input, empty and
 * overlong ones too. A line that fails answers its error, and the others go on; the exit code is 1 then. Whatever ends the
 * input, each line that was read gets its answer.
 */
export async function runBatch(context: Context, batch: Batch): Promise<ExitClass> {
  const input = batch.source === '-' ? process.stdin : createReadStream(batch.source)
  // whoever reads it is told, too
  input.on('error', () => {})
  // a stdin on which nothing comes would be waited for after Ctrl-C
  addAbortSignal(context.signal, input)
  const printed: Promise<void>[] = []
  let last = Promise.resolve()
  let failed = false

  const print = (line: Line): Promise<void> => {
    if ('error' in line) failed = true
    return context.terminal.printJson('error' in line ? { error: line.error } : line.value)
  }

  try {
    for await (const line of readEachLine(readable(input, batch.source), MAX_LINE_BYTES)) {
      const called = callLine(context, batch, line)
      // printed as soon as it can be, whether or not another line comes: a program may wait for it
      last = last.then(() => called).then(print)
      printed.push(last)
      if (printed.length >= BATCH_IN_FLIGHT) await printed.shift()
    }
  } finally {
    await last
  }
  return failed ? EXIT.failed : EXIT.done
}

async function callLine(context: Context, { name, gas }: Batch, line: string | CliError): Promise<Line> {
  try {
    if (line instanceof CliError) throw line
    const { method, args } = readCall(line)
    return { value: await context.request('call', { name, method, args, ...(gas === undefined ? {} : { gas }) }) }
  } catch (error) {
    return { error: failureOf(error) }
  }
}

async function* readable(input: AsyncIterable<Uint8Array | string>, name: string): AsyncGenerator<Uint8Array | string> {
  try {
    yield* input
  } catch {
    throw new CliError('FILE_UNREADABLE', `${name} cannot be read.`, 'name a file of JSON lines, or - for stdin')
  }
}
