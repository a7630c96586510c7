import { readArguments, readGas, showLogs, showResult } from '../invoke.ts'
import { say, styled } from '../text.ts'
import type { Command } from '../types.ts'

export const query: Command = {
  name: 'query',
  summary: "call a service's function without effects",
  args: [
    { name: 'NAME', help: 'the service' },
    { name: 'FUNCTION', help: 'any that it exports' },
    { name: 'ARG', optional: true, rest: true, help: "read by the parameter's type, else as JSON" },
  ],
  flags: [
    { name: 'at', value: 'COMMIT', help: 'as it was at this commit' },
    { name: 'gas', value: 'N', help: 'the most it may use' },
  ],
  examples: ['query alice/guestbook list', 'query alice/counter total --at bafy...'],

  async run(context) {
    const { flags, request, words } = context
    const [name = '', method = '', ...rest] = words
    const gas = readGas(context)
    const at = flags.text('at')
    const args = await readArguments(context, name, method, rest)
    const params = { name, method, args, ...(at === undefined ? {} : { at }), ...gas }
    const found = await request('query', params, { doing: `asking ${method}` })
    return {
      value: found,
      human: showResult(found.result),
      notes: [
        ...showLogs(found.logs),
        styled('dim', say`commit ${found.commit}, seq ${found.seq}, ${found.trust}, ${found.gas} gas, ${found.ms} ms`),
      ],
    }
  },
}
