/** Imports, and what a module holds beside the contract's own files, as they stand in the root block of a contract. */
import { MAX_FUNCTIONS, MAX_LICENSE_LENGTH, MAX_PACKAGE_NAME_LENGTH } from './constants.ts'
import { isImportName, isRange } from './import-names.ts'
import { exported } from './interface-shape.ts'
import { MANIFEST_RULES } from './manifest-rules.ts'
import { networkProblems, withNamedNetworks } from './networks.ts'
import { pathProblem } from './path.ts'
import { blockName, isMap, list, one, record, refuse, type Shape, text } from './shape.ts'
import type { BundledPart, ContractImport, ImportMode, Manifest } from './types.ts'

const name = checked(isImportName, 'the name of a service')
const range = checked(isRange, 'a range of versions')
const version = checked(MANIFEST_RULES.version.ok, MANIFEST_RULES.version.is)
const PACKAGE = /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[A-Za-z0-9~-][A-Za-z0-9._~-]*$/

/** Whether npm may call a package so. */
export function isPackageName(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_PACKAGE_NAME_LENGTH && PACKAGE.test(value)
}

const pinned = { name, range, version, contract: blockName }
const called = { ...pinned, service: blockName, functions: list(exported, MAX_FUNCTIONS) }
const MODES: { [M in ImportMode]: Shape<Extract<ContractImport, { mode: M }>> } = {
  live: record({ ...called, mode: one('live') }),
  fork: record({ ...called, mode: one('fork'), commit: blockName }),
  code: record({ ...pinned, mode: one('code') }),
}

/** An import as the root pins it. */
export const pinnedImport: Shape<ContractImport> = byKey<ContractImport>('mode', MODES)

const path = checked((value) => typeof value === 'string' && pathProblem(value) === undefined, 'a safe path')
const PARTS: { [K in BundledPart['kind']]: Shape<Extract<BundledPart, { kind: K }>> } = {
  npm: record({
    kind: one('npm'),
    name: checked(isPackageName, 'the name of a package'),
    version,
    license: text(MAX_LICENSE_LENGTH),
    path,
  }),
  code: record({ kind: one('code'), name, version, contract: blockName, path }),
}

/** What a module holds beside the contract's own files. */
export const bundledPart: Shape<BundledPart> = byKey<BundledPart>('kind', PARTS)

/** Whether the imports are those of the manifest, once each and in order, and the networks those of the imports. @throws ShapeError */
export function checkImports(manifest: Manifest, imports: readonly ContractImport[]): void {
  const { imports: rules } = manifest
  if (networkProblems(manifest).length > 0) refuse('root.manifest.networks', 'all that its imports need')
  if (withNamedNetworks(manifest).unnamed.length > 0) refuse('root.manifest.networks', 'of its imports alone')
  if (imports.length !== Object.keys(rules).length) refuse('root.imports', 'as many as those of the manifest')
  for (const [index, found] of imports.entries()) {
    const rule = Object.hasOwn(rules, found.name) ? rules[found.name] : undefined
    if (rule?.range !== found.range || rule.mode !== found.mode) refuse(`root.imports[${index}]`, 'one of the manifest')
    if (index > 0 && found.name <= imports[index - 1]!.name) refuse('root.imports', 'in order')
    const names = found.mode === 'code' ? [] : found.functions.map((fn) => fn.name)
    if (new Set(names).size !== names.length) refuse(`root.imports[${index}].functions`, 'free of doubles')
  }
}

/** Whether each part is there once, in order, and has files among the sources. @throws ShapeError */
export function checkBundle(bundle: readonly BundledPart[], sources: readonly string[]): void {
  for (const [index, part] of bundle.entries()) {
    if (index > 0 && part.path <= bundle[index - 1]!.path) refuse('root.bundle', 'in order')
    if (!sources.some((source) => source.startsWith(`${part.path}/`)))
      refuse(`root.bundle[${index}]`, 'among the sources')
  }
}

function checked<T>(
  ok: ((value: unknown) => value is T) | ((value: unknown) => boolean),
  is: string,
): Shape<T & string> {
  return (value, at) => (ok(value) ? (value as T & string) : refuse(at, is))
}

/** One of several maps, which are told apart by one of their keys. */
function byKey<T>(key: string, shapes: Record<string, Shape<T>>): Shape<T> {
  return (value, at) => {
    const kind = isMap(value) ? value[key] : undefined
    if (typeof kind !== 'string' || !Object.hasOwn(shapes, kind)) return refuse(at, `a map with a ${key}`)
    return shapes[kind]!(value, at)
  }
}
