import type { VersionMark } from '../../daemon/api/vocabulary.ts'
import { serviceName } from '../service-name.ts'
import { say, styled } from '../text.ts'
import type { Answer, Command, Context } from '../types.ts'
import { warnings } from './build.ts'

const args: Command['args'] = [
  { name: 'NAME@V', help: 'one version of a service that I published from this node' },
  { name: 'MESSAGE', optional: true, help: 'why, and what to use instead; one line' },
]
const flags: Command['flags'] = [{ name: 'undo', help: 'take that back' }]

export const yank: Command = {
  name: 'yank',
  summary: 'withdraw a version: only who names it exactly finds it; what runs goes on',
  args,
  flags,
  examples: ["yank local.land/_/forum@1.2.0 'it loses posts: use 1.2.1'", 'yank local.land/_/forum@1.2.0 --undo'],
  run: (context) => mark(context, 'yank', ({ yanked }) => (yanked ? 'is withdrawn' : 'is there again')),
}

export const deprecate: Command = {
  name: 'deprecate',
  summary: 'have everybody who uses a version be told why not to',
  args,
  flags,
  examples: ["deprecate local.land/_/forum@1.2.0 'use 2.0.0'", 'deprecate local.land/_/forum@1.2.0 --undo'],
  run: (context) =>
    mark(context, 'deprecate', ({ deprecated }) =>
      deprecated === null ? 'is not deprecated any more' : `is deprecated: ${deprecated}`,
    ),
}

async function mark(
  { flags, request, words }: Context,
  method: 'yank' | 'deprecate',
  what: (done: VersionMark) => string,
): Promise<Answer> {
  const name = serviceName(words[0])
  const [, message] = words
  const params = { name, ...(message === undefined ? {} : { message }), ...(flags.has('undo') ? { undo: true } : {}) }
  const done = await request(method, params, { doing: `telling the network of ${name}` })
  return { value: done, human: [say`${styled('bold', done.name)} ${what(done)}`], notes: warnings(done.warnings) }
}
