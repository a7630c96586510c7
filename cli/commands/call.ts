import { runBatch } from '../batch.ts'
import { CliError } from '../errors.ts'
import { exitCodeOf, failureOf, showFailure } from '../failure.ts'
import { functionMissing, readArguments, readGas, readTrace, showLogs, showResult } from '../invoke.ts'
import { prepareFile } from '../new-file.ts'
import { serviceName } from '../service-name.ts'
import { say, styled } from '../text.ts'
import { timeline } from '../timeline.ts'
import type { Command } from '../types.ts'
import { unsent } from '../unsent.ts'
import { usageOf } from '../usage.ts'
import { inline } from '../value-text.ts'

export const call: Command = {
  name: 'call',
  summary: "call a service's function",
  args: [
    { name: 'NAME', help: 'the service' },
    { name: 'FUNCTION', optional: true, help: 'one that it exports; left out: the hint lists them; not with --batch' },
    { name: 'ARG', optional: true, rest: true, help: "read by the parameter's type, else as JSON" },
  ],
  flags: [
    { name: 'gas', value: 'N', help: 'the most it may use' },
    { name: 'trace', help: 'show what the time was spent on, by whom' },
    { name: 'receipt', value: 'FILE', help: "write the host's signed statement of the result there" },
    { name: 'batch', value: '-', help: 'many calls: JSON lines {"function", "args"} from a file or, with -, stdin' },
  ],
  examples: [
    `call '~k51.../guestbook' sign "Hello from Bob"`,
    'call local.land/_/counter increment -5',
    'call local.land/_/counter increment --trace',
    'call local.land/_/counter increment --receipt receipt.json',
    'call local.land/_/counter --batch - < calls.jsonl',
  ],

  async run(context) {
    const { flags, request, terminal, words } = context
    const [word, method, ...rest] = words
    const name = serviceName(word)
    const gas = readGas(context)
    const batch = flags.text('batch')
    if (batch !== undefined) {
      if (method !== undefined || flags.has('receipt') || flags.has('trace')) {
        const message = 'With --batch, FUNCTION, --receipt and --trace have no place.'
        throw new CliError('USAGE', message, `usage: ${usageOf(call)}`)
      }
      return runBatch(context, { name, source: batch, ...gas })
    }
    if (method === undefined) throw await functionMissing(context, 'call', name)
    const args = await unsent(readArguments(context, name, method, rest))
    const path = flags.text('receipt')
    // the file is made before the call: a call cannot be taken back for want of a disk
    const file = path === undefined ? undefined : await unsent(prepareFile(path))
    try {
      const params = { name, method, args, ...gas, ...readTrace(context) }
      const called = await request('call', params, { doing: `calling ${method}` })
      const failure = await file?.write(`${JSON.stringify(called.receipt, undefined, 2)}\n`).catch(failureOf)
      // the call was made: its result is told whatever became of the file
      if (failure) terminal.complain(...showFailure(failure))
      return {
        ...(failure ? { exit: exitCodeOf(failure) } : {}),
        value: called,
        human: showResult(called.result),
        notes: [
          ...showLogs(called.logs),
          ...timeline(called.trace ?? []),
          ...called.events.map(({ name, value }) => say`event ${name}: ${inline(value)}`),
          styled('dim', say`commit ${called.commit}, seq ${called.seq}, ${called.gas} gas, ${called.ms} ms`),
        ],
      }
    } finally {
      await file?.discard()
    }
  },
}
