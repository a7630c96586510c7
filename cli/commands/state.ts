import { nameRefs } from '../../daemon/contract/name-refs.ts'
import { readPointer } from '../pointer.ts'
import { serviceName } from '../service-name.ts'
import { staleNote } from '../stale.ts'
import { say, styled } from '../text.ts'
import type { Command } from '../types.ts'
import { tree } from '../value-text.ts'

export const state: Command = {
  name: 'state',
  summary: "show a service's state: its variables, now or at a commit",
  args: [
    { name: 'NAME[@COMMIT]', help: 'the service, and when' },
    { name: 'PATH', optional: true, help: 'a part of it: /posts/0, or the name of one variable' },
  ],
  flags: [],
  examples: ['state local.land/_/guestbook', 'state local.land/_/guestbook@bafy... /posts/0', 'state bafy... posts'],

  async run({ request, words }) {
    const name = serviceName(words[0])
    const path = readPointer(words[1])
    const params = { name, ...(path.length === 0 ? {} : { path }) }
    const found = await request('state', params, { doing: `reading the state of ${name}` })
    return {
      value: found,
      human: tree(nameRefs(found.state, path)),
      notes: [...staleNote(found), styled('dim', say`commit ${found.commit}, seq ${found.seq}, ${found.trust}`)],
    }
  },
}
