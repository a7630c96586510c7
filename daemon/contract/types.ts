/** What a contract is: a manifest, its TypeScript sources, one compiled ES module and its interface. See specs/contract.md. */
import type { CID } from 'multiformats/cid'

/** `amigo.yaml`, checked and with its defaults filled in. */
export interface Manifest {
  name: string
  /** semver */
  version: string
  /** path of the entry module, relative to the folder */
  main: string
  description: string
  tags: string[]
  access: Access
  limits: Limits
  /** by the name of the service, without a version */
  imports: Record<string, ImportRule>
  /** by the names that imports have for them, invites to other networks in their one written form; absent if there are none */
  networks?: Record<string, string>
}

/**
 * How another's service is imported. `live`: its functions are called where it runs. `code`: its modules are linked into this
 * one. `fork`: as live, to a copy of the importer's own that starts with its state.
 */
export type ImportMode = 'live' | 'code' | 'fork'

/** What amigo.yaml says of an import. */
export interface ImportRule {
  /** `*`, `^1.2`, `~1.2.3`, `1`, `v1` or one version */
  range: string
  mode: ImportMode
}

/** Who: everybody, the owner alone, or these users and services, by their IDs; the owner is always among them, and so are the owner's services. */
export type Who = 'public' | 'owner' | string[]

/** Who may do what, for the whole service and for single functions. */
export interface Access {
  call: Who
  query: Who
  /** history, state and blocks */
  history: Who
  /** function name: who may call and query it; the rest as above */
  functions: Record<string, Who>
}

/** What a service may use, at most the node's own settings. */
export interface Limits {
  /** units of gas of one call, and what a call gets that names no limit */
  gas: number
  /** bytes that the contract may allocate */
  memory: number
  /** bytes of the arguments, the result and the change of state of one call */
  args: number
  result: number
  delta: number
  /** calls and queries that may wait */
  queue: number
}

/** The type of a parameter or a result: a small structural language that JSON Schema, forms and checks derive from. */
export type ValueType =
  | { kind: 'string' | 'number' | 'boolean' | 'bigint' | 'null' | 'void' | 'bytes' | 'date' | 'any' }
  | { kind: 'literal'; value: string | number | boolean }
  | { kind: 'array'; items: ValueType }
  | { kind: 'object'; fields: { name: string; type: ValueType; optional: boolean }[] }
  | { kind: 'record'; values: ValueType }
  | { kind: 'map'; keys: ValueType; values: ValueType }
  | { kind: 'set'; items: ValueType }
  /** of a result alone: an async iterable, which a call gets as an array */
  | { kind: 'stream'; items: ValueType }
  | { kind: 'union'; of: ValueType[] }

export interface Parameter {
  name: string
  /** as the author wrote it */
  text: string
  type: ValueType
  optional: boolean
  rest: boolean
}

export interface ExportedFunction {
  name: string
  kind: 'call' | 'query'
  params: Parameter[]
  /** the text of the result type, without the Promise around it: the author's, else what the checker infers */
  returns: string
  /** the same, read */
  result: ValueType
  doc: string
}

export type Interface = ExportedFunction[]

interface PinnedImport extends ImportRule {
  /** as in amigo.yaml: a service, without a version */
  name: string
  /** semver, in the range */
  version: string
  /** the contract of that version: what it was compiled against, or holds the code of */
  contract: CID
}

/** An import as a contract pins it. */
export type ContractImport =
  | (PinnedImport & {
      mode: 'live'
      /** the service that is called: the CID of its first commit */
      service: CID
      /** of its interface, those that the code imports; all, where it imports the whole module */
      functions: ExportedFunction[]
    })
  | (PinnedImport & {
      mode: 'fork'
      /** the service that is forked, and the commit with whose state the copy starts */
      service: CID
      commit: CID
      functions: ExportedFunction[]
    })
  | (PinnedImport & { mode: 'code' })

/** What is in the module beside the contract's own files, with the folder of its files among the sources. */
export type BundledPart =
  | {
      kind: 'npm'
      name: string
      version: string
      /** as its package.json says; empty if it does not */
      license: string
      path: string
    }
  | { kind: 'code'; name: string; version: string; contract: CID; path: string }

/** What the compiler makes of a folder; nothing of it is stored yet. */
export interface BuiltContract {
  manifest: Manifest
  /** path relative to the folder, with `/`, to content */
  sources: { path: string; content: Uint8Array }[]
  /** one ES module */
  module: Uint8Array
  interface: Interface
  /** what `init` takes at genesis; null if the contract exports none */
  init: Parameter[] | null
  /** in the order of their names; as many as amigo.yaml has */
  imports: ContractImport[]
  /** in the order of their paths */
  bundle: BundledPart[]
  warnings: string[]
}

export interface Block {
  cid: CID
  bytes: Uint8Array
}

/** A contract as it is stored: the first block is the root, whose CID names the contract. */
export interface EncodedContract {
  cid: CID
  blocks: Block[]
}

/** A contract read back. */
export interface Contract {
  cid: CID
  manifest: Manifest
  module: CID
  sources: { path: string; cid: CID }[]
  interface: Interface
  /** as BuiltContract.init */
  init: Parameter[] | null
  /** in the order of their names; as many as the manifest has */
  imports: ContractImport[]
  /** what is in the module beside the contract's own files; in the order of their paths */
  bundle: BundledPart[]
}

/** A value in the JSON encoding of specs/values.md: plain JSON plus tagged forms under the key `/`. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** One thing wrong in a source, as an editor would show it; line and column count from 1, 0 where there is none. */
export interface Problem {
  file: string
  line: number
  column: number
  reason: string
  hint: string
}

export interface CompileOptions {
  /** how long a compilation may take, in milliseconds; @default 20000 */
  timeMs?: number
  signal?: AbortSignal
}

export interface InitOptions {
  /** a folder of examples/; @default counter */
  template?: string
}

/** What `initContract` wrote. */
export interface NewFolder {
  dir: string
  /** relative to `dir` */
  main: string
  /** relative to `dir`, in alphabetical order */
  files: string[]
}
