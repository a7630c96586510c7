/**
 * The part of the guest's runtime behind 'amigos:imports': functions of other services. A call of one is an ask: the host is told at once, and
 * hands the answer to deliver() when nothing else is left to run.
 */
export const imports: string = `
const IMPORT_NAME_MAX = 256
const define_ = (object, key, value) =>
  defineProperty(object, key, { __proto__: null, value, writable: true, enumerable: true, configurable: true })

export class ImportError extends NewError {
  constructor(message, code = '', service = '', method = '') {
    super(message)
    define_(this, 'code', code)
    define_(this, 'service', service)
    define_(this, 'method', method)
  }
}
const ImportErrorPrototype = ImportError.prototype
defineProperty(ImportErrorPrototype, 'name', { __proto__: null, value: 'ImportError', writable: true, configurable: true })
errorPrototypes.ImportError = ImportErrorPrototype

/** Not by its class, whose own prototype a contract can replace. */
const importError = ({ service, method }, code, message) => {
  const error = setPrototypeOf(new NewError(message), ImportErrorPrototype)
  define_(error, 'code', code)
  define_(error, 'service', service)
  define_(error, 'method', method)
  return error
}

/** Whether something can be asked now: a number, which changes no line of memory when it is as it was. */
const ALLOWED = 0, AT_GENESIS = 1, IN_STATE = 2
const NOT_NOW = setPrototypeOf(['', 'while a service begins, or is upgraded', 'while the state is shown'], null)
let asking = AT_GENESIS

/** Asks that have no answer yet, in order, from place \`answered\` on; empty between two calls. */
let pending = newList(), answered = 0

const encodeArguments = args => {
  try { return encodeArray(args, 0) } catch (error) {
    if (error !== refusal) throw error
    throw new NewTypeError('the arguments cannot be sent: ' + refusal.why)
  }
}
const ask = (to, args) => {
  const found = { __proto__: null, resolve: undefined, reject: undefined, service: to.service, method: to.method }
  const promise = new NewPromise((resolve, reject) => {
    found.resolve = resolve
    found.reject = reject
  })
  try {
    if (asking !== ALLOWED) throw importError(to, 'IMPORT_REFUSED', to.service + ' cannot be asked ' + NOT_NOW[asking])
    checkedByHost(host.ask(to.service, to.method, encodeArguments(args)))
    pending[pending.length] = found
  } catch (error) { found.reject(error) }
  return promise
}

const importName = (value, what) => {
  if (typeof value !== 'string' || value.length === 0 || value.length > IMPORT_NAME_MAX)
    throw new NewTypeError('the name of ' + what + ' is a string of 1 to ' + IMPORT_NAME_MAX + ' characters')
  return toWellFormed(value)
}
export const importFunction = (service, method) => {
  const to = { __proto__: null, service: importName(service, 'an import'), method: importName(method, 'a function') }
  const imported = (...args) => ask(to, args)
  return defineProperty(imported, 'name', { __proto__: null, value: to.method, configurable: true })
}

/** @param text of the next answer: its value behind a plus sign, or [code, message] behind a minus sign; else it is none */
export const deliver = text => {
  const asked = pending[answered]
  pending[answered++] = undefined
  if (answered === pending.length) {
    pending = newList()
    answered = 0
  }
  let value
  try {
    const json = parse(slice(text, 1))
    if (text[0] === '-') return asked.reject(importError(asked, json[0], json[1]))
    value = decodeValue(json, 0)
  } catch (error) {
    const isFull = error !== refusal && (error === null || letterOf(error) === 'M')
    return asked.reject(isFull ? error : importError(asked, 'IMPORT_BROKE', asked.service + ' answered with what is no value'))
  }
  asked.resolve(value)
}

/** What is said of a rejection that nobody handled: a failure where an import is the reason. Else nothing of the contract runs. */
export const unhandled = reason =>
  host.kind(reason) === 'Error' && getPrototypeOf(reason) === ImportErrorPrototype ? failed(reason) : '+'
`
