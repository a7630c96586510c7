/** amigo.lock: what `amigo import` found for each import of amigo.yaml. */
import { sha256 } from 'multiformats/hashes/sha2'
import { parseDocument } from 'yaml'
import { LOCK_FILE, MAX_LOCK_BYTES } from '../constants.ts'
import { ContractError } from '../errors.ts'
import { IMPORT_MODES, isImportName, isRange } from '../import-names.ts'
import { isRecord } from '../is-record.ts'
import { MANIFEST_RULES } from '../manifest-rules.ts'
import { networkOfImport } from '../networks.ts'
import type { ImportMode, ImportRule, Manifest } from '../types.ts'
import type { Lock, Locked } from './types.ts'
import { isInRange } from './version-range.ts'

const HEAD = `# What the imports of amigo.yaml are. Written by amigo import and checked at every build: do not edit it.
`
const FIELDS = ['range', 'mode', 'version', 'contract', 'service', 'commit', 'interface', 'types', 'network'] as const
type Field = (typeof FIELDS)[number]
const CALLED: readonly Field[] = ['range', 'mode', 'version', 'contract', 'service', 'interface', 'types']
const FIELDS_OF: Record<ImportMode, readonly Field[]> = {
  live: CALLED,
  fork: [...CALLED, 'commit'],
  code: ['range', 'mode', 'version', 'contract'],
}

const fieldsOf = ({ mode, network }: Pick<Locked, 'mode' | 'network'>): readonly Field[] =>
  network === undefined ? FIELDS_OF[mode] : [...FIELDS_OF[mode], 'network']

/** What of a manifest a lock is checked against. */
type Imports = Pick<Manifest, 'imports' | 'networks'>

const RAW = /^bafkrei[a-z2-7]{52}$/
const CBOR = /^bafyrei[a-z2-7]{52}$/
const isMatch = (form: RegExp) => (value: string) => form.test(value)
const OK: Record<Field, (value: string) => boolean> = {
  range: isRange,
  mode: (value) => IMPORT_MODES.some((mode) => mode === value),
  version: MANIFEST_RULES.version.ok,
  contract: isMatch(CBOR),
  service: isMatch(CBOR),
  commit: isMatch(CBOR),
  interface: isMatch(CBOR),
  types: isMatch(RAW),
  network: isMatch(CBOR),
}

/** The text of a lock, the same for the same imports. */
export async function writeLock(lock: Lock): Promise<string> {
  const names = Object.keys(lock).sort()
  const entries = await Promise.all(names.map((name) => entryText(name, lock[name]!)))
  return `${HEAD}v: 1\nimports:${entries.length === 0 ? ' {}' : ''}\n${entries.join('')}`
}

async function entryText(name: string, locked: Locked): Promise<string> {
  const lines = fieldsOf(locked).map((field) => `    ${field}: ${JSON.stringify(locked[field] ?? '')}\n`)
  return `  ${JSON.stringify(name)}:\n${lines.join('')}    check: ${JSON.stringify(await checkOf(name, locked))}\n`
}

/** A few digits for each field, so that whoever edited one can be told which. */
async function checkOf(name: string, locked: Locked): Promise<string> {
  const digits = fieldsOf(locked).map(async (field) => {
    const { digest } = await sha256.digest(new TextEncoder().encode(JSON.stringify([name, field, locked[field]])))
    return Buffer.from(digest).toString('hex').slice(0, 8)
  })
  return (await Promise.all(digits)).join(' ')
}

/**
 * Reads an amigo.lock. Every field has its form, is as `writeLock` left it, and says of its import what amigo.yaml says.
 * Throws LOCK_INVALID, which names the field.
 *
 * @param manifest amigo.yaml; `checkLock` says whether there are more imports or fewer
 */
export async function parseLock(bytes: Uint8Array, manifest: Imports): Promise<Lock> {
  const entries = readEntries(bytes)
  const lock: Lock = {}
  for (const [name, entry] of Object.entries(entries)) {
    const shown = JSON.stringify(name.slice(0, 100))
    if (!isImportName(name)) throw lockInvalid(`${shown} is no name of a service`)
    lock[name] = await readEntry(name, entry, manifest)
  }
  return lock
}

/** The entries of an amigo.lock that are as they should be, whatever the others are. */
export async function validEntries(bytes: Uint8Array, manifest: Imports): Promise<Lock> {
  const entries = await unlessInvalid(async () => readEntries(bytes))
  const lock: Lock = {}
  for (const name of Object.keys(manifest.imports)) {
    const isThere = entries !== undefined && Object.hasOwn(entries, name)
    const locked = isThere ? await unlessInvalid(() => readEntry(name, entries[name], manifest)) : undefined
    if (locked !== undefined) lock[name] = locked
  }
  return lock
}

async function unlessInvalid<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof ContractError) return undefined
    throw error
  }
}

function readEntries(bytes: Uint8Array): Record<string, unknown> {
  if (bytes.length > MAX_LOCK_BYTES) throw lockInvalid(`it is larger than ${MAX_LOCK_BYTES} bytes`)
  let value: unknown
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    const document = parseDocument(text, { schema: 'failsafe', strict: true, prettyErrors: false })
    if (document.errors.length > 0 || document.warnings.length > 0) throw new Error('flawed')
    value = document.toJS({ maxAliasCount: 0 })
  } catch {
    throw lockInvalid('it cannot be read')
  }
  const { v, imports, ...more } = isRecord(value) ? value : {}
  if (v !== '1' || !isRecord(imports) || Object.keys(more).length > 0)
    throw lockInvalid('it is no list of imports, v: 1')
  return imports
}

async function readEntry(name: string, entry: unknown, manifest: Imports): Promise<Locked> {
  const rule = Object.hasOwn(manifest.imports, name) ? manifest.imports[name] : undefined
  if (!isRecord(entry)) throw lockInvalid(`${name} has no fields`, name)
  for (const field of ['range', 'mode']) {
    const wanted = rule?.[field as 'range' | 'mode']
    if (wanted !== undefined && wanted !== entry[field])
      throw lockInvalid(
        `${field} of ${name} is ${JSON.stringify(String(entry[field]).slice(0, 40))}, and ${wanted} in amigo.yaml`,
        name,
      )
  }
  const mode = IMPORT_MODES.find((known) => known === entry['mode'])
  if (mode === undefined) throw lockInvalid(`mode of ${name} is none`, name)
  if (rule !== undefined) checkNetwork(name, entry['network'], manifest)
  const fields = fieldsOf({ mode, ...(entry['network'] !== undefined && { network: '' }) })
  const wrong = fields.find((field) => typeof entry[field] !== 'string' || !OK[field](entry[field]))
  if (wrong !== undefined) throw lockInvalid(`${wrong} of ${name} is missing or none`, name)
  const unknown = Object.keys(entry).find((key) => key !== 'check' && !fields.includes(key as Field))
  if (unknown !== undefined) throw lockInvalid(`${JSON.stringify(unknown.slice(0, 40))} is no field of ${name}`, name)
  const { check, ...said } = entry
  const locked = said as unknown as Locked
  if (!isInRange(locked.range, locked.version)) throw lockInvalid(`version of ${name} is not in its range`, name)
  const [found, expected] = [String(check).split(' '), (await checkOf(name, locked)).split(' ')]
  const changed = fields.find((_, index) => found[index] !== expected[index])
  if (changed === undefined && found.length === expected.length) return locked
  throw lockInvalid(`${changed ?? 'check'} of ${name} was changed by hand`, name)
}

/** A name means one network in a folder: that of amigo.yaml. */
function checkNetwork(name: string, said: unknown, manifest: Imports): void {
  const wanted = networkOfImport(name, manifest)?.network.id
  if (said === wanted) return
  const shown = said === undefined ? 'not pinned' : String(said).slice(0, 64)
  const own = wanted === undefined ? 'amigo.yaml does not say how it is reached' : `${wanted} in amigo.yaml`
  throw lockInvalid(`network of ${name} is ${shown}, and ${own}`, name)
}

/** Whether a lock has the imports of amigo.yaml and no others. Throws LOCK_INVALID. */
export function checkLock(lock: Lock, imports: Record<string, ImportRule>): void {
  const missing = Object.keys(imports).find((name) => !Object.hasOwn(lock, name))
  if (missing !== undefined) throw lockInvalid(`it does not have ${missing}, which amigo.yaml imports`, missing, '')
  const more = Object.keys(lock).find((name) => !Object.hasOwn(imports, name))
  if (more === undefined) return
  const message = `${LOCK_FILE}: it has ${more}, which amigo.yaml does not import.`
  throw new ContractError('LOCK_INVALID', message, 'Make it fit amigo.yaml: amigo import')
}

/** LOCK_INVALID. @param reason completes "amigo.lock: ..." @param flag of `amigo import NAME` */
export function lockInvalid(reason: string, name?: string, flag = ' --update'): ContractError {
  const command = `amigo import${name === undefined ? '' : ` ${name}`}${flag}`
  return new ContractError('LOCK_INVALID', `${LOCK_FILE}: ${reason}.`, `Have it written again: ${command}`)
}
