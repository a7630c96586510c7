/** What the command line itself reports. */
export type CliErrorCode =
  | 'USAGE'
  | 'BAD_ARGUMENTS'
  | 'NO_SUCH_FUNCTION'
  | 'NO_SUCH_PAGE'
  | 'NAME_NOT_SUPPORTED'
  | 'UPGRADE_BREAKS'
  | 'FILE_EXISTS'
  | 'FILE_UNREADABLE'
  | 'FILE_UNWRITABLE'
  | 'BAD_FILE_NAME'
  | 'BODY_TOO_LARGE'
  | 'NOT_MARKDOWN'
  | 'ALREADY_RUNNING'
  | 'UP_FAILED'
  | 'STILL_RUNNING'
  | 'TIMED_OUT'
  | 'INTERRUPTED'
  | 'INTERNAL'

export class CliError extends Error {
  override readonly name = 'CliError'
  readonly code: CliErrorCode
  readonly hint: string

  constructor(code: CliErrorCode, message: string, hint = '') {
    super(message)
    this.code = code
    this.hint = hint
  }
}
