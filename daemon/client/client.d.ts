// What `amigos/client` exports, in Node and in browsers: read by editors and tsc in place of the sources.
import type { Amigo, Outcome } from './types.ts'

export type * from './types.ts'

/** What went wrong with a request. */
export declare class AmigoError extends Error {
  constructor(code: string, message: string, hint?: string, outcome?: Outcome)
  readonly name: 'AmigoError'
  /** stable: see specs/api.md, "Exit codes", for all of them */
  readonly code: string
  /** what to try; may be empty */
  readonly hint: string
  /** of a call alone: what became of it */
  readonly outcome: Outcome | undefined
}

export interface ConnectInit {
  /** in Node: data folder of the node. @default AMIGO_HOME, or where the platform keeps such things */
  home?: string
  /** in browsers: origin of the node's page. @default http://localhost:4152 */
  node?: string
  /** in browsers: who calls, a pair of Ed25519 keys of WebCrypto. @default one of this origin, which is made on first use and stays in the browser */
  key?: { readonly publicKey: unknown; readonly privateKey: unknown }
}

/** A client of one node. Nothing is opened before the first service is asked for. */
export declare function connect(init?: ConnectInit): Amigo

/** In Node the node of this account, in browsers the one at the usual port of this machine. */
export declare const amigo: Amigo
