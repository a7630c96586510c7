/** What amigo.lock pins, read from the folder and checked against it. */
import * as dagCbor from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import { cborCid, rawCid } from '../block-cid.ts'
import { IMPORTS_FOLDER, LOCK_FILE } from '../constants.ts'
import { decodeContract } from '../decode.ts'
import type { Contract, ContractImport, Interface, Manifest } from '../types.ts'
import { notWhatItWas } from './code-reader.ts'
import { checkLock, lockInvalid, parseLock } from './lock.ts'
import type { Reader } from './types.ts'

/** Among the sources: the root block of a contract that is imported. */
export const rootPath = (contract: CID | string): string => `${IMPORTS_FOLDER}/${contract}.cbor`
/** Among the sources: the types of a service that is called. */
export const typesPath = (contract: CID | string): string => `${IMPORTS_FOLDER}/${contract}.d.ts`

/** CID of an interface, as amigo.lock has it. */
export function interfaceCid(functions: Interface): Promise<CID> {
  return cborCid(dagCbor.encode(functions))
}

/** The root block of a contract that is imported. @param name of the import. Throws BUILD_FAILED if it is not there, or not that of the CID. */
export async function readPinned(reader: Pick<Reader, 'read'>, contract: CID, name: string): Promise<Contract> {
  const path = rootPath(contract)
  const bytes = await reader.read(path)
  if (bytes === undefined) throw notWhatItWas(path, name)
  return decodeContract(contract, async () => bytes).catch(() => {
    throw notWhatItWas(path, name)
  })
}

/**
 * The imports of a folder as its lock pins them, in the order of their names, with the whole interface of those that are called.
 * Throws LOCK_INVALID, BUILD_FAILED.
 */
export async function readImports(folder: Reader, manifest: Manifest): Promise<ContractImport[]> {
  const names = Object.keys(manifest.imports).sort()
  const known = names.length > 0 ? await folder.read(LOCK_FILE) : await folder.peek(LOCK_FILE)
  if (known === undefined && names.length > 0) throw lockInvalid('there is none', undefined, '')
  const lock = known === undefined ? {} : await parseLock(known, manifest)
  checkLock(lock, manifest.imports)
  const found: ContractImport[] = []
  for (const name of names) {
    const { range, mode, version, contract: text, service = '', commit = '', ...digests } = lock[name]!
    const contract = CID.parse(text)
    const { interface: functions } = await readPinned(folder, contract, name)
    const pinned = { name, range, version, contract }
    if (mode === 'code') {
      found.push({ ...pinned, mode })
      continue
    }
    if ((await interfaceCid(functions)).toString() !== digests.interface)
      throw lockInvalid(`interface of ${name} is not that of its contract`, name)
    const types = await folder.read(typesPath(contract))
    // the lock was found to be as it was written, so it is the file that was not left alone
    if (types === undefined || (await rawCid(types)).toString() !== digests.types)
      throw notWhatItWas(typesPath(contract), name)
    const called = { ...pinned, service: CID.parse(service), functions }
    found.push(mode === 'live' ? { ...called, mode } : { ...called, mode, commit: CID.parse(commit) })
  }
  return found
}
