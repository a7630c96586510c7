import type { CID } from 'multiformats/cid'

/** What can go wrong in the store, and what to try. Codes are stable; sentences are not. */
const HINTS = {
  STORE_LOCKED: 'Another process uses this data folder: stop it, or choose another folder.',
  STORE_CORRUPT: 'Restore the data folder from a backup, or move it away and pull your services again.',
  STORE_FORMAT_UNSUPPORTED:
    "Start the version that wrote it; or move the folder 'store' away (your keys lie beside it), and pull your services again.",
  STORE_UNAVAILABLE: 'Check that the disk is not full and that the data folder belongs to this user.',
  STORE_CLOSED: 'The daemon is stopping: try again when it runs.',
  BLOCK_MISSING: 'Pull the service: what is missing is fetched from a node that has it.',
  BLOCK_DAMAGED:
    'The disk changed it, and nobody else is to blame: pull the service, and it is fetched from a node that has it; else restore the data folder from a backup.',
  BLOCK_INVALID: 'Whoever made the block did not follow the format: do not use it, and fetch it from nobody else.',
  BLOCK_TOO_LARGE: 'Split what the block holds: a block has at most 1 MiB.',
  COMMIT_TOO_LARGE: 'Put fewer or smaller calls into one commit.',
  DELTA_TOO_LARGE: 'Change less memory in one call: a commit carries at most 32 MiB of changed lines.',
  STATE_INVALID: 'The state handed to the store is no memory image: report this as a bug of the engine.',
  BAD_SIGNATURE: 'The commit was not signed by the key it names: do not trust whoever sent it.',
  BROKEN_CHAIN: 'The commits do not follow each other: do not trust whoever sent them.',
  ROOT_MISMATCH: 'The state does not have the root its host signed: fetch it again from another node, or replay it.',
  EQUIVOCATION: 'The host signed two histories: keep both commits as proof, and ask its owner which one holds.',
  APPEND_CONFLICT: 'Something else appended to this service: read its head and make the call again.',
  NOT_HOST: 'Only the host of a service appends to it: send the call there, or fork the service.',
  NOT_THE_OWNER: 'Only the owner named in the genesis decides who hosts a service: sign with that key.',
  PRUNED: 'Ask a node that keeps the whole history, or look at a newer commit.',
  NO_SUCH_SERVICE: 'Pull the service first, or check its ID.',
  SERVICE_EXISTS: 'Use another nonce to deploy the same contract a second time.',
  BUDGET_EXCEEDED: 'The history is longer than one walk may be: adopt an older head first, or allow a larger budget.',
} as const

export type StoreErrorCode = keyof typeof HINTS

/** The one error of the store. `cids` names the blocks concerned: for EQUIVOCATION the two commits that prove it. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly code: StoreErrorCode
  readonly hint: string
  readonly cids: readonly CID[]

  constructor(code: StoreErrorCode, message: string, cids: readonly CID[] = []) {
    super(message)
    this.code = code
    this.hint = HINTS[code]
    this.cids = cids
  }
}
