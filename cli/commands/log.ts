import { MAX_LOG_PAGE } from '../../daemon/api/constants.ts'
import { drawHistory } from '../history.ts'
import { readCount } from '../read-count.ts'
import { serviceName } from '../service-name.ts'
import { shellWord } from '../shell-word.ts'
import { staleNote } from '../stale.ts'
import { say } from '../text.ts'
import type { Command } from '../types.ts'

export const log: Command = {
  name: 'log',
  summary: "show a service's history, newest first",
  args: [{ name: 'NAME', help: 'the service' }],
  flags: [
    { name: 'limit', value: 'N', help: `the newest N commits, at most ${MAX_LOG_PAGE}` },
    { name: 'before', value: 'COMMIT', help: 'only those before this one' },
  ],
  examples: ['log local.land/_/guestbook', `log '~k51.../guestbook' --limit 20`],

  async run({ flags, request, words }) {
    const name = serviceName(words[0])
    const before = flags.text('before')
    const limit = readCount(flags, 'limit', MAX_LOG_PAGE, 'say it like --limit 20; --before COMMIT shows older ones')
    const params = { name, ...(limit === undefined ? {} : { limit }), ...(before === undefined ? {} : { before }) }
    const found = await request('log', params, { doing: 'reading the history' })
    const oldest = found.commits.at(-1)
    return {
      value: found,
      human:
        oldest === undefined ? [say`No commits.`] : drawHistory(found.commits, Date.now(), found.more || found.pruned),
      notes: [
        ...staleNote(found),
        ...(found.more && oldest !== undefined
          ? [say`Older ones: amigo log ${shellWord(name)} --before ${oldest.commit}`]
          : []),
        ...(found.pruned && !found.more ? [say`Older ones were pruned, or are not on this node.`] : []),
      ],
    }
  },
}
