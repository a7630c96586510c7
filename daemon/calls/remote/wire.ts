/** Reads the fields of what other nodes send: each is checked, nothing is taken on trust. */
import { CID } from 'multiformats/cid'
import { MAX_CHAIN } from '../../../protocol/constants.ts'
import { MAX_CALLS_PER_COMMIT, MAX_EPOCH } from '../../store/constants.ts'
import type { Base } from '../../store/types.ts'
import {
  MAX_HISTORY_PAGE,
  MAX_LOG_LINE,
  MAX_LOG_LINES,
  MAX_NAME_LENGTH,
  MAX_PULL_BLOCKS,
  MAX_REMOTE_ARGUMENT_BYTES,
  MAX_SPAN_MS,
  MAX_TRACE_SPANS,
} from '../constants.ts'
import { CallsError } from '../errors.ts'
import type { Span } from '../run/stopwatch.ts'

/** A field of a body, or an error that says whose body is wrong. */
export type Read = <T>(name: string, is: (value: unknown) => value is T) => T

/** @param refuse what to throw about a field that is missing or of the wrong kind */
export function reader(body: unknown, refuse: (field: string) => CallsError): Read {
  return (name, is) => {
    const value = typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : undefined
    if (is(value)) return value
    throw refuse(name)
  }
}

/** ANSWER_INVALID, about a field in the answer of a host. @param host peer ID */
export function badAnswer(host: string, field: string): CallsError {
  const message = `The host ${host} sent no valid "${field}".`
  return new CallsError('ANSWER_INVALID', message, 'it may run another version of Amigos')
}

/** REQUEST_FIELD_INVALID, about a field of a request that came from a peer. */
export function badRequest(field: string): CallsError {
  return new CallsError(
    'REQUEST_FIELD_INVALID',
    `The request has no valid "${field}".`,
    'see specs/internode.md, section 12',
  )
}

type Is<T> = (value: unknown) => value is T

const listOf =
  <T>(is: Is<T>, most: number): Is<T[]> =>
  (value): value is T[] =>
    Array.isArray(value) && value.length <= most && value.every(is)

const orNull =
  <T>(is: Is<T>): Is<T | null> =>
  (value): value is T | null =>
    value === null || is(value)

export const isBytes: Is<Uint8Array> = (value) => value instanceof Uint8Array
export const isBytesOrNull: Is<Uint8Array | null> = orNull(isBytes)
export const isCid: Is<CID> = (value): value is CID => CID.asCID(value) !== null
export const isCidOrNull: Is<CID | null> = orNull(isCid)
/** A whole number from 0. */
export const isCount: Is<number> = (value): value is number => Number.isSafeInteger(value) && (value as number) >= 0
export const isCountOrNull: Is<number | null> = orNull(isCount)
export const isFlag: Is<boolean> = (value) => typeof value === 'boolean'
const isLine: Is<string> = (value): value is string => typeof value === 'string' && value.length <= MAX_LOG_LINE
/** A name, of a function or a user. */
export const isText: Is<string> = (value): value is string =>
  typeof value === 'string' && value.length <= MAX_NAME_LENGTH
/** Encoded arguments. */
export const isArguments: Is<Uint8Array> = (value): value is Uint8Array =>
  value instanceof Uint8Array && value.length <= MAX_REMOTE_ARGUMENT_BYTES
export const isLines: Is<string[]> = listOf(isLine, MAX_LOG_LINES)
export const isPage: Is<CID[]> = listOf(isCid, MAX_HISTORY_PAGE)
/** What the calls of one commit emitted. */
export const isEventTexts: Is<Uint8Array[]> = listOf(isBytes, MAX_CALLS_PER_COMMIT)
export const isWish: Is<CID[]> = listOf(isCid, MAX_PULL_BLOCKS)
export const isHandovers: Is<Uint8Array[]> = listOf(isBytes, MAX_EPOCH)
/** Where a pruned history begins. */
export const isBaseOrNull: Is<(Base & { seq: number }) | null> = orNull((value): value is Base & { seq: number } => {
  if (typeof value !== 'object' || value === null) return false
  const { commit, seq, checkpoint, handovers } = value as Record<string, unknown>
  return isCid(commit) && isCount(seq) && isCid(checkpoint) && listOf(isCid, MAX_EPOCH)(handovers)
})
export const isBlocks: Is<(Uint8Array | null)[]> = listOf(isBytesOrNull, MAX_PULL_BLOCKS)
/** What older or simpler askers leave out. */
export const isBytesIfAny: Is<Uint8Array | null | undefined> = (value): value is Uint8Array | null | undefined =>
  value === undefined || isBytesOrNull(value)

export const isFlagIfAny: Is<boolean | null | undefined> = (value): value is boolean | null | undefined =>
  value === undefined || value === null || isFlag(value)
/** In whose course a service asks. */
export const isViaIfAny: Is<{ origin: string; chain: CID[] } | null | undefined> = (
  value,
): value is { origin: string; chain: CID[] } | null | undefined => {
  if (value === undefined || value === null) return true
  if (typeof value !== 'object') return false
  const { origin, chain } = value as Record<string, unknown>
  if (!isText(origin) || !listOf(isCid, MAX_CHAIN)(chain)) return false
  return chain.length > 0 && new Set(chain.map(String)).size === chain.length
}
/** What is left to a call that a service makes. */
export const isShareIfAny: Is<{ time: number; most: number; ms: number } | null | undefined> = (
  value,
): value is { time: number; most: number; ms: number } | null | undefined => {
  if (value === undefined || value === null) return true
  if (typeof value !== 'object') return false
  const { time, most, ms } = value as Record<string, unknown>
  return isCount(time) && isCount(most) && isCount(ms)
}
/** Milliseconds of what was measured: a day at most. */
const isSpanTime: Is<number> = (value): value is number =>
  typeof value === 'number' && value >= 0 && value <= MAX_SPAN_MS
const isSpan: Is<Span> = (value): value is Span => {
  if (typeof value !== 'object' || value === null) return false
  const { name, ms, at } = value as Record<string, unknown>
  return isText(name) && isSpanTime(ms) && (at === undefined || isSpanTime(at))
}
const isSpans: Is<Span[]> = listOf(isSpan, MAX_TRACE_SPANS)
/** What hosts that know of no traces leave out. */
export const isTraceIfAny: Is<Span[] | undefined> = (value): value is Span[] | undefined =>
  value === undefined || isSpans(value)

/** A field that the wire writes as null when it is absent. */
export const optional = <K extends string, T>(key: K, value: T | null): { [name in K]?: T } =>
  value === null ? {} : ({ [key]: value } as { [name in K]: T })
