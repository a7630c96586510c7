/** Follows what a contract's code imports: its own files, services, the code of other contracts, npm packages. */
import type { CID } from 'multiformats/cid'
import { IMPORTS_FOLDER, MAX_BUNDLED } from '../constants.ts'
import { resolveImport } from '../imports.ts'
import type { BundledPart, Contract, ContractImport, Manifest } from '../types.ts'
import { createCodeReader } from './code-reader.ts'
import { createPackages, type Packages } from './npm.ts'
import type { Want } from './npm-files.ts'
import { readImports, readPinned, typesPath } from './pinned.ts'
import type { Refusal } from './refusal.ts'
import { splitSpecifier } from './service-specifier.ts'
import { stubOf, stubPath } from './stub.ts'
import type { Link, Reader } from './types.ts'

export type Followed = Link | { builtin: string } | Refusal

export interface Linker {
  /** of amigo.yaml, as amigo.lock pins them; those that are called with their whole interface */
  imports: readonly ContractImport[]
  /** @param from path of the module in which the specifier stands @param want what for, where that is a file of a package */
  follow(from: string, specifier: string | undefined, want?: Want): Promise<Followed>
  /** by a path that `follow` gave: a source, or what stands for a service */
  read(path: string): Promise<Uint8Array | undefined>
  /** whether the module is of an npm package, which keeps to other rules than those of contracts */
  isPackaged(path: string): boolean
  /** whether the module may be left out where nothing of it is used */
  isPure(path: string): boolean
  /** under which its variables are shown, which stays the same with another version of what it is of */
  statePathOf(path: string): string
  /** what is beside the contract's own files, of the modules that it really holds */
  bundled(modules: Iterable<string>): BundledPart[]
  /** sources that are made here */
  made(): { path: string; content: Uint8Array }[]
}

/** The contract itself, or one whose code is linked into it. */
interface Unit {
  /** of its sources: empty, or a folder with a slash behind it */
  prefix: string
  name: string
  version: string
  contract?: Contract
  imports: readonly ContractImport[]
  packages: Packages
  reader: Reader
  /** names from the contract down to this one */
  chain: readonly string[]
}

/** Throws LOCK_INVALID and BUILD_FAILED if what is imported was changed by hand. */
export async function createLinker(folder: Reader, manifest: Manifest): Promise<Linker> {
  const imports = await readImports(folder, manifest)
  const own: Unit = {
    ...{ prefix: '', name: manifest.name, version: manifest.version, chain: [] },
    ...{ imports, reader: folder, packages: createPackages(folder, '') },
  }
  const units = new Map<string, Unit>([['', own]])
  const stubs = new Map<string, Uint8Array>()

  const unitOf = (path: string): Unit => {
    const [first, second] = path.split('/')
    return (first === IMPORTS_FOLDER ? units.get(`${first}/${second}/`) : undefined) ?? own
  }

  const openCode = async (from: Unit, name: string, version: string, cid: CID): Promise<Unit | Refusal> => {
    const prefix = `${IMPORTS_FOLDER}/${cid}/`
    const known = units.get(prefix)
    if (from.chain.includes(name)) return circle([...from.chain, name])
    if (known !== undefined) return known
    if (units.size > MAX_BUNDLED)
      return { reason: `more than ${MAX_BUNDLED} contracts are linked`, hint: 'Import fewer.' }
    const contract = await readPinned(folder, cid, name)
    const reader = createCodeReader(folder, contract, prefix)
    const packages = createPackages(reader, prefix)
    const chain = [...from.chain, name]
    const unit: Unit = { prefix, name, version, contract, imports: contract.imports, reader, packages, chain }
    units.set(prefix, unit)
    return unit
  }

  const service = async (unit: Unit, name: string, range: string | undefined): Promise<Followed> => {
    const found = unit.imports.find((one) => one.name === name)
    if (found === undefined)
      return {
        reason: 'amigo.yaml does not import it',
        hint: `Add it: amigo import ${name}${range === undefined ? '' : `@${range}`}`,
      }
    if (range !== undefined && range !== found.range)
      return {
        reason: `its range here is ${range}, and ${found.range} in amigo.yaml`,
        hint: 'Leave the range away here.',
      }
    if (found.mode === 'code') {
      const code = await openCode(unit, name, found.version, found.contract)
      return 'reason' in code ? code : { path: `${code.prefix}${code.contract!.manifest.main}`, import: name }
    }
    if (unit !== own)
      return {
        reason: `${unit.name} calls it, and only pure code can be linked`,
        hint: `Import ${unit.name} with --mode live.`,
      }
    const path = stubPath(name)
    stubs.set(path, new TextEncoder().encode(stubOf(name, found.functions)))
    return { path, types: typesPath(found.contract), import: name }
  }

  const packaged = async (unit: Unit, specifier: string): Promise<Followed> => {
    const [runs, types] = [
      await unit.packages.resolve(specifier, 'import'),
      await unit.packages.resolve(specifier, 'types'),
    ]
    if ('reason' in runs && 'reason' in types) return runs
    const typed = 'reason' in types ? ('path' in runs && runs.path.endsWith('.json') ? runs.path : null) : types.path
    return { ...('reason' in runs ? {} : { path: runs.path }), types: typed }
  }

  const ownFile = async ({ prefix, reader }: Unit, files: readonly string[]): Promise<Followed> => {
    for (const file of files) if (await reader.isFile(prefix + file)) return { path: prefix + file }
    const [first = ''] = files
    const reason = `there is no ${first}, or it is a link, and only .ts, .js and .json are imported`
    return { reason, hint: 'Check the name, letter by letter; links are not followed.' }
  }

  const inUnit = async (unit: Unit, from: string, specifier: string | undefined): Promise<Followed> => {
    const resolved = resolveImport(from.slice(unit.prefix.length), specifier)
    if ('files' in resolved) return ownFile(unit, resolved.files)
    if (!('bare' in resolved)) return resolved
    const { name, range, isService } = splitSpecifier(resolved.bare)
    if (isService || unit.imports.some((one) => one.name === name)) return service(unit, name, range)
    return packaged(unit, resolved.bare)
  }

  return {
    imports,
    async follow(from, specifier, want = 'import') {
      const unit = unitOf(from)
      const file = unit.packages.fileAt(from)
      if (file === undefined) return stubs.has(from) ? { builtin: specifier ?? '' } : inUnit(unit, from, specifier)
      if (specifier === undefined) return { reason: 'import() needs a fixed text', hint: 'Use another package.' }
      const found = await unit.packages.resolve(specifier, want, file)
      return 'reason' in found ? found : { path: found.path }
    },
    async read(path) {
      const unit = unitOf(path)
      const file = unit.packages.fileAt(path)
      return stubs.get(path) ?? (file === undefined ? unit.reader.read(path) : unit.packages.read(file))
    },
    isPackaged: (path) => unitOf(path).packages.fileAt(path) !== undefined,
    isPure: (path) => stubs.has(path) || (unitOf(path).packages.fileAt(path)?.package.isPure ?? false),
    statePathOf(path) {
      const { prefix, name, version } = unitOf(path)
      if (prefix === '') return path
      const isOnly = [...units.values()].filter((one) => one.prefix !== '' && one.name === name).length === 1
      return `${name}${isOnly ? '' : `@${version}`}/${path.slice(prefix.length)}`
    },
    bundled(modules) {
      const parts = new Map<string, BundledPart>()
      for (const path of modules) {
        const unit = unitOf(path)
        const found = unit.packages.fileAt(path)?.package
        if (found !== undefined) {
          const { name, version, license } = found
          parts.set(found.path, { kind: 'npm', name, version, license, path: found.path })
        } else if (unit.contract !== undefined && !stubs.has(path)) {
          const at = unit.prefix.slice(0, -1)
          const { name, version, contract } = unit
          parts.set(at, { kind: 'code', name, version, contract: contract.cid, path: at })
        }
      }
      return [...parts.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
    },
    made: () => [...units.values()].flatMap(({ packages }) => packages.links() ?? []),
  }
}

function circle(chain: readonly string[]): Refusal {
  const first = chain.indexOf(chain.at(-1)!)
  return {
    reason: `code imports itself: ${chain.slice(first).join(' -> ')}`,
    hint: 'Import one of them with --mode live.',
  }
}
