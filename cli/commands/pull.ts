import type { PulledUpstream } from '../../daemon/api/vocabulary.ts'
import { bytes, counted } from '../format.ts'
import { listFunctions } from '../invoke.ts'
import { prepareFolder } from '../new-folder.ts'
import { serviceName } from '../service-name.ts'
import { shellWord } from '../shell-word.ts'
import { say, styled, type Text, table } from '../text.ts'
import type { Command, Context } from '../types.ts'
import { NOT_HERE } from '../verdict.ts'
import { warnings } from './build.ts'

export const pull: Command = {
  name: 'pull',
  summary: 'fetch contract, state and history; works offline after',
  args: [{ name: 'NAME', help: 'a service or a contract: a name or a CID' }],
  flags: [
    { name: 'out', value: 'DIR', help: 'write its sources into this new folder' },
    { name: 'verify', help: 'wait until its whole history was run again here' },
    { name: 'upstream', help: 'not the service, but the one that it was forked from: how far is that ahead?' },
    { name: 'check', help: 'look through all that is here of it, and fetch again what the disk lost or damaged' },
  ],
  examples: [`pull '~k51.../guestbook'`, `pull '~k51.../guestbook' --verify`, 'pull bafy... --out guestbook'],

  async run(context) {
    const { flags, request, words } = context
    const name = serviceName(words[0])
    const out = flags.text('out')
    // refused before anything is fetched
    const folder = out === undefined ? undefined : await prepareFolder(out)
    try {
      const params = {
        name,
        ...(flags.has('verify') && { verify: true }),
        ...(flags.has('check') && { check: true }),
        ...(flags.has('upstream') && { upstream: true }),
      }
      const pulled = await request('pull', params, { doing: `fetching ${name}` })
      const files = pulled.files.map(({ path }) => path)
      await folder?.write(pulled.files.map(({ path, bytes }) => ({ path, content: Buffer.from(bytes, 'base64') })))
      return {
        value: { ...pulled, files, ...(out === undefined ? {} : { dir: out }) },
        human: [
          pulled.blocks === 0
            ? say`Up to date: ${styled('bold', name)}`
            : say`Pulled ${styled('bold', name)}, ${bytes(pulled.bytes)} in ${counted(pulled.blocks, 'block')}`,
          ...(pulled.mended === 0
            ? []
            : [say`  of which ${counted(pulled.mended, 'block')} that was lost or damaged on this disk`]),
          ...table([
            ['  contract', pulled.contract],
            ...(pulled.service === null ? [] : [['  service', pulled.service]]),
            ...(pulled.commit === null ? [] : [['  commit', `${pulled.commit} (${pulled.trust})`]]),
            ...aheadOf(pulled.upstream),
            ...(out === undefined ? [] : [['  sources', `${files.length} files in ${out}`]]),
          ]),
        ],
        notes: [
          ...stillLost(pulled.lost),
          ...warnings(flags.has('verify') && pulled.trust === 'signed' ? [NOT_WHOLE] : []),
          ...(pulled.upstream ? merging(name, pulled.upstream) : []),
          ...(pulled.service === null || pulled.upstream ? [] : await next(context, name)),
        ],
      }
    } finally {
      await folder?.discard()
    }
  },
}

const NOT_WHOLE = `some of its history was not run again here, but begun with a state as its host signed it: what came before is not here: ${NOT_HERE}`

function aheadOf(upstream: PulledUpstream | undefined): string[][] {
  if (upstream === undefined) return []
  const { service, name, base, ahead } = upstream
  return [
    ['  upstream', name ?? service],
    ['  ahead', ahead <= 0 ? 'by nothing' : `by ${counted(ahead, 'commit')} since ${base}`],
  ]
}

function merging(name: string, { service, name: upstream = service, ahead }: PulledUpstream): Text[] {
  if (ahead <= 0) return []
  return [say`Next: amigo diff ${shellWord(name)} ${shellWord(upstream)}, or amigo merge ${shellWord(name)}`]
}

function stillLost([first, ...more]: readonly string[]): Text[] {
  if (first === undefined) return []
  const others = more.length === 0 ? '' : `, and ${counted(more.length, 'other')}`
  return [
    say`The block ${first}${others} is missing or damaged on this disk, and nobody who can be reached has it: pull with --check again when somebody who does is there.`,
  ]
}

/** What can be asked of it without arguments: its page, else a query; nothing if there is none. */
async function next(context: Context, name: string): Promise<Text[]> {
  if (context.settings.json || context.settings.quiet) return []
  const functions = await listFunctions(context, name).catch(() => [])
  const has = (wanted: string): boolean => functions.some((fn) => fn.name === wanted)
  if (has('render')) return [say`Next, also offline: amigo render ${shellWord(name)}`]
  const query = functions.find(({ kind, params }) => kind === 'query' && params.every((p) => p.optional || p.rest))
  return query === undefined ? [] : [say`Next, also offline: amigo query ${shellWord(name)} ${query.name}`]
}
