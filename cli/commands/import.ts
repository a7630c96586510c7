import type { KeptImport } from '../../daemon/contract/linking/import-files.ts'
import type { ImportFolder } from '../../daemon/contract/linking/import-folder.ts'
import type { ImportMode, ImportRule } from '../../daemon/contract/types.ts'
import { CliError } from '../errors.ts'
import { breaksError, changesIn, showChange } from '../import-changes.ts'
import { type Chosen, chooseNamed, chooseOther, type Fetched, type Wish } from '../import-choice.ts'
import { type Written, writeImports } from '../import-folder.ts'
import { importTypes } from '../import-types.ts'
import { newerImports } from '../newer-imports.ts'
import { serviceName } from '../service-name.ts'
import { shellWord } from '../shell-word.ts'
import { say, styled, type Text, table } from '../text.ts'
import type { Answer, Command, Context } from '../types.ts'
import { warnings } from './build.ts'

const MODES: readonly ImportMode[] = ['live', 'code', 'fork']

export const importCommand: Command = {
  name: 'import',
  summary: "use another's service in my contract: called, linked, or as a copy of my own",
  args: [
    { name: 'NAME[@RANGE]', optional: true, help: 'the service; all of amigo.yaml if left out' },
    { name: 'DIR', optional: true, help: 'the folder of my contract; the current one if left out' },
  ],
  flags: [
    {
      name: 'mode',
      value: 'MODE',
      help: 'live (its functions are called where it runs), code (linked) or fork (my own copy)',
    },
    { name: 'types', value: 'FILE', help: 'write the types alone, for a program that uses amigos/client' },
    { name: 'update', help: 'to the newest version in the range' },
    { name: 'force', help: 'even if the newer version breaks what the older one promised' },
  ],
  examples: [
    'import alice.amigos.net/forum@^1.2',
    'import carol.amigos.net/text --mode code',
    'import preview.land/alice/forum',
    'import --update',
    'import alice.amigos.net/forum --types forum.d.ts',
  ],
  run: (context) => importServices(context),
}

async function importServices(context: Context): Promise<Answer> {
  const { flags, words } = context
  const dir = words[1] ?? '.'
  const wish = readWish(words[0], flags.text('mode'))
  const types = flags.text('types')
  if (types !== undefined) return importTypes(context, wish, types)
  const [{ readImportFolder }, { makeImportFiles }, { editManifest, editNetworks }] = await Promise.all([
    import('../../daemon/contract/linking/import-folder.ts'),
    import('../../daemon/contract/linking/import-files.ts'),
    import('../../daemon/contract/linking/edit-manifest.ts'),
  ])
  const folder = await readImportFolder(dir)
  const named = wish && (await chooseNamed(context, folder, wish))
  const own = named && importOf(named)
  const chosen: Chosen[] = named === undefined ? [] : [named]
  const update = wish === undefined && flags.has('update')
  for (const [name, rule] of Object.entries(folder.manifest.imports))
    if (name !== own?.name) chosen.push(await chooseOther(context, folder, name, rule, update))
  const fetched = chosen.flatMap((one) => ('fetched' in one ? [one.fetched] : []))
  const reached = chosen.flatMap(reachedBy)
  const made = await makeImportFiles(
    fetched,
    chosen.flatMap((one) => ('kept' in one ? [onNetwork(one.kept, reached)] : [])),
  )
  const changes = await changesIn(folder, fetched, made.interfaces)
  const breaks = changes.flatMap((one) => one.breaks)
  if (breaks.length > 0 && !flags.has('force')) throw breaksError(changes)
  const withImport = own === undefined ? folder.yaml : editManifest(folder.yaml, own.name, own)
  const unknown = reached.filter(({ network }) => !Object.hasOwn(folder.manifest.networks ?? {}, network))
  const yaml = unknown.reduce((text, { network, invite }) => editNetworks(text, network, invite), withImport)
  const last: Written[] = [
    { path: 'amigo.lock', content: Buffer.from(made.lock) },
    ...(yaml === folder.yaml ? [] : [{ path: 'amigo.yaml', content: Buffer.from(yaml) }]),
    ...(folder.tsconfig === undefined ? [{ path: 'tsconfig.json', content: Buffer.from(TSCONFIG) }] : []),
  ]
  await writeImports(dir, made.files, last)
  const shown = chosen.map((one) => ({ ...importOf(one), types: made.types[importOf(one).name]! }))
  const [first] = own === undefined ? [] : shown
  const told = chosen.flatMap((one) => ('warnings' in one ? [...one.warnings, ...moved(folder, one)] : []))
  return {
    value: { ...(first ?? { imports: shown }), changes, breaks, warnings: told },
    human: [...(first === undefined ? shown.map(lineOf) : human(first)), ...changes.flatMap(showChange)],
    notes: [
      ...warnings([...told, ...breaks]),
      ...(flags.has('update') && !context.settings.json ? await newerImports(context, shown) : []),
      ...editorNote(folder.tsconfig),
      ...(first === undefined ? [] : next(first)),
    ],
  }
}

const TSCONFIG = '{ "extends": "./.amigo/tsconfig.json" }\n'

function readWish(word: string | undefined, mode: string | undefined): Wish | undefined {
  const known = MODES.find((one) => one === mode)
  if (mode !== undefined && known === undefined)
    throw new CliError('USAGE', `There is no mode ${mode}.`, `the modes are ${MODES.join(', ')}`)
  if (word === undefined || word === '') {
    if (mode === undefined) return undefined
    throw new CliError('USAGE', '--mode is for one import.', 'name it: amigo import NAME --mode live')
  }
  const text = serviceName(word)
  if (/^baf[a-z2-7]{20,}(@|$)/.test(text))
    throw new CliError(
      'USAGE',
      'An import has a name, and this is a CID.',
      'like alice.amigos.net/forum or local.land/_/forum',
    )
  const at = text.lastIndexOf('@')
  return { name: at > 0 ? text.slice(0, at) : text, range: at > 0 ? text.slice(at + 1) : undefined, mode: known }
}

interface Pinned extends ImportRule {
  name: string
  version: string
  contract: string
  service: string | null
  /** ID of the network that its name names; null: that of the node */
  network: string | null
}

type Shown = Pinned & { types: string }

/** Whoever is asked from now on is somebody else, and has a state of its own: nothing in an interface shows that. */
function moved({ lock }: ImportFolder, { fetched: { name, service } }: Fetched): string[] {
  const before = lock[name]?.service
  const isOther = before !== undefined && service !== undefined && before !== service
  return isOther ? [`${name} is another service now, with a state of its own: ${service}, until now ${before}`] : []
}

/** A network by the name that imports have for it: its ID, and how it is reached. */
interface Reached {
  network: string
  id: string
  invite: string
}

function reachedBy(chosen: Chosen): Reached[] {
  if (!('fetched' in chosen) || chosen.invite === undefined) return []
  const { name, network: id = '' } = chosen.fetched
  return [{ network: labelOf(name), id, invite: chosen.invite }]
}

/** What was linked from there before amigo.yaml said what its name means is pinned to it as well. */
function onNetwork(kept: KeptImport, reached: readonly Reached[]): KeptImport {
  const found = reached.find(({ network }) => kept.name.startsWith(`${network}.land/`))
  return found === undefined ? kept : { ...kept, locked: { ...kept.locked, network: found.id } }
}

const labelOf = (name: string): string => name.slice(0, name.indexOf('.'))

function importOf(chosen: Chosen): Pinned {
  const { name } = 'kept' in chosen ? chosen.kept : chosen.fetched
  const {
    range,
    mode,
    version,
    contract,
    service = null,
    network = null,
  } = 'kept' in chosen ? chosen.kept.locked : chosen.fetched
  return { name, range, mode, version, contract, service, network }
}

const lineOf = ({ name, version, mode }: Shown): Text => say`${styled('bold', name)} ${version} ${styled('dim', mode)}`

function human({ name, version, mode, range, contract, service, network, types }: Shown): Text[] {
  return [
    say`Imported ${styled('bold', name)} ${version}`,
    ...table([
      ['  mode', `${mode}, range ${range}`],
      ['  contract', contract],
      ...(service === null ? [] : [['  service', service]]),
      ...(network === null ? [] : [['  network', network]]),
      ['  types', types],
    ]),
  ]
}

function editorNote(tsconfig: string | undefined): Text[] {
  if (tsconfig === undefined || tsconfig.includes('.amigo/tsconfig.json')) return []
  return [say`So that your editor finds the types, let tsconfig.json extend ./.amigo/tsconfig.json`]
}

function next({ name, mode }: Shown): Text[] {
  const what = mode === 'code' ? 'its functions' : 'its functions, which give promises'
  return [
    say`Next: import { ... } from '${name}' for ${what}; then amigo build (see also: amigo resolve ${shellWord(name)})`,
  ]
}
