import { MAX_MESSAGE_LENGTH, MAX_PROBLEMS } from './constants.ts'
import { ContractError } from './errors.ts'
import { plainText } from './text.ts'
import type { Problem } from './types.ts'

/** BUILD_FAILED with the first MAX_PROBLEMS problems, made fit to show; its sentence and hint are those of the first. */
export function buildFailed(problems: readonly Problem[]): ContractError {
  const shown = problems.slice(0, MAX_PROBLEMS).map((problem) => ({
    ...problem,
    reason: plainText(problem.reason, MAX_MESSAGE_LENGTH),
    hint: plainText(problem.hint, MAX_MESSAGE_LENGTH),
  }))
  const [first] = shown
  const more = shown.length > 1 ? ` (and ${problems.length - 1} more)` : ''
  return new ContractError('BUILD_FAILED', `${placeOf(first)}${first?.reason}${more}.`, first?.hint ?? '', shown)
}

function placeOf(problem: Problem | undefined): string {
  if (problem === undefined || problem.file === '') return ''
  const { file, line, column } = problem
  return `${[file, line, column].filter((part) => part !== 0).join(':')}: `
}
