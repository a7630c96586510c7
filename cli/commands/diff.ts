import type { Json, Result } from '../../daemon/api/vocabulary.ts'
import { counted } from '../format.ts'
import { serviceName } from '../service-name.ts'
import { staleNote } from '../stale.ts'
import { type Style, say, styled, type Text } from '../text.ts'
import type { Command } from '../types.ts'
import { tree } from '../value-text.ts'

export const diff: Command = {
  name: 'diff',
  summary: 'show what changed in the state between two commits or services',
  args: [
    { name: 'A', help: 'a commit, or a service: its newest' },
    { name: 'B', help: 'the other' },
  ],
  flags: [],
  examples: ['diff bafy... bafy...', `diff local.land/_/fork '~k51.../guestbook'`],

  async run({ request, words }) {
    const params = { a: serviceName(words[0]), b: serviceName(words[1]) }
    const found = await request('diff', params, { doing: 'comparing' })
    return {
      value: found,
      human: found.changes.length === 0 ? [say`No difference in the state.`] : [...sides(found), ...changes(found)],
      notes: [
        ...staleNote(found),
        ...(found.more ? [say`There are more than these ${counted(found.changes.length, 'change')}.`] : []),
      ],
    }
  },
}

function sides({ from, to }: Result<'diff'>): Text[] {
  return [styled('red', say`--- ${from.commit} seq ${from.seq}`), styled('green', say`+++ ${to.commit} seq ${to.seq}`)]
}

function changes({ changes }: Result<'diff'>): Text[] {
  return changes.flatMap(({ path, from, to }) => [
    styled('bold', path === '' ? '/' : path),
    ...side('-', 'red', from),
    ...side('+', 'green', to),
  ])
}

function side(sign: string, style: Style, value: Json | undefined): Text[] {
  return value === undefined ? [] : tree(value).map((line) => styled(style, say`${sign} ${line}`))
}
