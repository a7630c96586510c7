import { serviceName } from '../service-name.ts'
import { shellWord } from '../shell-word.ts'
import { say, styled, table } from '../text.ts'
import type { Command } from '../types.ts'
import { warnings } from './build.ts'

export const merge: Command = {
  name: 'merge',
  summary: 'take into my fork what changed in the service that it comes from',
  args: [{ name: 'NAME', help: 'the fork, on my node' }],
  flags: [],
  examples: ['merge local.land/_/mine'],

  async run({ request, words }) {
    const name = serviceName(words[0])
    const done = await request('merge', { name }, { doing: `merging into ${name}` })
    const isNew = done.commit !== null
    return {
      value: done,
      human: [
        isNew
          ? say`Merged into ${styled('bold', done.name)} what is new since ${done.base}`
          : say`Up to date: ${styled('bold', done.name)}`,
        ...table([
          ['  from', done.from],
          ...(done.commit === null ? [] : [['  commit', `${done.commit} (${done.trust})`]]),
        ]),
      ],
      notes: [
        ...warnings(done.warnings),
        ...(done.commit === null ? [] : [say`What it changed: amigo show ${shellWord(done.commit)}`]),
      ],
    }
  },
}
