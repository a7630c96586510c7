import { span } from '../format.ts'
import { table } from '../text.ts'
import type { Command } from '../types.ts'

export const resolve: Command = {
  name: 'resolve',
  summary: 'tell what a name stands for, from where, and how old that is',
  args: [{ name: 'NAME', help: 'any name, CID or peer ID' }],
  flags: [],
  examples: ['resolve alice/guestbook', 'resolve ~k51.../guestbook --json'],

  async run({ request, words }) {
    const [name = ''] = words
    const found = await request('resolve', { name }, { doing: `looking up ${name}` })
    const { kind, version, service, contract, peerId, source, age, expires } = found
    const rows: [string, string | null | undefined][] = [
      ['kind', kind],
      ['version', version],
      ['service', service],
      ['contract', contract],
      ['host', peerId],
      ['source', `${source}, ${span(age / 1_000)} old`],
      ['expires', expires],
    ]
    return { value: found, human: table(rows.flatMap(([term, value]) => (value ? [[term, value]] : []))) }
  },
}
