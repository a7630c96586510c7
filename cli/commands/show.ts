import type { Result } from '../../daemon/api/vocabulary.ts'
import { CliError } from '../errors.ts'
import { counted, grouped, short } from '../format.ts'
import { kindWord, showCall } from '../history.ts'
import { serviceName } from '../service-name.ts'
import { join, say, styled, type Text, table } from '../text.ts'
import type { Command, Context } from '../types.ts'
import { inline, inlineCall } from '../value-text.ts'

export const show: Command = {
  name: 'show',
  summary: 'show one commit: its calls, their results, gas and events',
  args: [{ name: 'COMMIT', help: 'its CID, as log shows it; or a service: its newest' }],
  flags: [],
  examples: ['show bafy...', 'show bafy... --json', 'show local.land/_/guestbook'],

  async run({ request, words: [word = ''] }) {
    const commit = isCommit(word) ? word : await newestOf(serviceName(word), request)
    const found = await request('show', { commit }, { doing: 'reading the commit' })
    return {
      value: found,
      human: [...about(found), ...calls(found)],
      notes: found.parent === null ? [] : [say`What it changed: amigo diff ${found.parent} ${found.commit}`],
    }
  },
}

type Shown = Result<'show'>

const isCommit = (word: string): boolean => /^baf[a-z2-7]*$/.test(word)

async function newestOf(name: string, request: Context['request']): Promise<string> {
  const { commits } = await request('log', { name, limit: 1 }, { doing: 'reading the history' })
  if (commits[0] !== undefined) return commits[0].commit
  throw new CliError('USAGE', `Of ${name} no commit is on this node.`, `pull it first: amigo pull ${name}`)
}

function about(found: Shown): Text[] {
  const { delta, content } = found
  const rows: [string, string | Text | null][] = [
    ['  service', found.service],
    ['  seq', `${found.seq}, epoch ${found.epoch}`],
    ['  time', found.time],
    ['  parent', found.parent],
    ['  from', found.from],
    ['  owner', found.owner === null ? null : `~${found.owner}`],
    ['  init', found.init?.length ? inlineCall({ method: 'init', args: found.init }) : null],
    ['  contract', found.contract],
    ['  host', found.host],
    ['  trust', found.trust],
    ['  memory', found.before === null ? `root ${found.root}` : `root ${found.before}`],
    ['', found.before === null ? null : `  -> ${found.root}`],
    [
      '  changed',
      delta === null ? null : `${counted(delta.lines, 'line')} of 256 bytes in ${counted(delta.pages, 'page')}`,
    ],
    ['  content', content.length === 0 ? null : content.join(', ')],
  ]
  const kind = [kindWord(found.kind)].filter(({ width }) => width > 0)
  const forced = found.forced ? [styled('red', 'forced: it breaks callers')] : []
  return [
    join([say`commit ${styled('bold', found.commit)}`, ...kind, ...forced], ' '),
    ...table(rows.flatMap(([term, value]) => (value === null ? [] : [[term, value]]))),
  ]
}

function calls({ calls: list }: Shown): Text[] {
  if (list.length === 0) return []
  const width = String(list.length - 1).length
  return [
    say``,
    say`${counted(list.length, 'call')}, ${grouped(list.reduce((sum, { gas }) => sum + gas, 0))} gas`,
    ...list.flatMap((call, index) => [
      say`  ${styled('dim', String(index).padStart(width))} ${showCall(call)}`,
      ...call.asks.map((one) => say`  ${' '.repeat(width)} asked ${showAsk(one)}`),
      ...call.events.map(({ name, value }) => say`  ${' '.repeat(width)} event ${name}: ${inline(value)}`),
    ]),
  ]
}

/** `createPost of bafy…, 1,204 gas, in bafy…` */
function showAsk({ service, method, ok, code, gas, commit }: Shown['calls'][number]['asks'][number]): Text {
  const what = say`${method ?? 'a function'} of ${service === null ? 'nobody knows whom' : short(service)}`
  const came = ok ? say`` : say`: ${styled('red', code ?? 'failed')}`
  const where = commit === null ? say`` : say`, ${method === null ? 'at' : 'in'} ${commit}`
  return say`${what}${came}${styled('dim', say`, ${grouped(gas)} gas${where}`)}`
}
