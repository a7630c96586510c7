/** Which contracts an import takes, as the daemon finds them, or as they lie in the folder already. */

import type { Result } from '../daemon/api/vocabulary.ts'
import type { FetchedImport, KeptImport } from '../daemon/contract/linking/import-files.ts'
import type { ImportFolder } from '../daemon/contract/linking/import-folder.ts'
import type { ImportMode, ImportRule, Manifest } from '../daemon/contract/types.ts'
import { CliError } from './errors.ts'
import type { Context } from './types.ts'

/** What was typed. */
export interface Wish {
  /** as it was typed, without a range */
  name: string
  range: string | undefined
  mode: ImportMode | undefined
}

/** An import as it will be: fetched anew, or as it is pinned. */
export type Chosen = Fetched | { kept: KeptImport }

/** An import that was fetched, and what speaks against it. */
export interface Fetched {
  fetched: FetchedImport
  /** how the network is reached that its name names */
  invite?: string
  warnings: string[]
}

/** The import that is asked for: as it is pinned, if nothing else is said of it, else the newest version in its range. */
export async function chooseNamed(context: Context, folder: ImportFolder, { name, ...wish }: Wish): Promise<Chosen> {
  const known = folder.manifest.imports[name]
  const mode = wish.mode ?? known?.mode ?? 'live'
  const range = wish.range ?? known?.range ?? (await folder.writtenRange(name))
  const { isRange } = await import('../daemon/contract/import-names.ts')
  if (range !== undefined && !isRange(range))
    throw new CliError('USAGE', `${range} is no range of versions.`, 'like ^1.2, ~1.2.3, 1, v1, 1.2.3 or *')
  if (known?.mode === mode && known.range === range)
    return chooseOther(context, folder, name, known, context.flags.has('update'))
  const found = await fetchImportable(context, folder.manifest, name, { range: range ?? '*', mode })
  const shown = found.fetched.name
  // the name may have been a short one of what is imported already, or is to be
  if (shown !== name && (folder.manifest.imports[shown] || (await folder.writtenRange(shown))))
    return chooseNamed(context, folder, { ...wish, name: shown })
  return { ...found, fetched: { ...found.fetched, range: range ?? rangeOf(found.fetched) } }
}

/** What does not break what was found, as npm writes it. What only this node has need not be published, and has no versions then. */
function rangeOf({ name, version }: FetchedImport): string {
  const [major, minor] = version.split('.')
  if (name.startsWith('local.land/')) return '*'
  return /[-+]/.test(version) ? version : `^${major}.${minor}`
}

/** One that stands in amigo.yaml. @param update to the newest version in its range */
export async function chooseOther(
  context: Context,
  folder: ImportFolder,
  name: string,
  rule: ImportRule,
  update: boolean,
): Promise<Chosen> {
  const locked = folder.lock[name]
  if (update || locked === undefined) return about(name, fetchImportable(context, folder.manifest, name, rule))
  const kept = await folder.kept(name)
  return kept === undefined ? about(name, fetchPinned(context, folder.manifest, name, locked)) : { kept }
}

/** Of several imports: which of them could not be had. */
async function about<T>(name: string, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    const isNamed = !(error instanceof Error) || error.message.includes(name)
    throw isNamed ? error : Object.assign(error, { message: `${name}: ${error.message}` })
  }
}

/** The newest version in a range. @param manifest may say how its network is reached */
export async function fetchNewest(
  context: Context,
  manifest: Networks,
  name: string,
  { range, mode }: ImportRule,
): Promise<Fetched> {
  const [{ selectorOf }, { inviteFor, isImportName }] = await Promise.all([
    import('../daemon/contract/linking/version-range.ts'),
    import('../daemon/contract/import-names.ts'),
  ])
  const found = await fetchContract(context, `${name}${selectorOf(range)}`, mode, inviteFor(name, manifest))
  const shown = found.name.replace(/@[^/]*$/, '')
  if (!isImportName(shown)) {
    const message = `${name} is not the name of a service.`
    throw new CliError('USAGE', message, 'like alice.amigos.net/forum or local.land/_/forum')
  }
  const { version, contract, service, commit } = found
  return {
    fetched: {
      ...{ name: shown, range, mode, version, contract, ...blocksOf(found) },
      ...(mode !== 'code' && service !== null && { service }),
      ...(mode === 'fork' && commit !== null && { commit }),
      ...(found.network && { network: found.network.id }),
    },
    ...(found.network && { invite: found.network.invite }),
    warnings: found.warnings,
  }
}

/** The same, for a contract. @throws CliError NAME_NOT_SUPPORTED */
async function fetchImportable(context: Context, manifest: Networks, name: string, rule: ImportRule): Promise<Fetched> {
  const found = await fetchNewest(context, manifest, name, rule)
  const { isElsewhere } = await import('../daemon/contract/import-names.ts')
  if (rule.mode === 'fork' && isElsewhere(found.fetched.name)) throw onAnotherNetwork(found.fetched.name)
  return found
}

/** Of its history a copy would have to be made here: specs/imports.md, "Other networks". */
function onAnotherNetwork(name: string): CliError {
  const message = `${name} is on another network: its history is signed for that one, and no copy of it can be verified here.`
  return new CliError('NAME_NOT_SUPPORTED', message, `call it where it runs: amigo import ${name} --mode live`)
}

/** What the lock says, whatever there is by now. */
async function fetchPinned(
  context: Context,
  manifest: Networks,
  name: string,
  locked: KeptImport['locked'],
): Promise<Fetched> {
  const { inviteFor, isElsewhere } = await import('../daemon/contract/import-names.ts')
  // a contract alone does not say on which network it is
  const pinned = isElsewhere(name) ? `${name}@${locked.contract}` : locked.contract
  // what a folder says of a network counts there, whatever the node calls so
  const invite = inviteFor(name, manifest)
  const found = await fetchContract(context, pinned, 'code', invite).catch(async (error: unknown) => {
    // who has the version is known by its name, if nobody can be found by its contract
    const named = await fetchContract(context, `${name}@${locked.version}`, 'code', invite).catch(() => undefined)
    if (named?.contract !== locked.contract) throw error
    return named
  })
  return { fetched: { name, ...locked, ...blocksOf(found) }, warnings: found.warnings }
}

type Found = Result<'contract'>

type Networks = Pick<Manifest, 'networks'>

function fetchContract(context: Context, name: string, mode: ImportMode, invite?: string): Promise<Found> {
  const params = { name, mode, ...(invite !== undefined && { invite }) }
  return context.request('contract', params, { doing: `fetching ${name}` })
}

function blocksOf({ root, files }: Found): Pick<FetchedImport, 'root' | 'sources'> {
  return {
    root: Buffer.from(root, 'base64'),
    sources: files.map(({ path, bytes }) => ({ path, content: Buffer.from(bytes, 'base64') })),
  }
}
