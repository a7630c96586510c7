/** How the specifiers in a contract's code are followed to what is not its own: other contracts and npm packages. */
import type { ImportRule } from '../types.ts'
import type { PackageJson } from './npm-package.ts'

/** What amigo.lock says of one import. CIDs are texts. */
export interface Locked extends ImportRule {
  version: string
  contract: string
  /** of `live` and `fork` */
  service?: string
  /** of `fork` */
  commit?: string
  /** CID of the interface in dag-cbor; of `live` and `fork` */
  interface?: string
  /** CID of the declarations in `.amigo/`; of `live` and `fork` */
  types?: string
  /** ID of the network that it is on, where amigo.yaml says how that is reached */
  network?: string
}

/** By the names of amigo.yaml. */
export type Lock = Record<string, Locked>

/** What a specifier leads to. */
export interface Link {
  /** the module that runs; absent where there are types alone */
  path?: string
  /** the module that says its types, where that is another one; null: nobody says them */
  types?: string | null
  /** the import of amigo.yaml that it is */
  import?: string
}

/** An npm package of which something is used. */
export interface Package extends PackageJson {
  /** of its files among the sources */
  path: string
  /** of its files on the disk, links followed */
  place: string
}

export interface PackageFile {
  package: Package
  /** inside the package */
  file: string
  /** among the sources */
  path: string
}

/** A folder, or a part of one, as far as it is read for the sources of a contract. */
export interface Reader {
  /** @param path among the sources @param place on the disk, where that is elsewhere. Throws CONTRACT_TOO_LARGE */
  read(path: string, place?: string): Promise<Uint8Array | undefined>
  /** the same, but it does not become a source */
  peek(place: string): Promise<Uint8Array | undefined>
  /** whether it was read as a source */
  holds(path: string): boolean
  isFile(place: string): Promise<boolean>
  /** where a folder is once links are followed, or `outside`; undefined if there is none */
  real(place: string): Promise<string | undefined>
}
