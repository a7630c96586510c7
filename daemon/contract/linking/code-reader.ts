/** The sources of a contract whose code is linked into another: each is what its root block says, or it is not read. */

import { rawCid } from '../block-cid.ts'
import { buildFailed } from '../build-failed.ts'
import { IMPORTS_FOLDER, IMPORTS_FOLDER_ON_DISK } from '../constants.ts'
import type { Contract } from '../types.ts'
import type { Reader } from './types.ts'

/** @param prefix of its sources among those of the contract that imports it */
export function createCodeReader(outer: Reader, contract: Contract, prefix: string): Reader {
  const links = new Map(contract.sources.map(({ path, cid }) => [prefix + path, cid]))

  const checked = async (path: string, bytes: Uint8Array | undefined): Promise<Uint8Array | undefined> => {
    if (bytes === undefined || !links.get(path)?.equals(await rawCid(bytes)))
      throw notWhatItWas(path, contract.manifest.name)
    return bytes
  }

  return {
    read: async (path) => (links.has(path) ? checked(path, await outer.read(path)) : undefined),
    peek: async (path) => (links.has(path) ? checked(path, await outer.peek(path)) : undefined),
    holds: outer.holds,
    isFile: async (path) => links.has(path),
    real: async (path) =>
      contract.sources.some((source) => `${prefix}${source.path}`.startsWith(`${path}/`)) ? path : undefined,
  }
}

/** BUILD_FAILED: what was fetched for an import is gone, or was changed. @param path among the sources: it is told where its author finds it */
export function notWhatItWas(path: string, name: string): Error {
  const file = path.startsWith(`${IMPORTS_FOLDER}/`)
    ? `${IMPORTS_FOLDER_ON_DISK}${path.slice(IMPORTS_FOLDER.length)}`
    : path
  const reason = `what was fetched of ${name} is missing, or was changed`
  return buildFailed([{ file, line: 0, column: 0, reason, hint: 'Have it fetched again: amigo import' }])
}
