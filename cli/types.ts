/** What commands are made of, and what they are given. */
import type { ExitClass } from '../daemon/api/codes.ts'
import type { StreamOptions } from '../daemon/api/types.ts'
import type { Method, Params, Progress, Result } from '../daemon/api/vocabulary.ts'
import type { Text } from './text.ts'

export interface FlagSpec {
  /** without the dashes */
  name: string
  /** what stands for its value in the help; a flag without one takes none */
  value?: string
  /** may be given several times; otherwise the last one counts */
  repeat?: boolean
  help: string
}

export interface ArgumentSpec {
  name: string
  optional?: boolean
  /** takes all words that are left; only the last argument can */
  rest?: boolean
  help: string
}

/** One verb. The table of all is commands.ts. */
export interface Command {
  name: string
  aliases?: readonly string[]
  /** what it does, in a few words, beginning with a verb */
  summary: string
  args: readonly ArgumentSpec[]
  flags: readonly FlagSpec[]
  /** without the leading `amigo` */
  examples: readonly string[]
  /** What it answers is printed by the runner; a command that stays prints by itself and answers its exit code. */
  run(context: Context): Promise<Answer | ExitClass>
}

export interface Answer {
  /** for `--json`, see specs/api.md */
  value: unknown
  /** for people, on stdout */
  human: readonly Text[]
  /** for people, on stderr: what to do next, what to beware of */
  notes?: readonly Text[]
  /** where the answer stands, but something beside it went wrong; @default 0 */
  exit?: ExitClass
}

export interface Flags {
  has(name: string): boolean
  /** the last one given */
  text(name: string): string | undefined
  list(name: string): string[]
}

export interface Settings {
  /** absolute path of the data folder */
  home: string
  /** `--home` as it was typed; undefined if the home comes from elsewhere */
  homeWord: string | undefined
  /** undefined: nothing was said, and each command knows how long is usual */
  timeoutMs: number | undefined
  json: boolean
  quiet: boolean
  verbose: boolean
}

export interface Terminal {
  readonly isInteractive: boolean
  /** stdout, for people */
  print(...lines: Text[]): Promise<void>
  /** stdout, one line of JSON */
  printJson(value: unknown): Promise<void>
  /** stderr, unless `--quiet` */
  note(...lines: Text[]): void
  /** stderr, with `--verbose` only */
  detail(...lines: Text[]): void
  /** stderr, always */
  complain(...lines: Text[]): void
  /**
   * A line on stderr that counts the seconds, if a person looks on and the wait is long. Answers how to end it.
   *
   * @param progress asked whenever the line is drawn; what it tells is drawn as a bar
   */
  wait(what: Text, progress?: () => Progress | undefined): () => void
}

export interface Context {
  /** the arguments, as many as the command's table allows; '' never stands for a missing one */
  words: readonly string[]
  flags: Flags
  settings: Settings
  terminal: Terminal
  /** aborts at Ctrl-C and SIGTERM */
  signal: AbortSignal
  /**
   * Asks the daemon, with a progress line that says what is `doing`, in the daemon's words once it tells how far it is.
   * `--timeout` goes before the patience given here.
   */
  request<M extends Method>(
    method: M,
    params: Params<M>,
    options?: Omit<StreamOptions<M>, 'onProgress'> & { doing?: string },
  ): Promise<Result<M>>
}
