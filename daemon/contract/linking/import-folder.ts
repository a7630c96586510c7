/** A contract's folder as `amigo import` finds it: what it imports, and what of that was fetched already. */
import { CID } from 'multiformats/cid'
import { rawCid } from '../block-cid.ts'
import { LOCK_FILE, MANIFEST_FILE } from '../constants.ts'
import { decodeContract } from '../decode.ts'
import { type Folder, openFolder } from '../folder.ts'
import { noManifest, parseManifest } from '../manifest.ts'
import type { Interface, Manifest } from '../types.ts'
import { codePath, type ImportFile, type KeptImport } from './import-files.ts'
import { validEntries } from './lock.ts'
import { rootPath, typesPath } from './pinned.ts'
import type { Lock, Locked } from './types.ts'
import { writtenRange } from './written-range.ts'

export interface ImportFolder {
  /** text of amigo.yaml */
  yaml: string
  manifest: Manifest
  /** what the lock says of the imports of amigo.yaml; those of which it says something else, or that were edited, are left out */
  lock: Lock
  /** an import as it was fetched; undefined if something of it is missing or was changed */
  kept(name: string): Promise<KeptImport | undefined>
  /** the interface that an import was compiled against until now */
  interfaceOf(name: string): Promise<Interface | undefined>
  /** the range that the contract's code writes for a service, if there is one */
  writtenRange(name: string): Promise<string | undefined>
  /** whether an editor finds the types; undefined if the folder has no tsconfig.json */
  tsconfig: string | undefined
}

/** Throws FOLDER_NOT_FOUND, MANIFEST_NOT_FOUND, MANIFEST_INVALID. */
export async function readImportFolder(dir: string): Promise<ImportFolder> {
  const folder = await openFolder(dir)
  const bytes = await folder.peek(MANIFEST_FILE)
  if (bytes === undefined) throw await noManifest(dir, folder)
  const manifest = parseManifest(bytes)
  const lock = await readLock(folder, manifest)
  const config = await folder.peek('tsconfig.json')
  const root = async (locked: Locked) => {
    const found = await folder.peek(rootPath(locked.contract))
    const contract =
      found && (await decodeContract(CID.parse(locked.contract), async () => found).catch(() => undefined))
    return contract && found && { contract, bytes: found }
  }
  return {
    yaml: new TextDecoder().decode(bytes),
    manifest,
    lock,
    tsconfig: config && new TextDecoder().decode(config),
    writtenRange: (name) => writtenRange(folder, manifest.main, name),
    interfaceOf: async (name) => lock[name] && (await root(lock[name]))?.contract.interface,
    async kept(name) {
      const locked = lock[name]
      const found = locked && (await root(locked))
      if (found === undefined || locked === undefined) return undefined
      const { contract, bytes: content } = found
      const files: ImportFile[] = [{ path: rootPath(contract.cid), content }]
      if (locked.mode !== 'code') {
        const types = await folder.peek(typesPath(contract.cid))
        if (types === undefined || (await rawCid(types)).toString() !== locked.types) return undefined
        return {
          name,
          locked,
          main: typesPath(contract.cid),
          files: [...files, { path: typesPath(contract.cid), content: types }],
        }
      }
      for (const { path, cid } of contract.sources) {
        const place = codePath(contract.cid, path)
        const source = await folder.peek(place)
        if (source === undefined || !(await rawCid(source)).equals(cid)) return undefined
        files.push({ path: place, content: source })
      }
      return { name, locked, main: codePath(contract.cid, contract.manifest.main), files }
    },
  }
}

/** What was changed by hand is written again, and moves nothing else. */
async function readLock(folder: Folder, manifest: Manifest): Promise<Lock> {
  const bytes = await folder.peek(LOCK_FILE)
  return bytes === undefined ? {} : validEntries(bytes, manifest)
}
