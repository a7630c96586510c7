import { CliError } from '../errors.ts'
import { say, table } from '../text.ts'
import type { Command } from '../types.ts'

export const petname: Command = {
  name: 'petname',
  summary: 'give somebody a name that holds on my node alone, or list those names',
  args: [
    { name: 'NAME', optional: true, help: 'it is looked up before usernames' },
    { name: 'USER', optional: true, help: 'a user ID, or a username as it stands now' },
  ],
  flags: [{ name: 'remove', help: 'forget the name' }],
  examples: [`petname bob '~k51...'`, 'petname bob', 'petname bob --remove', 'petname'],

  async run({ flags, request, words }) {
    const [name, user] = words
    const remove = flags.has('remove')
    if (remove && (name === undefined || user !== undefined))
      throw new CliError('USAGE', '--remove takes the name alone.', 'amigo petname NAME --remove')
    const { petnames } = await request('petname', {
      ...(name === undefined ? {} : { name }),
      ...(user === undefined ? {} : { user }),
      ...(remove ? { remove } : {}),
    })
    if (name === undefined) {
      const human = petnames.length === 0 ? [say`No petnames.`] : table(petnames.map((one) => [one.username, one.key]))
      return { value: { petnames }, human }
    }
    const [one] = petnames
    return {
      value: one,
      human: [remove ? say`${name} is nobody here any more` : say`${name} is ${one?.key ?? ''}, here`],
    }
  },
}
