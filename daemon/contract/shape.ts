import { code as dagCborCode } from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { sha256 } from 'multiformats/hashes/sha2'
import { MAX_CID_LENGTH } from './constants.ts'
import { isRecord } from './is-record.ts'
import { isPlainText } from './text.ts'

/** Takes a decoded value for what it has to be, or throws a ShapeError that says where it is not. */
export type Shape<T> = (value: unknown, at: string) => T

export class ShapeError extends Error {}

/** @throws ShapeError, always. @param at where in the block @param expected completes "is not" */
export function refuse(at: string, expected: string): never {
  throw new ShapeError(`${at} is not ${expected}`)
}

/** A map with exactly these keys. */
export function record<T>(fields: { [K in keyof T]: Shape<T[K]> }): Shape<T> {
  const names = Object.keys(fields) as (keyof T & string)[]
  return (value, at) => {
    if (!isMap(value) || Object.keys(value).length !== names.length) refuse(at, `a map of ${names.join(', ')}`)
    const entries = names.map((name) => {
      if (!Object.hasOwn(value, name)) refuse(at, `a map of ${names.join(', ')}`)
      return [name, fields[name](value[name], `${at}.${name}`)]
    })
    return Object.fromEntries(entries) as T
  }
}

/** The same with one key more, which may be left out. */
export function withOptional<T, K extends string, V>(
  inner: Shape<T>,
  key: K,
  more: Shape<V>,
): Shape<T & { [Key in K]?: V }> {
  type Both = T & { [Key in K]?: V }
  return (value, at) => {
    if (!isMap(value) || !Object.hasOwn(value, key)) return inner(value, at) as Both
    const { [key]: extra, ...rest } = value
    return { ...inner(rest, at), [key]: more(extra, `${at}.${key}`) } as Both
  }
}

/** A list of at most `max` items of one shape. */
export function list<T>(item: Shape<T>, max: number): Shape<T[]> {
  return (value, at) => {
    if (!Array.isArray(value) || value.length > max) refuse(at, `a list of at most ${max}`)
    return value.map((element, index) => item(element, `${at}[${index}]`))
  }
}

/** A text that can be shown as it is. */
export function text(max: number): Shape<string> {
  return (value, at) =>
    typeof value === 'string' && value.length <= max && isPlainText(value) ? value : refuse(at, 'a text')
}

/** One of these values. */
export function one<T extends string | number | boolean>(...values: T[]): Shape<T> {
  return (value, at) => values.find((known) => known === value) ?? refuse(at, values.join(' or '))
}

/** `true` or `false`. */
export const flag: Shape<boolean> = (value, at) => (typeof value === 'boolean' ? value : refuse(at, 'a boolean'))

/** A link to raw bytes, by the one hash that every node computes. */
export const rawLink: Shape<CID> = (value, at) => {
  const cid = CID.asCID(value)
  if (cid === null || cid.version !== 1 || cid.code !== raw.code || !isSha256(cid))
    return refuse(at, 'a link to raw bytes')
  return cid
}

/** The text of a CID of a commit, a service or a contract: a name, which leads nobody to fetch it. */
export const blockName: Shape<CID> = (value, at) => {
  return (typeof value === 'string' ? blockNamed(value) : undefined) ?? refuse(at, 'the CID of dag-cbor, as text')
}

/** The CID of a commit, a service or a contract, by its one written form; undefined if it is something else. */
export function blockNamed(text: string): CID | undefined {
  const cid = text.length <= MAX_CID_LENGTH ? parsed(text) : undefined
  const isOurs = cid?.version === 1 && cid.code === dagCborCode && isSha256(cid) && cid.toString() === text
  return isOurs ? cid : undefined
}

function parsed(text: string): CID | undefined {
  try {
    return CID.parse(text)
  } catch {
    return undefined
  }
}

/** Whether a CID names its block by a sha2-256 of full length. */
export function isSha256({ multihash }: CID): boolean {
  return multihash.code === sha256.code && multihash.size === 32
}

/** Whether a decoded value is a map: no list, and no link. */
export function isMap(value: unknown): value is Record<string, unknown> {
  return isRecord(value) && CID.asCID(value) === null
}
