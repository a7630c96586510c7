import { MAX_INBOX_PAGE } from '../../daemon/api/constants.ts'
import { showMessage } from '../message.ts'
import { readCount } from '../read-count.ts'
import { say } from '../text.ts'
import type { Command } from '../types.ts'

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
    const limit = readCount(flags, 'limit', MAX_INBOX_PAGE, 'say it like --limit 20; --before ID shows older ones')
    const params = {
      markRead: !flags.has('peek'),
      ...(limit === undefined ? {} : { limit }),
      ...(before === undefined ? {} : { before }),
    }
    const { messages, more } = await request('inbox', params)
    const [oldest] = messages
    return {
      value: { messages, more },
      human: oldest === undefined ? [say`No messages.`] : messages.flatMap(showMessage),
      notes: more && oldest !== undefined ? [say`Older ones: amigo inbox --before ${oldest.id}`] : [],
    }
  },
}
