import { EXIT } from '../../daemon/api/codes.ts'
import type { Items } from '../../daemon/api/vocabulary.ts'
import { CliError } from '../errors.ts'
import { serviceName } from '../service-name.ts'
import { say, styled, type Text } from '../text.ts'
import type { Command } from '../types.ts'
import { inline } from '../value-text.ts'

export const subscribe: Command = {
  name: 'subscribe',
  summary: 'follow what a service commits, and what it emits',
  args: [{ name: 'NAME', help: 'the service' }],
  flags: [{ name: 'from', value: 'SEQ', help: 'begin with this commit, not with the next one' }],
  examples: ['subscribe local.land/_/guestbook', `subscribe '~k51.../guestbook' --from 0 --json`],

  async run({ flags, request, settings, signal, terminal, words }) {
    const name = serviceName(words[0])
    const from = readSeq(flags.text('from'))
    const params = { name, ...(from === undefined ? {} : { from }) }
    const onItem = (item: Items['subscribe']): Promise<void> =>
      settings.json ? terminal.printJson(item) : terminal.print(...shown(item))
    try {
      await request('subscribe', params, { doing: `following ${name}`, onItem })
    } catch (error) {
      // it goes on until somebody has seen enough
      if (!signal.aborted) throw error
    }
    return EXIT.done
  },
}

function shown({ seq, commit, time, events, omitted, skipped }: Items['subscribe']): Text[] {
  return [
    ...(skipped === 0 ? [] : [styled('dim', say`(${skipped} commits left out: amigo log shows them)`)]),
    say`${seq}  ${time}  ${styled('dim', commit)}`,
    ...events.map(({ name, value }) => say`    ${name}: ${inline(value)}`),
    ...(omitted === 0 ? [] : [styled('dim', say`    (events of ${omitted} more calls: amigo show ${commit})`)]),
  ]
}

function readSeq(word: string | undefined): number | undefined {
  if (word === undefined) return undefined
  const seq = /^\d+$/.test(word) ? Number(word) : Number.NaN
  if (Number.isSafeInteger(seq)) return seq
  throw new CliError(
    'USAGE',
    `--from ${word} is not a sequence number.`,
    'the first commit has 0; amigo log shows them',
  )
}
