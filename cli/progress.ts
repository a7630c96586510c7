import type { Progress } from '../daemon/api/vocabulary.ts'
import { BAR_COLUMNS } from './constants.ts'
import { grouped } from './format.ts'
import { say, type Text, toText } from './text.ts'

/** `replaying ██████░░░░░░ 1,234 of 10,000, 12 s`; without progress `waiting for x ... 12 s`. No wider than the terminal. */
export function progressLine(what: Text, seconds: number, progress: Progress | undefined, columns: number): Text {
  const since = seconds === 0 ? '' : ` ${seconds} s`
  if (progress === undefined) return fitted(say`${what} ...${since}`, columns)
  const { doing, done, total } = progress
  if (total === undefined || !(total > 0)) return fitted(say`${doing} ${grouped(done)} ...${since}`, columns)
  const share = Math.min(1, Math.max(0, done / total))
  const full = Math.round(share * BAR_COLUMNS)
  const bar = '█'.repeat(full) + '░'.repeat(BAR_COLUMNS - full)
  const end = since === '' ? '' : `,${since}`
  return fitted(say`${doing} ${bar} ${grouped(done)} of ${grouped(total)}${end}`, columns)
}

/** A line that wraps could not be wiped out again. */
function fitted(line: Text, columns: number): Text {
  if (line.width < columns) return line
  return toText([...line.render(false)].slice(0, Math.max(0, columns - 1)).join(''))
}
