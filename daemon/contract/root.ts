import type { CID } from 'multiformats/cid'
import {
  IMPORTS_FOLDER,
  LOCK_FILE,
  MANIFEST_FILE,
  MAX_BUNDLED,
  MAX_FUNCTIONS,
  MAX_IMPORTS,
  MAX_PARAMETERS,
  MAX_SOURCES,
} from './constants.ts'
import { bundledPart, checkBundle, checkImports, pinnedImport } from './import-shape.ts'
import { exported, parameter } from './interface-shape.ts'
import { MANIFEST_RULES } from './manifest-rules.ts'
import { isNetworks } from './networks.ts'
import { collidingPath, pathProblem } from './path.ts'
import { list, one, rawLink, record, refuse, type Shape, withOptional } from './shape.ts'
import type { BundledPart, ContractImport, ExportedFunction, Manifest, Parameter } from './types.ts'

/** The root block of a contract, as specs/contract.md lays it out. */
export interface Root {
  amigos: 'contract'
  v: 1
  manifest: Manifest
  interface: ExportedFunction[]
  init: Parameter[] | null
  module: CID
  imports: ContractImport[]
  bundle: BundledPart[]
  sources: { path: string; content: CID }[]
}

const shape: Shape<Root> = record({
  amigos: one('contract'),
  v: one(1),
  manifest: withOptional(
    record<Omit<Manifest, 'networks'>>({
      name: ruled('name'),
      version: ruled('version'),
      main: ruled('main'),
      description: ruled('description'),
      tags: ruled('tags'),
      access: ruled('access'),
      limits: ruled('limits'),
      imports: ruled('imports'),
    }),
    'networks',
    checked(isNetworks, MANIFEST_RULES.networks.is),
  ),
  interface: list(exported, MAX_FUNCTIONS),
  init: orNull(list(parameter, MAX_PARAMETERS)),
  module: rawLink,
  imports: list(pinnedImport, MAX_IMPORTS),
  bundle: list(bundledPart, MAX_BUNDLED),
  sources: list(record({ path, content: rawLink }), MAX_SOURCES),
})

/** Checks every field of a decoded root, and what they say of each other. Throws ShapeError. */
export function checkRoot(value: unknown): Root {
  const root = shape(value, 'root')
  const names = root.interface.map(({ name }) => name)
  if (new Set(names).size !== names.length) refuse('root.interface', 'free of doubles')
  const unknown = Object.keys(root.manifest.access.functions).find((name) => !names.includes(name))
  if (unknown !== undefined) refuse('root.manifest.access.functions', 'of exported functions')
  const paths = root.sources.map(({ path }) => path)
  if (paths.some((path, index) => index > 0 && path <= (paths[index - 1] ?? ''))) refuse('root.sources', 'in order')
  if (collidingPath(paths) !== undefined) refuse('root.sources', 'a set of files that every system can store')
  if (!paths.includes(MANIFEST_FILE) || !paths.includes(root.manifest.main)) refuse('root.sources', 'complete')
  checkImports(root.manifest, root.imports)
  checkBundle(root.bundle, paths)
  return root
}

function orNull<T>(inner: Shape<T>): Shape<T | null> {
  return (value, at) => (value === null ? null : inner(value, at))
}

function checked<T>(ok: (value: unknown) => value is T, is: string): Shape<T> {
  return (value, at) => (ok(value) ? value : refuse(at, is))
}

function ruled<F extends keyof Manifest>(name: F): Shape<Manifest[F]> {
  const { is, ok } = MANIFEST_RULES[name]
  return (value, at) => (ok(value) ? (value as Manifest[F]) : refuse(at, is))
}

function path(value: unknown, at: string): string {
  if (typeof value !== 'string' || pathProblem(value) !== undefined) return refuse(at, 'a safe path')
  if (value === MANIFEST_FILE || value === LOCK_FILE || /\.(ts|js|json)$/.test(value)) return value
  const isImported = value.startsWith(`${IMPORTS_FOLDER}/`) && /\.([mc][jt]s|cbor)$/.test(value)
  return isImported ? value : refuse(at, 'the path of a source')
}
