import { counted, grouped } from '../format.ts'
import { serviceName } from '../service-name.ts'
import { staleNote } from '../stale.ts'
import { say } from '../text.ts'
import type { Command } from '../types.ts'

export const usage: Command = {
  name: 'usage',
  summary: 'count who called a service, from the signed calls in its history',
  args: [{ name: 'NAME', help: 'the service' }],
  flags: [],
  examples: ['usage local.land/_/forum'],

  async run({ request, words }) {
    const found = await request('usage', { name: serviceName(words[0]) }, { doing: 'counting' })
    const named = (row: (typeof found.by)[number]) =>
      row.name === undefined ? who(row) : say`${row.name}, ${who(row)}`
    const who = ({ importer, by }: (typeof found.by)[number]) => {
      if (importer !== null) return say`service ${importer}, of ${by === '' ? 'somebody unknown' : `~${by}`}`
      return by === '' ? say`others` : say`~${by}`
    }
    return {
      value: found,
      human: [
        ...found.by.map((row) => say`${amount(row)}: ${named(row)}`),
        say`${amount(found)}, in ${counted(found.commits, 'commit')}.`,
      ],
      notes: [
        ...staleNote(found),
        ...(found.pruned ? [say`What came before was pruned, or is not on this node.`] : []),
      ],
    }
  },
}

const amount = ({ calls, gas }: { calls: number; gas: number }): string =>
  `${counted(calls, 'call')}, ${grouped(gas)} gas`
