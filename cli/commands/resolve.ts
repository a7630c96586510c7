import type { ForkedFrom } from '../../daemon/api/vocabulary.ts'
import { buildContract } from '../contract.ts'
import { span } from '../format.ts'
import { serviceName } from '../service-name.ts'
import { table } from '../text.ts'
import type { Answer, Command, Context } from '../types.ts'
import { warnings } from './build.ts'

/** as the grammar has it (specs/registry.md) */
const FOLDER = /^(\.{1,2}$|\.{0,2}\/)/

export const resolve: Command = {
  name: 'resolve',
  summary: 'tell what a name stands for, from where, and how old that is',
  args: [{ name: 'NAME', help: 'any name, CID, peer ID or folder' }],
  flags: [],
  examples: ['resolve local.land/_/guestbook', `resolve '~k51.../guestbook' --json`],

  async run(context) {
    const { request, words } = context
    if (FOLDER.test(words[0] ?? '')) return resolveFolder(context, words[0]!)
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
      ['at', found.at && `${found.at}: as it was then`],
      ['forked', found.forkedFrom && forkedFrom(found.forkedFrom)],
      ['contract', contract],
      ['host', peerId],
      ['page', found.page],
      ['source', `${source}, ${span(age / 1_000)} old${stale ? ', stale: nobody confirmed it' : ''}`],
      ['expires', expires],
      ...warnings.map((warning): [string, string] => ['warning', warning]),
    ]
    return { value: found, human: table(rows.flatMap(([term, value]) => (value ? [[term, value]] : []))) }
  },
}

const forkedFrom = ({ name, service, commit }: ForkedFrom): string =>
  `from ${name ?? service ?? 'what is not here'}, commit ${commit}`

/** What stands there now, compiled: the daemon knows of no folder. */
async function resolveFolder(context: Context, name: string): Promise<Answer> {
  const { built, encoded } = await buildContract(context, name)
  const { version } = built.manifest
  const contract = encoded.cid.toString()
  const found = { name, kind: 'folder', contract, version, source: 'folder', age: 0, stale: false }
  const rows: [string, string][] = [
    ['kind', 'folder'],
    ['version', version],
    ['contract', contract],
  ]
  return { value: { ...found, warnings: built.warnings }, human: table(rows), notes: warnings(built.warnings) }
}
