import { serviceName } from '../service-name.ts'
import { say, styled, table } from '../text.ts'
import type { Command } from '../types.ts'
import { warnings } from './build.ts'

export const rollback: Command = {
  name: 'rollback',
  summary: 'take a service back to an earlier commit, as a new commit',
  args: [
    { name: 'NAME', help: 'the service, on my node' },
    { name: 'COMMIT', help: 'whose code and state it gets again, as log shows it' },
  ],
  flags: [],
  examples: ['rollback local.land/_/guestbook bafy...'],

  async run({ request, words }) {
    const name = serviceName(words[0])
    const [, commit = ''] = words
    const done = await request('rollback', { name, commit }, { doing: `taking ${name} back` })
    return {
      value: done,
      human: [
        say`Took ${styled('bold', name)} back; nothing of its history is lost`,
        ...table([
          ['  from', done.from],
          ['  to', done.to],
          ['  commit', done.commit],
        ]),
      ],
      notes: warnings(done.warnings),
    }
  },
}
