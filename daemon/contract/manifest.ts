import { basename, resolve } from 'node:path'
import { type Document, LineCounter, parseDocument } from 'yaml'
import { AccessProblem, PUBLIC_ACCESS, readAccess } from './access.ts'
import { MANIFEST_FILE, MAX_MANIFEST_BYTES } from './constants.ts'
import { ContractError } from './errors.ts'
import type { Folder } from './folder.ts'
import { IMPORT_MODES, isImportName, isRange } from './import-names.ts'
import { isRecord } from './is-record.ts'
import { DEFAULT_LIMITS, LIMIT_RULES, readLimit } from './limits.ts'
import { MANIFEST_RULES } from './manifest-rules.ts'
import { isNetworkName, plainInvite } from './networks.ts'
import type { Access, ImportRule, Limits, Manifest } from './types.ts'

const FIELDS = Object.keys(MANIFEST_RULES) as (keyof Manifest)[]
const KEYS: readonly string[] = FIELDS
const MISSPELT = ['amigo.yml', 'amigos.yaml', 'amigos.yml', 'Amigo.yaml', 'Amigo.yml']
const HINT = `The keys are ${KEYS.join(', ')}; name and version are needed.`

/** Says which folder lacks a manifest, and whether one lies there under a name that is nearly right. */
export async function noManifest(dir: string, folder: Folder): Promise<ContractError> {
  const present = await Promise.all(MISSPELT.map(async (file) => ((await folder.has(file)) ? file : undefined)))
  const misspelt = present.find((file) => file !== undefined)
  // `.` and `..` say little to somebody who is in the wrong folder.
  const shown = /^[./\\]*$/.test(dir) ? basename(resolve(dir)) || dir : dir
  return new ContractError(
    'MANIFEST_NOT_FOUND',
    misspelt === undefined
      ? `There is no ${MANIFEST_FILE} in the folder ${shown}, or it is a link.`
      : `There is no ${MANIFEST_FILE} in the folder ${shown}, only ${misspelt}.`,
    misspelt === undefined
      ? 'Name a contract folder, or make one: amigo init DIR'
      : `Rename ${misspelt} to ${MANIFEST_FILE}.`,
  )
}

/** Checks the bytes of an `amigo.yaml` and fills in its defaults. Pure. Throws MANIFEST_INVALID. */
export function parseManifest(bytes: Uint8Array): Manifest {
  const keys = readKeys(bytes)
  const name = keys['name']
  const given: { [Field in keyof Manifest]-?: unknown } = {
    name,
    version: keys['version'],
    main: keys['main'] ?? `${name}.ts`,
    description: typeof keys['description'] === 'string' ? keys['description'].trim() : (keys['description'] ?? ''),
    tags: keys['tags'] ?? [],
    access: keys['access'] === undefined ? PUBLIC_ACCESS : accessIn(keys['access']),
    limits: limitsIn(keys['limits'] ?? {}),
    imports: importsIn(keys['imports'] ?? {}),
    networks: networksIn(keys['networks'] ?? {}),
  }
  for (const field of FIELDS) {
    const rule = MANIFEST_RULES[field]
    if (given[field] === undefined && field !== 'networks')
      throw invalid(`${field} is missing`, `${field}: ${rule.is}.`)
    if (!rule.ok(given[field])) throw invalid(`${field} is not valid`, `${field}: ${rule.is}.`)
  }
  const { networks, ...rest } = given
  return (networks === undefined ? rest : given) as Manifest
}

function accessIn(value: unknown): Access {
  try {
    return readAccess(value)
  } catch (error) {
    if (!(error instanceof AccessProblem)) throw error
    const hint =
      'access is public, owner, or has call, query, history and functions with public, owner, user IDs or service IDs.'
    throw invalid(`in access, ${error.message}`, hint)
  }
}

function importsIn(value: unknown): Record<string, ImportRule> {
  const example = 'Write imports as amigo import NAME does: { alice.amigos.net/forum: { range: ^1.2, mode: live } }'
  const entries = mapOf(value)
  if (entries === undefined) throw invalid('imports is no list of names', example)
  return Object.fromEntries(
    entries.map(([name, given]): [string, ImportRule] => {
      const shown = JSON.stringify(name.slice(0, 100))
      const fields = mapOf(given)
      if (!isImportName(name)) throw invalid(`${shown} in imports is no name of a service`, example)
      if (fields === undefined) throw invalid(`the import ${shown} has no range and mode`, example)
      const unknown = fields.find(([key]) => key !== 'range' && key !== 'mode')?.[0]
      if (unknown !== undefined)
        throw invalid(
          `${JSON.stringify(unknown.slice(0, 40))} is no key of the import ${shown}`,
          'The keys are range and mode.',
        )
      const { range = '*', mode = 'live' } = Object.fromEntries(fields)
      if (!isRange(range))
        throw invalid(`the range of ${shown} is none`, 'Ranges are *, ^1.2, ~1.2.3, 1, v1 and 1.2.3.')
      const known = IMPORT_MODES.find((one) => one === mode)
      if (known === undefined)
        throw invalid(`the mode of ${shown} is none`, `The modes are ${IMPORT_MODES.join(', ')}.`)
      return [name, { range, mode: known }]
    }),
  )
}

/** Each invite as it is written in one line, however it was put here. */
function networksIn(value: unknown): Record<string, string> | undefined {
  const example =
    'Write networks as amigo import NAME does: { preview: amigo1... }, with what `amigo network invite` prints.'
  const entries = mapOf(value)
  if (entries === undefined) throw invalid('networks is no list of names', example)
  const found = entries.map(([name, given]): [string, string] => {
    const shown = JSON.stringify(name.slice(0, 100))
    if (!isNetworkName(name)) throw invalid(`${shown} in networks is no name of another network`, example)
    try {
      if (typeof given === 'string') return [name, plainInvite(given)]
    } catch {
      // what is wrong with it is of no use to who cannot write another
    }
    throw invalid(`the network ${shown} has no whole invite`, example)
  })
  return found.length === 0 ? undefined : Object.fromEntries(found)
}

function mapOf(value: unknown): [string, unknown][] | undefined {
  return isRecord(value) ? Object.entries(value) : undefined
}

function limitsIn(value: unknown): Limits {
  const names = Object.keys(DEFAULT_LIMITS)
  const given = mapOf(value)
  if (given === undefined) throw invalid('limits is no list of keys', `The limits are ${names.join(', ')}.`)
  const limits = { ...DEFAULT_LIMITS }
  for (const [name, text] of given) {
    if (!names.includes(name))
      throw invalid(`${JSON.stringify(name.slice(0, 40))} is no limit`, `The limits are ${names.join(', ')}.`)
    const key = name as keyof Limits
    const { min, max, unit } = LIMIT_RULES[key]
    const limit = readLimit(key, text)
    const hint = `${name} is a number from ${min} to ${max}${unit === 'bytes' ? ', in bytes, or with KiB or MiB' : ''}.`
    if (limit === undefined) throw invalid(`the limit ${name} is not valid`, hint)
    limits[key] = limit
  }
  return limits
}

function readKeys(bytes: Uint8Array): Record<string, unknown> {
  if (bytes.length > MAX_MANIFEST_BYTES)
    throw invalid(`it is larger than ${MAX_MANIFEST_BYTES} bytes`, 'A manifest is a few lines.')
  const lines = new LineCounter()
  let keys: unknown
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    // The failsafe schema knows only texts, lists and mappings: `name: no` and `version: 1.0` are what was written.
    const document = parseDocument(text, { schema: 'failsafe', strict: true, lineCounter: lines, prettyErrors: false })
    refuseFlaws(document, lines)
    keys = document.toJS({ maxAliasCount: 0 })
  } catch (error) {
    if (error instanceof ContractError) throw error
    throw invalid('it cannot be read', 'It is UTF-8 YAML without anchors, aliases or deep nesting.')
  }
  if (!isRecord(keys)) throw invalid('it is no list of keys', HINT)
  const unknown = Object.keys(keys).find((key) => !KEYS.includes(key))
  if (unknown !== undefined) throw invalid(`${JSON.stringify(unknown.slice(0, 40))} is no key of a manifest`, HINT)
  return keys
}

function refuseFlaws(document: Document, lines: LineCounter): void {
  const flaw = document.errors[0] ?? document.warnings[0]
  if (flaw === undefined) return
  const { line, col } = lines.linePos(flaw.pos[0])
  throw invalid(`line ${line}, column ${col}: ${flaw.message}`, HINT)
}

function invalid(reason: string, hint: string): ContractError {
  return new ContractError('MANIFEST_INVALID', `${MANIFEST_FILE}: ${reason}.`, hint)
}
