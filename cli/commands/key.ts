import { CliError } from '../errors.ts'
import { say, table } from '../text.ts'
import type { Command } from '../types.ts'

export const key: Command = {
  name: 'key',
  summary: 'show the keys of my user, or put a new one in the place of the one that signs',
  args: [{ name: 'show|change', help: 'what to do' }],
  flags: [],
  examples: ['key show', 'key change'],

  async run({ words, request }) {
    const [action = ''] = words
    if (action !== 'show' && action !== 'change') {
      throw new CliError(
        'USAGE',
        `amigo key does not know what to do with '${action}'.`,
        'it is key show or key change',
      )
    }
    const shown = await request('key', { change: action === 'change' }, { doing: 'signing' })
    const changes = shown.changes === 0 ? 'never' : `${shown.changes} times`
    return {
      value: shown,
      human: table([
        ['user', shown.user],
        ['signs with', shown.key],
        ['changed', changes],
      ]),
      notes: action === 'change' ? [say`Your user ID stays. Back up the data folder: it holds the new key.`] : [],
    }
  },
}
