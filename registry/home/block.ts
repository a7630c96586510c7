import { createHash } from 'node:crypto'
import type { CID } from 'multiformats/cid'
import { RegistryError } from '../errors.ts'
import { cborLink } from '../link.ts'

/** A block as it is stored, and its name. */
export interface Encoded {
  cid: CID
  bytes: Uint8Array
}

/** The CID of a dag-cbor block. */
export function blockLink(bytes: Uint8Array): CID {
  return cborLink(Uint8Array.from(createHash('sha256').update(bytes).digest()))
}

/** Runs what reads or makes a home or a list; whatever it throws is about its content. @throws {RegistryError} HOME_INVALID */
export function readingHome<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof RegistryError) throw error
    const why = error instanceof Error ? error.message : 'it cannot be read'
    throw new RegistryError('HOME_INVALID', `the home is not valid: ${why}`, 'whoever publishes it has to correct it')
  }
}
