/** Command lines that a reader may copy and run. Only checked words get in: what is copied into a shell is code. */
import { MAX_LINE_LENGTH } from './constants.ts'
import type { PageFunction } from './types.ts'

const WORD = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/
const SERVICE = /^~?[A-Za-z0-9][A-Za-z0-9._/-]{0,255}$/
const ADDRESS = /^\/[A-Za-z0-9/.:%_-]{1,255}$/
/** Words that are safe as they are, or stand in single quotes, on one line. */
const WORDS = /^(?:[A-Za-z0-9_.:/+=@-]+|'[^'\p{Cc}]*'|\\'|[ ])*$/u

/**
 * `amigo call local.land/_/guestbook sign 'text'`; undefined if the function's name is not a plain word. Arguments that are not
 * safely quoted are left out.
 *
 * @param command how commands are typed on this node
 * @param address of the service
 */
export function callLine(command: string, address: string, { name, kind, example }: PageFunction): string | undefined {
  const service = serviceWord(address)
  if (!WORD.test(name) || service === undefined) return undefined
  const verb = kind === 'query' ? 'query' : 'call'
  const words = example.length <= MAX_LINE_LENGTH && WORDS.test(example) ? example : '...'
  return `${command} ${verb} ${service} ${name} ${words}`.trimEnd()
}

/** `amigo state local.land/_/guestbook`; undefined if the address is not one of a service. */
export function stateLine(command: string, address: string): string | undefined {
  const service = serviceWord(address)
  return service && `${command} state ${service}`
}

/** `amigo why local.land/_/guestbook` */
export function graphLine(command: string, address: string): string | undefined {
  const service = serviceWord(address)
  return service && `${command} why ${service}`
}

/** `amigo state local.land/_/guestbook /VARIABLE`, to be completed by the reader. */
export function statePartLine(command: string, address: string): string | undefined {
  const line = stateLine(command, address)
  return line && `${line} /VARIABLE`
}

/** A shell would take a tilde for a home. */
function serviceWord(address: string): string | undefined {
  if (!SERVICE.test(address)) return undefined
  return address.startsWith('~') ? `'${address}'` : address
}

/** The line with which another node connects to this one; undefined if the address is not one. */
export function connectLine(command: string, address: string): string | undefined {
  return ADDRESS.test(address) ? `${command} connect ${address}` : undefined
}
