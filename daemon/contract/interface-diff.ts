/** What is different between two interfaces, as lines to read. */
import { MAX_DIFF_LINE_LENGTH } from './constants.ts'
import { plainText } from './text.ts'
import { wholeTypeText } from './type-text.ts'
import type { ExportedFunction, Interface } from './types.ts'

/** One line for each function as it was (`- call add(n: number): number`) or is now (`+ ...`), in the order of the newer interface; first what is gone. */
export function interfaceDiff(before: Interface, after: Interface): string[] {
  const older = new Map(before.map((fn) => [fn.name, fn]))
  const names = new Set(after.map((fn) => fn.name))
  const gone = before.filter((fn) => !names.has(fn.name)).map((fn) => `- ${signature(fn)}`)
  const rest = after.flatMap((fn) => {
    const old = older.get(fn.name)
    return old === undefined ? [`+ ${signature(fn)}`] : changed(old, fn)
  })
  return [...gone, ...rest].map((line) => plainText(line, MAX_DIFF_LINE_LENGTH))
}

function changed(before: ExportedFunction, after: ExportedFunction): string[] {
  if (structure(before) === structure(after)) return []
  // a name may stand for something else now
  const show = signature(before) === signature(after) ? structure : signature
  return [`- ${show(before)}`, `+ ${show(after)}`]
}

/** In the words of its author. */
function signature({ kind, name, params, returns }: ExportedFunction): string {
  const shown = params.map((p) => head(p) + p.text)
  return `${kind} ${name}(${shown.join(', ')}): ${returns}`.replace(/\s+/g, ' ')
}

/** With what the words stand for. */
function structure({ kind, name, params, result }: ExportedFunction): string {
  const shown = params.map((p) => head(p) + wholeTypeText(p.type))
  return `${kind} ${name}(${shown.join(', ')}): ${wholeTypeText(result)}`
}

const head = ({ name, rest, optional }: ExportedFunction['params'][number]): string =>
  `${rest ? '...' : ''}${name}${optional && !rest ? '?' : ''}: `
