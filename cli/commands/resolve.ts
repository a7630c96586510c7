import { span } from '../format.ts'
import { serviceName } from '../service-name.ts'
import { table } from '../text.ts'
import type { Command } from '../types.ts'

export const resolve: Command = {
  name: 'resolve',
  summary: 'tell what a name stands for, from where, and how old that is',
  args: [{ name: 'NAME', help: 'any name, CID or peer ID' }],
  flags: [],
  examples: ['resolve local.land/_/guestbook', `resolve '~k51.../guestbook' --json`],

  async run({ request, words }) {
    const name = serviceName(words[0])
    const found = await request('resolve', { name }, { doing: `looking up ${name}` })
    const { kind, version, service, contract, peerId, source, age, expires, stale, warnings } = found
    const { user, petname, username } = found
    const rows: [string, string | null | undefined][] = [
      ['kind', kind],
      ['petname', petname && `${petname}: a name of this node alone`],
      ['username', username && `${username.source}, ${span(username.age / 1_000)} old, until ${username.expires}`],
      ['user', user],
      ['version', version],
      ['running', found.running && found.running.length > 1 ? found.running.join(', ') : undefined],
      ['service', service],
      ['contract', contract],
      ['host', peerId],
      ['source', `${source}, ${span(age / 1_000)} old${stale ? ', stale: nobody confirmed it' : ''}`],
      ['expires', expires],
      ...warnings.map((warning): [string, string] => ['warning', warning]),
    ]
    return { value: found, human: table(rows.flatMap(([term, value]) => (value ? [[term, value]] : []))) }
  },
}
