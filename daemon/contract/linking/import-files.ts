/** What lies beside amigo.yaml for its imports: amigo.lock, and what the compiler and an editor read of others' contracts. */
import { CID } from 'multiformats/cid'
import { rawCid } from '../block-cid.ts'
import { IMPORTS_FOLDER, IMPORTS_FOLDER_ON_DISK } from '../constants.ts'
import { decodeContract } from '../decode.ts'
import { ENGINE_GLOBALS, engineModules } from '../engine-types.ts'
import { ContractError } from '../errors.ts'
import { pathProblem } from '../path.ts'
import type { ImportMode, Interface } from '../types.ts'
import { declareService } from './declare.ts'
import { writeLock } from './lock.ts'
import { interfaceCid, rootPath, typesPath } from './pinned.ts'
import type { Lock, Locked } from './types.ts'

/** The types of the engine's modules, in `.amigo/`. */
const ENGINE_FILE = 'amigos.d.ts'

/** A contract as it was fetched for an import. CIDs are texts. */
export interface FetchedImport {
  name: string
  range: string
  mode: ImportMode
  version: string
  contract: string
  service?: string
  commit?: string
  /** ID of the network that it is on, if that is one that amigo.yaml names */
  network?: string
  /** of the contract */
  root: Uint8Array
  sources: readonly { path: string; content: Uint8Array }[]
}

/** An import that stays as it is pinned. */
export interface KeptImport {
  name: string
  locked: Locked
  /** among `files`: what says its types */
  main: string
  /** by their paths among the sources */
  files: ImportFile[]
}

/** A file to write. */
export interface ImportFile {
  path: string
  content: Uint8Array
}

export interface ImportFiles {
  lock: string
  /** of `.amigo/`, all of them, relative to the folder */
  files: ImportFile[]
  /** name of each import to the file with its types */
  types: Record<string, string>
  /** by name */
  interfaces: Record<string, Interface>
}

/** Makes the files of all imports of a folder, of those that were fetched and of those that stay. Every block is checked: CONTRACT_INVALID if one is not what it is called. */
export async function makeImportFiles(
  imports: readonly FetchedImport[],
  kept: readonly KeptImport[] = [],
): Promise<ImportFiles> {
  const made: ImportFiles = { lock: '', files: [], types: {}, interfaces: {} }
  const lock: Lock = {}
  const files = new Map<string, Uint8Array>()
  for (const { name, locked, main, files: own } of kept) {
    lock[name] = locked
    made.types[name] = onDisk(main)
    for (const { path, content } of own) files.set(path, content)
  }
  for (const found of imports) {
    const { name, range, mode, version, contract: text, service, commit, network } = found
    const cid = CID.parse(text)
    const contract = await decodeContract(cid, async () => found.root)
    await checkSources(found, contract.sources)
    const locked: Locked = { range, mode, version, contract: text, ...(network !== undefined && { network }) }
    files.set(rootPath(cid), found.root)
    made.interfaces[name] = contract.interface
    if (mode === 'code') {
      for (const { path, content } of found.sources) files.set(codePath(cid, path), content)
      made.types[name] = onDisk(codePath(cid, contract.manifest.main))
    } else {
      const texts = new Map(found.sources.map(({ path, content }) => [path, new TextDecoder().decode(content)]))
      const types = new TextEncoder().encode(declareService(contract.manifest.main, contract.interface, texts))
      files.set(typesPath(cid), types)
      made.types[name] = onDisk(typesPath(cid))
      locked.interface = (await interfaceCid(contract.interface)).toString()
      locked.types = (await rawCid(types)).toString()
      if (service !== undefined) locked.service = service
      if (mode === 'fork' && commit !== undefined) locked.commit = commit
    }
    lock[name] = locked
  }
  made.lock = await writeLock(lock)
  made.files = [...files].map(([path, content]) => ({ path: onDisk(path), content }))
  const engine = new TextEncoder().encode(engineModules() + ENGINE_GLOBALS)
  made.files.push({ path: `${IMPORTS_FOLDER_ON_DISK}/${ENGINE_FILE}`, content: engine })
  made.files.push({ path: `${IMPORTS_FOLDER_ON_DISK}/tsconfig.json`, content: tsconfig(made.types) })
  return made
}

/** What another contract links lies beside it, once for all that link it; packages stay with who uses them. */
export function codePath(contract: CID, path: string): string {
  const isShared = path.startsWith(`${IMPORTS_FOLDER}/`) && !path.startsWith(`${IMPORTS_FOLDER}/npm/`)
  return isShared ? path : `${IMPORTS_FOLDER}/${contract}/${path}`
}

const onDisk = (path: string): string => `${IMPORTS_FOLDER_ON_DISK}${path.slice(IMPORTS_FOLDER.length)}`

async function checkSources(
  { name, sources }: FetchedImport,
  links: readonly { path: string; cid: CID }[],
): Promise<void> {
  const known = new Map(links.map(({ path, cid }) => [path, cid]))
  for (const { path, content } of sources) {
    const isRight = known.get(path)?.equals(await rawCid(content)) ?? false
    if (!isRight || pathProblem(path) !== undefined || sources.length !== links.length)
      throw new ContractError('CONTRACT_INVALID', `The sources of ${name} are not those of its contract.`, 'Try again.')
  }
}

/** So that an editor and tsc find what a specifier means, with the rules of the compiler here. */
function tsconfig(types: Record<string, string>): Uint8Array {
  const inOrder = Object.entries(types).sort(([a], [b]) => (a < b ? -1 : 1))
  const paths = inOrder.flatMap(([name, path]) => {
    const file = [`.${path.slice(IMPORTS_FOLDER_ON_DISK.length)}`]
    return [
      [name, file],
      [`${name}@*`, file],
    ]
  })
  const compilerOptions = {
    ...{ target: 'es2023', lib: ['esnext'], types: [] },
    ...{ module: 'esnext', moduleResolution: 'bundler', moduleDetection: 'force' },
    ...{ strict: true, noEmit: true, allowImportingTsExtensions: true, resolveJsonModule: true, skipLibCheck: true },
    paths: Object.fromEntries(paths),
  }
  const include = ['../**/*']
  const config = {
    compilerOptions,
    files: [`./${ENGINE_FILE}`],
    include,
    exclude: ['../**/*.test.ts', '../node_modules'],
  }
  return new TextEncoder().encode(`// Written by amigo import.\n${JSON.stringify(config, null, 2)}\n`)
}
