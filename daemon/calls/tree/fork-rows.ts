/** Which fork belongs to which service and import: rows of this node's database. */
import * as dagCbor from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import type { ContractImport } from '../../contract/types.ts'
import type { Meta, Write } from '../../store/database-types.ts'

/** An import by its name and the service that is pinned: another pin is another fork. */
export type ForkPin = Pick<ContractImport & { mode: 'fork' }, 'name' | 'service'>

/** What a service has for an import. */
export interface ForkRow {
  /** its own fork */
  fork?: CID
  /** there is none yet: the commit that it is to be made of, if that is not the pinned one */
  from?: CID
}

/** Whose a fork is. */
export interface ImporterRow {
  service: CID
  /** its history is not for everybody, so neither is that of the fork */
  sealed: boolean
}

export interface ForkRows {
  get(service: CID, pin: ForkPin): Promise<ForkRow>
  /** all that a service has, or had under another contract */
  of(service: CID): Promise<(ForkPin & ForkRow)[]>
  importer(fork: CID): Promise<ImporterRow | undefined>
  write(service: CID, pin: ForkPin, row: ForkRow): Write
  writeImporter(fork: CID, importer: ImporterRow): Write
  /** The same taken back. */
  drop(service: CID, pin: ForkPin, fork: CID): Write[]
}

const PREFIX = 'fork/'
const IMPORTER = 'importer/'

export function createForkRows(meta: Pick<Meta, 'get' | 'list'>): ForkRows {
  const keyOf = (service: CID, pin: ForkPin): string => `${PREFIX}${service}/${pin.service}/${pin.name}`
  return {
    async get(service, pin) {
      const bytes = await meta.get(keyOf(service, pin))
      return bytes === undefined ? {} : dagCbor.decode<ForkRow>(bytes)
    },
    async of(service) {
      const found: (ForkPin & ForkRow)[] = []
      const prefix = `${PREFIX}${service}/`
      for await (const { key, value } of meta.list(prefix)) {
        const [origin = '', ...name] = key.slice(prefix.length).split('/')
        found.push({ name: name.join('/'), service: CID.parse(origin), ...dagCbor.decode<ForkRow>(value) })
      }
      return found
    },
    async importer(fork) {
      const bytes = await meta.get(IMPORTER + fork)
      return bytes && dagCbor.decode<ImporterRow>(bytes)
    },
    write: (service, pin, row) => ({ put: 'meta', key: keyOf(service, pin), value: dagCbor.encode(row) }),
    writeImporter: (fork, importer) => ({ put: 'meta', key: IMPORTER + fork, value: dagCbor.encode(importer) }),
    drop: (service, pin, fork) => [
      { delete: 'meta', key: keyOf(service, pin) },
      { delete: 'meta', key: IMPORTER + fork },
    ],
  }
}
