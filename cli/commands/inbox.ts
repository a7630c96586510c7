import { MAX_INBOX_PAGE } from '../../daemon/api/constants.ts'
import { CliError } from '../errors.ts'
import { showMessage } from '../message.ts'
import { say } from '../text.ts'
import type { Command, Flags } from '../types.ts'

export const inbox: Command = {
  name: 'inbox',
  summary: 'read messages',
  args: [],
  flags: [
    { name: 'peek', help: 'do not mark them as read' },
    { name: 'limit', value: 'N', help: 'the newest N, at most 1000; 100 unless given' },
    { name: 'before', value: 'ID', help: 'only those before this message' },
  ],
  examples: ['inbox', 'inbox --peek --json', 'inbox --limit 20'],

  async run({ flags, request }) {
    const before = flags.text('before')
    const params = { markRead: !flags.has('peek'), ...readLimit(flags), ...(before === undefined ? {} : { before }) }
    const { messages, more } = await request('inbox', params)
    const [oldest] = messages
    return {
      value: { messages, more },
      human: oldest === undefined ? [say`No messages.`] : messages.flatMap(showMessage),
      notes: more && oldest !== undefined ? [say`Older ones: amigo inbox --before ${oldest.id}`] : [],
    }
  },
}

function readLimit(flags: Flags): { limit?: number } {
  const word = flags.text('limit')
  if (word === undefined) return {}
  const limit = /^\d+$/.test(word) ? Number(word) : Number.NaN
  if (!(limit >= 1 && limit <= MAX_INBOX_PAGE))
    throw new CliError(
      'USAGE',
      `--limit ${word} is not a whole number from 1 to ${MAX_INBOX_PAGE}.`,
      'say it like --limit 20; --before ID shows older ones',
    )
  return { limit }
}
