import { EXIT } from '../../daemon/api/codes.ts'
import { showState } from '../message.ts'
import { talk } from '../talk.ts'
import type { Command } from '../types.ts'

export const chat: Command = {
  name: 'chat',
  summary: 'send a message, or talk in the terminal',
  args: [
    { name: 'NAME', help: 'whom: a user, or a node by its peer ID' },
    { name: 'MESSAGE', optional: true, rest: true, help: 'what; left out: each line from stdin is a message' },
  ],
  flags: [],
  examples: ["chat '~k51...' 'Shall we?'", 'chat 12D3Koo...'],

  async run(context) {
    const [to = '', ...words] = context.words
    if (words.length === 0) return talk(context, to)
    const sent = await context.request('chat', { to, text: words.join(' ') }, { doing: 'sending' })
    return { value: sent, human: [showState(sent)], exit: sent.state === 'refused' ? EXIT.refused : EXIT.done }
  },
}
