import { MAX_MESSAGE_LENGTH } from './constants.ts'
import { plainText } from './text.ts'
import type { Problem } from './types.ts'

export type ContractErrorCode =
  | 'FOLDER_NOT_FOUND'
  | 'FOLDER_NOT_EMPTY'
  | 'FOLDER_NOT_WRITABLE'
  | 'TEMPLATE_UNKNOWN'
  | 'MANIFEST_NOT_FOUND'
  | 'MANIFEST_INVALID'
  | 'LOCK_INVALID'
  | 'BUILD_FAILED'
  | 'CONTRACT_TOO_LARGE'
  | 'CONTRACT_INVALID'
  | 'BAD_ARGUMENTS'

/** What goes wrong with a contract: `message` says what and where, `hint` what to try, `problems` lists what is wrong in its sources. */
export class ContractError extends Error {
  readonly code: ContractErrorCode
  readonly hint: string
  readonly problems: readonly Problem[]

  constructor(code: ContractErrorCode, message: string, hint: string, problems: readonly Problem[] = []) {
    // Messages quote sources, words and blocks that may come from anywhere.
    super(plainText(message, MAX_MESSAGE_LENGTH))
    this.name = 'ContractError'
    this.code = code
    this.hint = hint
    this.problems = problems
  }
}
