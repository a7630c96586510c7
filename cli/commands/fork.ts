import { CliError } from '../errors.ts'
import { serviceName } from '../service-name.ts'
import { shellWord } from '../shell-word.ts'
import { say, styled, table } from '../text.ts'
import type { Command } from '../types.ts'
import { warnings } from './build.ts'

/** The last part of a name, without what follows an @. */
const LABEL = /(?:^|\/)([a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?)(?:@[^/]*)?$/i

export const fork: Command = {
  name: 'fork',
  summary: 'make a service of my own from the code and the state of another',
  args: [{ name: 'NAME[@COMMIT]', help: 'the service, and when' }],
  flags: [
    { name: 'as', value: 'NAME', help: 'the name on my node; the same if left out' },
    {
      name: 'logical',
      help: 'a fresh memory, made of the logical state as an upgrade does it, not of the bytes of the origin',
    },
  ],
  examples: [`fork '~k51.../guestbook' --as mine`, 'fork local.land/_/guestbook@bafy... --as before'],

  async run({ flags, request, words }) {
    const name = serviceName(words[0])
    const as = flags.text('as') ?? labelOf(name)
    const logical = flags.has('logical')
    const made = await request('fork', { name, as, ...(logical && { logical }) }, { doing: `forking ${name}` })
    return {
      value: made,
      human: [
        say`Forked as ${styled('bold', made.name)}`,
        ...table([
          ['  service', made.service],
          ['  from', made.from],
          ['  commit', `${made.commit} (${made.trust})`],
          ['  page', styled('cyan', made.url)],
        ]),
      ],
      notes: [
        ...warnings(made.warnings),
        say`Next: amigo log ${shellWord(made.name)}; others find it after amigo publish ${shellWord(made.name)}`,
      ],
    }
  },
}

function labelOf(name: string): string {
  const [, label = ''] = LABEL.exec(name) ?? []
  // a CID is a name that nobody would choose
  if (label !== '' && !/^baf[a-z2-7]{20,}$/.test(label)) return label
  throw new CliError('USAGE', `${name} has no name to go by.`, 'say --as NAME')
}
