import { checkValue } from './check-value.ts'
import { describeDeclared, quote } from './describe.ts'
import { ContractError } from './errors.ts'
import type { ExportedFunction, Json, Parameter, ValueType } from './types.ts'

/**
 * Checks the arguments of a call, in the encoding of specs/values.md, against the types that the author declared. Pure; the time
 * grows with the size of the arguments times the members of their unions. Throws BAD_ARGUMENTS for the first one that does not fit.
 */
export function checkArguments(fn: ExportedFunction, args: readonly Json[]): void {
  const last = fn.params.at(-1)
  const most = last?.rest === true ? Infinity : fn.params.length
  if (args.length > most)
    throw bad(fn, `it takes ${most === 1 ? '1 argument' : `${most} arguments`}, and ${args.length} came`)
  fn.params.forEach((param, index) => {
    const given = param.rest ? args.slice(index) : args.slice(index, index + 1)
    if (given.length === 0 && !param.optional) throw bad(fn, `argument ${index + 1}, ${quote(param.name)}, is missing`)
    given.forEach((value, further) => {
      const found = checkValue(typeOfOne(param), value)
      if (found === undefined) return
      const at = `argument ${index + further + 1}, ${quote(param.name)}${found.at},`
      throw bad(fn, `${at} has to be ${found.expected}, and ${found.got} came`, describeDeclared(param))
    })
  })
}

/** The type of one argument: of each, where the parameter takes the rest of them. */
export function typeOfOne({ rest, type }: Parameter): ValueType {
  if (!rest) return type
  return type.kind === 'array' ? type.items : { kind: 'any' }
}

/** The function as its author would write its head: `add(name: string, text?: string)`. */
function headOf({ name, params }: ExportedFunction): string {
  const list = params.map((param) => {
    const before = param.rest ? '...' : ''
    return `${before}${param.name}${param.optional && !param.rest ? '?' : ''}: ${param.text}`
  })
  return `${name}(${list.join(', ')})`
}

function bad(fn: ExportedFunction, reason: string, hint = orderOf(fn)): ContractError {
  return new ContractError('BAD_ARGUMENTS', `${headOf(fn)}: ${reason}.`, hint)
}

function orderOf({ params }: ExportedFunction): string {
  const names = params.map(({ name }) => name).join(', ')
  return names === '' ? 'Call it without arguments.' : `Give the arguments in this order: ${names}.`
}
