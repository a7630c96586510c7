/**
 * The last part of the guest's runtime: calls from the host to the contract, and what a contract may know.
 *
 * Whatever the host calls answers with a string: one letter, see LETTERS in machine/answers.ts, then JSON text or a message.
 * `invoke` may also answer with the promise that the contract returned, for the host to settle and hand to `answer`; `answer` with one of the
 * runtime's own, whose value is the string. So may `invoke`, and `answer` leaves that as it is.
 */
export const dispatch: string = `
const MAX_MESSAGE = 1000, MAX_LOG_LINE = 1000
let contract
const NO_CHAIN = '[]'
let caller_ = '', origin_ = '', chain_, owner_ = '', service_ = '', seed = ''

export const caller = () => caller_
export const origin = () => origin_
export const chain = () => parse(chain_)
export const owner = () => owner_
export const service = () => service_

const lineOf = value => {
  if (typeof value === 'string') return value
  try { return encodeValue(value, 0) } catch { return describe(value) }
}
export const log = (...values) => {
  let line = ''
  for (let i = 0; i < values.length && line.length <= MAX_LOG_LINE; i++) line += (i === 0 ? '' : ' ') + lineOf(values[i])
  host.log(toWellFormed(slice(line, 0, MAX_LOG_LINE)))
}
globalThis.console = { log, info: log, warn: log, error: log, debug: log }
delete globalThis.SharedArrayBuffer

// sfc32 (C. Doty-Humphrey, PractRand), seeded on the first use in a call, half of the seed after the other
let seeded = false, s0 = 0, s1 = 0, s2 = 0, s3 = 0
const next = () => {
  const sum = (s0 + s1 + s3) | 0
  s3 = (s3 + 1) | 0
  s0 = s1 ^ (s1 >>> 9)
  s1 = (s2 + (s2 << 3)) | 0
  s2 = ((s2 << 21) | (s2 >>> 11)) + sum | 0
  return sum >>> 0
}
const seedWord = i => toInteger(slice(seed, i * 8, i * 8 + 8), 16) | 0
const absorb = i => {
  s0 ^= seedWord(i); s1 ^= seedWord(i + 1); s2 ^= seedWord(i + 2); s3 ^= seedWord(i + 3)
  for (let round = 0; round < 12; round++) next()
}
const random = () => {
  if (!seeded) {
    seeded = true
    s0 = s1 = s2 = s3 = 0
    absorb(0)
    absorb(4)
  }
  return ((next() >>> 5) * 67108864 + (next() >>> 6)) / 9007199254740992
}
defineProperty(Math, 'random', { __proto__: null, value: { random: () => random() }.random, writable: true, configurable: true })

/** What was thrown, in words; runs getters of the contract at most, never fails. */
const describe = error => {
  try {
    if (typeof error === 'string') return error
    if (isError(error)) {
      const { name, message } = error
      return (typeof name === 'string' ? name : 'Error') + ': ' + (typeof message === 'string' ? message : '')
    }
    return encodeValue(error, 0)
  } catch { return 'something that cannot be shown' }
}
const isError = value => typeof value === 'object' && value !== null && isPrototypeOf(ErrorPrototype, value)

/** The letter of a failure, by the prototype of the engine's own error and its message. */
const ENGINE_ERRORS = [
  { __proto__: null, letter: 'M', prototype: InternalErrorPrototype, message: 'out of memory' },
  { __proto__: null, letter: 'M', prototype: InternalErrorPrototype, message: 'out of memory in regexp execution' },
  { __proto__: null, letter: 'S', prototype: RangeErrorPrototype, message: 'Maximum call stack size exceeded' },
  { __proto__: null, letter: 'S', prototype: InternalErrorPrototype, message: 'stack overflow' },
  { __proto__: null, letter: 'S', prototype: SyntaxErrorPrototype, message: 'stack overflow' },
]
const letterOf = error => {
  if (error === null) return 'N'
  try {
    if (!isError(error)) return 'T'
    const { message } = error
    for (let i = 0; i < ENGINE_ERRORS.length; i++) {
      const known = ENGINE_ERRORS[i]
      if (message === known.message && isPrototypeOf(known.prototype, error)) return known.letter
    }
  } catch {}
  return 'T'
}
export const failed = error => letterOf(error) + toWellFormed(slice(describe(error), 0, MAX_MESSAGE))

/** As failed(), with the line of the contract from which it came. */
export const failedToLoad = error => {
  const text = failed(error)
  try {
    const stack = stackOf(error), file = 'contract.js:'
    const at = indexOf(stack, file)
    const line = at < 0 ? NaN : toInteger(slice(stack, at + file.length, at + file.length + 9), 10)
    if (line === line) return slice(text, 0, MAX_MESSAGE - 20) + ' (line ' + line + ')'
  } catch {}
  return text
}

const resultOf = value => {
  try {
    if (typeof value === 'object' && value !== null) {
      const items = iteratorOf(value)
      if (items !== undefined) {
        answers = asItIs
        return collect(items)
      }
    }
    return '+' + encodeValue(value, 0)
  } catch (error) {
    return error === refusal ? 'V' + refusal.why : failed(error)
  }
}

const asItIs = text => text
const migratedText = () => migrated
/** What a settled call becomes: its result, what state() returned, that migrate() is done, or that a stream is open. */
let answers = resultOf
export const answer = value => answers(value)

let methodName = '', path, stateLimit = 0
const showState = value => {
  try {
    let at = value
    for (let i = 0; i < path.length; i++) {
      at = enter(at, path[i])
      if (at === missing) return 'P'
    }
    return stateText(at, stateLimit)
  } catch (error) { return error === tooLarge ? 'L' : failed(error) }
}

const decodeArguments = text => {
  try {
    const args = parse(text)
    if (!isArray(args)) refuse('they are not an array')
    return decodeArray(args, 0)
  } catch (error) {
    if (error === refusal) return 'A' + refusal.why
    const failure = failed(error)
    return failure[0] === 'T' ? 'A' + slice(failure, 1) : failure
  }
}

const run = (method, text) => {
  const args = decodeArguments(text)
  return typeof args === 'string' ? args : use(method, args)
}

const use = (method, args) => {
  let result
  try { result = apply(method, undefined, args) } catch (error) { return failed(error) }
  return typeof result === 'object' && result !== null && isPrototypeOf(PromisePrototype, result) ? result : answer(result)
}

const find = name => {
  if (!hasOwn(contract, name)) return undefined
  const found = contract[name]
  return typeof found === 'function' ? found : undefined
}

/** header: JSON of [method, caller, owner, service, seed in hexadecimal, bytes of the largest result], from the host; where another service asks, also origin and JSON of the chain */
export const prepare = header => {
  const fields = parse(header)
  caller_ = fields[1]
  owner_ = fields[2]
  service_ = fields[3]
  seed = fields[4]
  stateLimit = fields[5]
  if (fields.length > 6) {
    origin_ = fields[6]
    chain_ = fields[7]
  } else {
    origin_ = caller_
    chain_ = NO_CHAIN
  }
  asking = AT_GENESIS
  seeded = false
  answers = resultOf
  return methodName = fields[0]
}

/** What the node calls, and nobody else. */
const ofNode = { __proto__: null, init: true, migrate: true, merge: true }
export const invoke = (header, text) => {
  const name = prepare(header)
  asking = ALLOWED
  const method = ofNode[name] ? undefined : find(name)
  return method === undefined ? 'F' : run(method, text)
}

export const state = (header, text) => {
  prepare(header)
  path = decodeArguments(text)
  if (typeof path === 'string') return path
  answers = showState
  asking = IN_STATE
  try {
    const method = find('state')
    return method === undefined ? showState(snapshot()) : use(method, newArguments())
  } catch (error) { return failed(error) }
}
const newArguments = () => []

export const initialise = text => {
  if (methodName === 'migrate') return migrate(text)
  if (methodName === 'merge') return merge(text)
  const method = find('init')
  return method === undefined ? '+null' : run(method, text)
}

export const attach = namespace => { contract = namespace; registering = false }
export const refusedImport = name =>
  new NewReferenceError("cannot import '" + name + "': a contract can import amigos:context, amigos:events, amigos:crypto, amigos:content, amigos:imports and amigos:steps")
`
