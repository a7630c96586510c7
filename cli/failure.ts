import type { ExitClass } from '../daemon/api/codes.ts'
import { exitClassOf } from '../daemon/api/exit-class.ts'
import { outcomeOf } from '../daemon/api/failure.ts'
import type { CallOutcome } from '../daemon/api/vocabulary.ts'
import type { Problem } from '../daemon/contract/types.ts'
import { linesOf, say, styled, type Text } from './text.ts'

export interface Failure {
  code: string
  message: string
  hint: string
  /** of a call that has no result */
  outcome?: CallOutcome
  /** what is wrong in the sources of a contract, one by one */
  problems?: readonly Problem[]
}

/** What a person or a script is told of an error: coded ones as they are, anything else neutrally, with no path or stack. */
export function failureOf(error: unknown): Failure {
  const { code, message, hint, problems = [] } = (error ?? {}) as Partial<Failure>
  if (error instanceof Error && typeof code === 'string' && typeof hint === 'string')
    return { code, message: message ?? '', hint, ...outcomeOf(error), ...(problems.length === 0 ? {} : { problems }) }
  return {
    code: 'INTERNAL',
    message: 'amigo failed at something it did not expect.',
    hint: 'run it again with --verbose to see more',
  }
}

/** What the process ends with. */
export function exitCodeOf(failure: Failure): ExitClass {
  return exitClassOf(failure.code)
}

/**
 * `error: ...` and `hint: ...`; further lines of a message stand below its first. Of several problems each has its own line.
 *
 * @param words how our own commands are spelled to this user; @default as they are
 */
export function showFailure(failure: Failure, words: (sentence: string) => string = String): Text[] {
  const { message, hint } = failure
  const problems = failure.problems ?? []
  if (problems.length > 1)
    return [say`${styled('red', 'error:')} The contract does not build:`, ...problems.map(showProblem)]
  const [first = say``, ...more] = linesOf(message)
  return [
    say`${styled('red', 'error:')} ${first}`,
    ...more.map((line) => say`  ${line}`),
    ...linesOf(words(hint))
      .slice(0, hint === '' ? 0 : undefined)
      .map((line, index) => (index === 0 ? say`${styled('yellow', 'hint:')} ${line}` : say`  ${line}`)),
  ]
}

function showProblem({ file, line, column, reason, hint }: Problem): Text {
  const place = file === '' ? '' : `${[file, line, column].filter((part) => part !== 0).join(':')}: `
  return hint === '' ? say`  ${place}${reason}` : say`  ${place}${reason} (${hint})`
}
