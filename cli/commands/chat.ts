import { EXIT } from '../../daemon/api/codes.ts'
import { CliError } from '../errors.ts'
import { showState } from '../message.ts'
import { talk } from '../talk.ts'
import type { Command } from '../types.ts'

/** A user ID, as `id` and messages show it. */
const USER_ID = /^~?(k51[a-z0-9]+)$/
/** A peer ID, and the two names of a user's page: `alice.amigos.net`, `amigos.land/alice`. */
const OTHERS = [/^[1-9A-HJ-NP-Za-km-z]{40,}$/, /^[^/~]+\.[^/~]+$/, /^[^/~]+\.land\/[^/~_][^/~]*$/]

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
    const [whom = '', ...words] = context.words
    const to = addressee(whom)
    if (words.length === 0) return talk(context, to)
    const sent = await context.request('chat', { to, text: words.join(' ') }, { doing: 'sending' })
    return { value: sent, human: [showState(sent)], exit: sent.state === 'refused' ? EXIT.refused : EXIT.done }
  },
}

/** Only the shape is looked at; the node knows who it is. Throws USAGE for the name of a service, or anything else that is nobody. */
function addressee(word: string): string {
  const user = USER_ID.exec(word)?.[1]
  if (user !== undefined) return `~${user}`
  if (OTHERS.some((shape) => shape.test(word))) return word
  const hint = 'chat with ~k51... or a peer ID; amigo peers lists them'
  throw new CliError('USAGE', `${word} is no user and no node.`, hint)
}
