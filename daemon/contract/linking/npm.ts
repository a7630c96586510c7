/** The npm packages of a contract: from `node_modules` of its folder, or, where it is compiled from its blocks, from its own sources. */
import { posix } from 'node:path'
import { IMPORTS_FOLDER } from '../constants.ts'
import { isPackageName } from '../import-shape.ts'
import { pathProblem } from '../path.ts'
import { mapExports, mapImports } from './npm-exports.ts'
import { filesFor, isUsable, type Want } from './npm-files.ts'
import { NATIVE, readPackage } from './npm-package.ts'
import { createPackagePlaces } from './npm-places.ts'
import type { Refusal } from './refusal.ts'
import type { Package, PackageFile, Reader } from './types.ts'

export interface Packages {
  /** Follows a specifier. @param from where it stands, if that is not the contract's own code */
  resolve(specifier: string, want: Want, from?: PackageFile): Promise<PackageFile | Refusal>
  /** by the path that `resolve` gave */
  fileAt(path: string): PackageFile | undefined
  read(file: PackageFile): Promise<Uint8Array | undefined>
  /** which package means which by a name, as a source of the contract; undefined if it is one already, or nothing was used */
  links(): { path: string; content: Uint8Array } | undefined
}

const CONDITIONS: Record<Want, ReadonlySet<string>> = {
  import: new Set(['import', 'default']),
  require: new Set(['require', 'default']),
  types: new Set(['types', 'import', 'default']),
}
const BUILTIN =
  /^(node:.*|(assert|async_hooks|buffer|child_process|cluster|console|constants|crypto|dgram|diagnostics_channel|dns|domain|events|fs|http|http2|https|inspector|module|net|os|path|perf_hooks|process|punycode|querystring|readline|repl|stream|string_decoder|sys|timers|tls|tty|url|util|v8|vm|wasi|worker_threads|zlib)(\/.*)?)$/
const NODE: Refusal = {
  reason: 'it is a module of Node.js, and a contract runs without',
  hint: 'Use a package that needs nothing but JavaScript.',
}
const NO_NAME: Refusal = {
  reason: 'it is no name of a package',
  hint: 'Correct its spelling; aliases of tsconfig.json are not known here: import relatively.',
}
const ELSEWHERE: Refusal = { reason: 'it leads out of its package', hint: 'Use another package.' }

/** @param prefix of the contract's sources: empty, or a folder with a slash behind it */
export function createPackages(reader: Reader, prefix: string): Packages {
  const root = `${prefix}${IMPORTS_FOLDER}/npm`
  const places = createPackagePlaces(reader, prefix, root)
  const byId = new Map<string, Package>()
  const files = new Map<string, PackageFile>()

  const open = async (name: string, place: string): Promise<Package | Refusal> => {
    const bytes = await reader.peek(`${place}/package.json`)
    const json = bytes && readPackage(name, bytes)
    if (json === undefined || 'reason' in json) return json ?? notInstalled(name)
    if (await reader.isFile(`${place}/binding.gyp`)) return NATIVE
    const id = `${json.name}@${json.version}`
    const known = byId.get(id)
    if (known !== undefined) return known
    const found: Package = { ...json, path: `${root}/${id}`, place }
    // another contract is made from it again, so it is a source as what it describes
    await reader.read(`${found.path}/package.json`, `${place}/package.json`)
    byId.set(id, found)
    return found
  }

  const find = async (name: string, from: Package | undefined): Promise<Package | Refusal> => {
    const place = await places.find(name, from)
    if (typeof place !== 'string') return place ?? notInstalled(name)
    const found = await open(name, place)
    if (!('reason' in found)) places.note(name, from, found)
    return found
  }

  const take = (found: Package, file: string, want: Want): PackageFile | Refusal => {
    const path = `${found.path}/${file}`
    if (file.endsWith('.node')) return NATIVE
    if (!isUsable(file, want))
      return { reason: `${file} is no JavaScript`, hint: 'Use a package that is JavaScript alone.' }
    const problem = pathProblem(path)
    if (problem !== undefined) return { reason: `${path}: ${problem}`, hint: 'Use another package.' }
    const known: PackageFile = files.get(path) ?? { package: found, file, path }
    files.set(path, known)
    return known
  }

  /** A file by a path inside the package, which may lack its suffix, or be a folder. */
  const fileOf = async (found: Package, wanted: string, want: Want): Promise<PackageFile | Refusal | undefined> => {
    const inner = posix.normalize(wanted).replace(/\/$/, '')
    if (inner.startsWith('..') || inner.startsWith('/')) return ELSEWHERE
    const main = await mainOf(found, inner, want)
    const named = [inner, ...(main === undefined ? [] : [main]), posix.join(inner, 'index')]
    for (const file of named.flatMap((one) => filesFor(one, want)))
      if (await reader.isFile(`${found.place}/${file}`)) return take(found, file, want)
    return undefined
  }

  /** A folder inside a package may have a package.json of its own. */
  const mainOf = async (found: Package, folder: string, want: Want): Promise<string | undefined> => {
    if (folder === '.' || !(await reader.isFile(`${found.place}/${folder}/package.json`))) return undefined
    const path = `${found.path}/${folder}/package.json`
    if (pathProblem(path) !== undefined) return undefined
    const bytes = await reader.read(path, `${found.place}/${folder}/package.json`)
    const json = bytes && readPackage('', bytes, '0.0.0')
    if (json === undefined || 'reason' in json) return undefined
    const main = want === 'types' ? json.types : want === 'import' ? (json.module ?? json.main) : json.main
    const file = main && posix.join(folder, main)
    return file?.startsWith(`${folder}/`) ? file : undefined
  }

  /** @param part `.` or `./lib/x` */
  const partOf = async (found: Package, part: string, want: Want): Promise<PackageFile | Refusal> => {
    const mapped = found.exports === undefined ? undefined : mapExports(found.exports, part, CONDITIONS[want])
    const unmapped = part === '.' ? [...entriesOf(found, want), 'index'] : [part]
    const wanted =
      found.exports === undefined ? unmapped : [mapped ?? '', ...(part === '.' ? typesOf(found, want) : [])]
    for (const one of wanted) {
      const file = one === '' ? undefined : await fileOf(found, one, want)
      if (file !== undefined) return file
    }
    return {
      reason: `the package ${found.name} ${found.version} has no such module`,
      hint: 'Look into its package.json.',
    }
  }

  const bare = async (specifier: string, want: Want, from: PackageFile | undefined): Promise<PackageFile | Refusal> => {
    const [, name = '', rest = ''] = /^(@[^/]+\/[^/]+|[^/]+)(\/.*)?$/.exec(specifier) ?? []
    if (!isPackageName(name)) return NO_NAME
    const isItself = from?.package.name === name && from.package.exports !== undefined
    const found = isItself ? from.package : await find(name, from?.package)
    const file = 'reason' in found ? found : await partOf(found, `.${rest}`, want)
    if (want !== 'types' || !('reason' in file) || name.startsWith('@types/')) return file
    // what others wrote down of its types
    const typed = await find(`@types/${name.replace('@', '').replace('/', '__')}`, from?.package)
    return 'reason' in typed ? file : partOf(typed, `.${rest}`, want)
  }

  const resolve: Packages['resolve'] = async (specifier, want, from) => {
    if (BUILTIN.test(specifier)) return NODE
    if (/^([a-z][a-z0-9+.-]*:|\/|\\)/i.test(specifier)) return ELSEWHERE
    if (from !== undefined && /^\.{1,2}(\/|$)/.test(specifier)) {
      const wanted = posix.join(posix.dirname(from.file), specifier)
      return (
        (await fileOf(from.package, wanted, want)) ?? { reason: 'there is no such file', hint: 'Install it again.' }
      )
    }
    if (!specifier.startsWith('#')) return bare(specifier, want, from)
    const mapped = from && mapImports(from.package.imports, specifier, CONDITIONS[want])
    if (from === undefined || mapped == null)
      return { reason: 'its package does not say what it is', hint: 'Use another package.' }
    if (!mapped.startsWith('./')) return BUILTIN.test(mapped) ? NODE : bare(mapped, want, from)
    return (await fileOf(from.package, mapped, want)) ?? { reason: 'there is no such file', hint: 'Install it again.' }
  }

  return {
    resolve,
    fileAt: (path) => files.get(path),
    read: ({ package: found, file, path }) => reader.read(path, `${found.place}/${file}`),
    links: places.links,
  }
}

function entriesOf(found: Package, want: Want): string[] {
  const main = found.main === undefined ? [] : [found.main]
  if (want === 'import' && found.module !== undefined) return [found.module, ...main]
  return [...typesOf(found, want), ...main]
}

const typesOf = ({ types }: Package, want: Want): string[] => (want === 'types' && types !== undefined ? [types] : [])

function notInstalled(name: string): Refusal {
  return {
    reason: `there is no package ${name} in node_modules of the folder`,
    hint: `Install it there: npm install ${name}; of a file of the contract write the path, such as ./lib.ts`,
  }
}
