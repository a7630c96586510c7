import { serviceName } from '../service-name.ts'
import { say, styled } from '../text.ts'
import type { Command } from '../types.ts'
import { warnings } from './build.ts'

export const unpublish: Command = {
  name: 'unpublish',
  summary: 'take a name out of what I publish; its services run on, on my node',
  args: [{ name: 'NAME', help: 'a service that I published from this node' }],
  flags: [],
  examples: ['unpublish local.land/_/forum'],

  async run({ request, words }) {
    const name = serviceName(words[0])
    const done = await request('unpublish', { name }, { doing: `telling the network of ${name}` })
    return {
      value: done,
      human: [say`${styled('bold', done.name)} is not published any more; publishing it again brings it back`],
      notes: warnings(done.warnings),
    }
  },
}
