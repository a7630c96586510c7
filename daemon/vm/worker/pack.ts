/** Groups of calls as they cross between threads: a buffer costs some microseconds, however short, so all bytes go in one. */
import { SEED_BYTES } from '../constants.ts'
import type { CallRequest, Outcome } from '../types.ts'

/** Byte strings one after the other, and where each ends. */
interface Joined {
  bytes: Uint8Array
  ends: Uint32Array
}

type Plain = Omit<CallRequest, 'args' | 'context'> & { context: Omit<CallRequest['context'], 'seed'> }

export interface PackedRequests {
  /** without arguments and seeds */
  plain: Plain[]
  args: Joined
  seeds: Uint8Array
}

/** An outcome whose bytes are elsewhere: the result, then the values of its events, then what it wrote. */
type PlainOutcome =
  | (Omit<Success, 'result' | 'events' | 'writes'> & { events: string[]; writes: string[] })
  | (Outcome & { ok: false })
type Success = Outcome & { ok: true }

export interface PackedOutcomes {
  plain: PlainOutcome[]
  bytes: Joined
}

export function packRequests(requests: readonly CallRequest[]): PackedRequests {
  const seeds = new Uint8Array(requests.length * SEED_BYTES)
  const plain = requests.map(({ args: _, context: { seed, ...context }, ...rest }, i) => {
    seeds.set(seed, i * SEED_BYTES)
    return { ...rest, context }
  })
  return { plain, args: join(requests.map(({ args }) => args)), seeds }
}

export function unpackRequests({ plain, args, seeds }: PackedRequests): CallRequest[] {
  return plain.map(({ context, ...rest }, i) => {
    const seed = seeds.subarray(i * SEED_BYTES, (i + 1) * SEED_BYTES)
    return { ...rest, args: part(args, i), context: { ...context, seed } }
  })
}

export function packOutcomes(outcomes: readonly Outcome[]): PackedOutcomes {
  const parts: Uint8Array[] = []
  const plain = outcomes.map((outcome): PlainOutcome => {
    if (!outcome.ok) return outcome
    const { result, events, writes, ...rest } = outcome
    parts.push(result)
    for (const { value } of events) parts.push(value)
    for (const { bytes } of writes) parts.push(bytes)
    return { ...rest, events: events.map(({ name }) => name), writes: writes.map(({ cid }) => cid) }
  })
  return { plain, bytes: join(parts) }
}

/** Bytes of several get a buffer each: one that is kept must not keep the others. */
export function unpackOutcomes({ plain, bytes }: PackedOutcomes): Outcome[] {
  const alone = bytes.ends.length === 1
  let next = 0
  const take = (): Uint8Array => (alone ? part(bytes, next++) : part(bytes, next++).slice())
  return plain.map((outcome): Outcome => {
    if (!outcome.ok) return outcome
    return {
      ...outcome,
      result: take(),
      events: outcome.events.map((name) => ({ name, value: take() })),
      writes: outcome.writes.map((cid) => ({ cid, bytes: take() })),
    }
  })
}

function join(items: readonly Uint8Array[]): Joined {
  const ends = new Uint32Array(items.length)
  let end = 0
  for (const [i, { length }] of items.entries()) ends[i] = end += length
  if (items.length === 1) return { bytes: items[0]!, ends }
  const bytes = new Uint8Array(end)
  for (const [i, item] of items.entries()) bytes.set(item, ends[i]! - item.length)
  return { bytes, ends }
}

function part({ bytes, ends }: Joined, i: number): Uint8Array {
  return bytes.subarray(i === 0 ? 0 : ends[i - 1], ends[i])
}
