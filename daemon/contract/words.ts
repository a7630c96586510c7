import { typeOfOne } from './arguments.ts'
import { checkValue } from './check-value.ts'
import { MAX_TYPE_QUOTE_LENGTH, MAX_WORD_LENGTH } from './constants.ts'
import { describeDeclared, quote } from './describe.ts'
import { ContractError } from './errors.ts'
import { exampleArguments } from './example-arguments.ts'
import { isRecord } from './is-record.ts'
import { plainText } from './text.ts'
import { typeText } from './type-text.ts'
import type { Json, Parameter, ValueType } from './types.ts'
import { isBase64, isInteger, toBase64 } from './value.ts'

type Reader = (word: string, type: ValueType) => Json | undefined

/** A day, or a time with its zone: what is read the same way everywhere. */
const DATE = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/

/** How a word is read by the kind of its parameter's type; undefined where it cannot be. All others are JSON. */
const READERS: Partial<Record<ValueType['kind'], Reader>> = {
  string: (word) => word,
  number: readNumber,
  boolean: (word) => (word === 'true' ? true : word === 'false' ? false : undefined),
  null: (word) => (word === 'null' ? null : undefined),
  bigint: (word) => {
    const digits = word.replace(/n$/, '')
    return isInteger(digits) ? { '/': { bigint: digits } } : parse(word)
  },
  bytes: readBytes,
  date: (word) => {
    const date = DATE.test(word) ? new Date(word) : undefined
    if (date === undefined) return parse(word)
    return Number.isNaN(date.getTime()) ? undefined : { '/': { date: date.toISOString() } }
  },
  literal: (word, type) => (type.kind === 'literal' && String(type.value) === word ? type.value : parse(word)),
  map: (word) => {
    const json = parse(word)
    if (Array.isArray(json)) return { '/': { map: json } }
    return isPlain(json) ? { '/': { map: Object.entries(json) } } : json
  },
  set: (word) => {
    const json = parse(word)
    return Array.isArray(json) ? { '/': { set: json } } : json
  },
  any: (word) => parse(word) ?? word,
  union: readUnion,
}

const JSON_KINDS = new Set<ValueType['kind']>(['array', 'object', 'record', 'map', 'set'])

const HINTS: Partial<Record<ValueType['kind'], string>> = {
  boolean: 'Write true or false.',
  bytes: 'Write bytes in base64, or in hexadecimal digits after 0x.',
  date: 'Write a day, or a time with its zone.',
}

/**
 * Reads a word of a command line by the type of the parameter it is meant for, into the encoding of specs/values.md. Pure.
 * Throws BAD_ARGUMENTS if it cannot be of that type.
 */
export function readWord(param: Parameter, word: string): Json {
  const one = { ...param, text: textOfOne(param), type: typeOfOne(param) }
  if (word.length > MAX_WORD_LENGTH) throw bad(one, `is longer than ${MAX_WORD_LENGTH} characters`)
  const json = read(one.type, word)
  const found = json === undefined ? { at: '', expected: '', got: '' } : checkValue(one.type, json)
  if (json !== undefined && found === undefined) return json
  if (found !== undefined && (found.at !== '' || one.type.kind === 'any'))
    throw bad(one, `has to be ${found.expected}, and ${found.got} came`, found.at)
  const text = plainText(one.text, MAX_TYPE_QUOTE_LENGTH)
  const isNoJson = isJsonOnly(one.type) && parse(word) === undefined
  throw bad(
    one,
    isNoJson
      ? `has to be JSON of the type ${text}, and ${quote(word)} is not JSON`
      : `has to be of the type ${text}, and ${quote(word)} is not`,
  )
}

function read(type: ValueType, word: string): Json | undefined {
  const reader = READERS[type.kind]
  return reader === undefined ? parse(word) : reader(word, type)
}

/** JSON where that fits, then the word itself, then what each member makes of it. */
function readUnion(word: string, type: ValueType): Json | undefined {
  const members = type.kind === 'union' ? type.of : []
  const readings = [parse(word), word, ...members.map((member) => read(member, word))]
  return readings.find((json) => json !== undefined && checkValue(type, json) === undefined)
}

function readNumber(word: string): Json | undefined {
  if (/^-?(Infinity|0)$|^NaN$/.test(word) && word !== '0') return { '/': { number: word } }
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(word) && Number.isFinite(Number(word)) ? Number(word) : undefined
}

function readBytes(word: string): Json | undefined {
  if (!word.startsWith('0x')) return isBase64(word) ? bytes(Buffer.from(word, 'base64')) : parse(word)
  return /^0x([0-9a-f]{2})*$/i.test(word) ? bytes(Buffer.from(word.slice(2), 'hex')) : undefined
}

function bytes(buffer: Buffer): Json {
  return { '/': { bytes: toBase64(buffer) } }
}

function parse(word: string): Json | undefined {
  try {
    return JSON.parse(word) as Json
  } catch {
    return undefined
  }
}

function isPlain(json: Json | undefined): json is { [key: string]: Json } {
  return isRecord(json) && !Object.hasOwn(json, '/')
}

/** Whether a word of the type can be nothing but JSON. */
function isJsonOnly(type: ValueType): boolean {
  if (type.kind === 'union') return type.of.every((member) => member.kind === 'null' || isJsonOnly(member))
  return JSON_KINDS.has(type.kind)
}

/** A rest parameter's type is that of all its words together. */
function textOfOne(param: Parameter): string {
  if (!param.rest) return param.text
  return param.text.endsWith('[]') ? param.text.slice(0, -2) : typeText(typeOfOne(param))
}

function bad(param: Parameter, reason: string, at = ''): ContractError {
  const [example = ''] = exampleArguments([{ ...param, optional: false, rest: false }])
  const hints = [
    HINTS[param.type.kind],
    describeDeclared(param),
    example.length <= MAX_TYPE_QUOTE_LENGTH ? `For example: ${example}` : undefined,
  ]
  const hint = hints.filter((sentence) => sentence !== undefined).join(' ')
  return new ContractError('BAD_ARGUMENTS', `${quote(param.name)}${at} ${reason}.`, hint || 'Give a simpler value.')
}
