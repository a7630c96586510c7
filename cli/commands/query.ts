import { EXIT } from '../../daemon/api/codes.ts'
import type { Items } from '../../daemon/api/vocabulary.ts'
import { CliError } from '../errors.ts'
import { functionMissing, readArguments, readGas, readTrace, showLogs, showResult } from '../invoke.ts'
import { serviceName } from '../service-name.ts'
import { staleNote } from '../stale.ts'
import { say, styled } from '../text.ts'
import { timeline } from '../timeline.ts'
import type { Command } from '../types.ts'
import { usageOf } from '../usage.ts'

export const query: Command = {
  name: 'query',
  summary: "call a service's function without effects",
  args: [
    { name: 'NAME', help: 'the service' },
    { name: 'FUNCTION', optional: true, help: 'any that it exports; left out: the hint lists them' },
    { name: 'ARG', optional: true, rest: true, help: "read by the parameter's type, else as JSON" },
  ],
  flags: [
    { name: 'at', value: 'COMMIT', help: 'as it was at this commit' },
    { name: 'gas', value: 'N', help: 'the most it may use' },
    { name: 'trace', help: 'show what the time was spent on, by whom' },
    { name: 'follow', help: 'take what it gives item by item, as it comes' },
  ],
  examples: [
    `query '~k51.../guestbook' list`,
    'query local.land/_/counter current --at bafy...',
    'query local.land/_/shop orders --follow',
  ],

  async run(context) {
    const { flags, request, settings, terminal, words } = context
    const [word, method, ...rest] = words
    const name = serviceName(word)
    const gas = readGas(context)
    if (method === undefined) throw await functionMissing(context, 'query', name)
    const at = flags.text('at')
    const args = await readArguments(context, name, method, rest)
    const params = { name, method, args, ...(at === undefined ? {} : { at }), ...gas }
    if (flags.has('follow')) {
      if (flags.has('trace'))
        throw new CliError('USAGE', 'With --follow, --trace has no place.', `usage: ${usageOf(query)}`)
      const onItem = ({ item, ...rest }: Items['stream']): Promise<void> =>
        settings.json ? terminal.printJson({ item, ...rest }) : terminal.print(...showResult(item))
      const ended = await request('stream', params, { doing: `asking ${method}`, onItem })
      terminal.note(styled('dim', say`${ended.items} items, ${ended.gas} gas, ${ended.ms} ms`))
      return EXIT.done
    }
    const found = await request('query', { ...params, ...readTrace(context) }, { doing: `asking ${method}` })
    return {
      value: found,
      human: showResult(found.result),
      notes: [
        ...staleNote({ stale: isCopy(found.trust) }),
        ...showLogs(found.logs),
        ...timeline(found.trace ?? []),
        styled('dim', say`commit ${found.commit}, seq ${found.seq}, ${found.trust}, ${found.gas} gas, ${found.ms} ms`),
      ],
    }
  },
}

/** Answers of a host or of a service of one's own are not marked in this way. */
export function isCopy(trust: string): boolean {
  return trust === 'signed' || trust === 'replayed'
}
