import { showMessage } from '../message.ts'
import { say } from '../text.ts'
import type { Command } from '../types.ts'

export const inbox: Command = {
  name: 'inbox',
  summary: 'read messages',
  args: [],
  flags: [{ name: 'peek', help: 'do not mark them as read' }],
  examples: ['inbox', 'inbox --peek --json'],

  async run({ flags, request }) {
    const found = await request('inbox', { markRead: !flags.has('peek') })
    const { messages } = found
    return { value: found, human: messages.length === 0 ? [say`No messages`] : messages.flatMap(showMessage) }
  },
}
