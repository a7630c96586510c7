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

export interface PackedOutcomes {
  /** successes without their results */
  plain: (Omit<Outcome & { ok: true }, 'result'> | (Outcome & { ok: false }))[]
  results: Joined
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
  const plain = outcomes.map((outcome) => {
    if (!outcome.ok) return outcome
    const { result: _, ...rest } = outcome
    return rest
  })
  return { plain, results: join(outcomes.map((outcome) => (outcome.ok ? outcome.result : NOTHING))) }
}

/** Each result of several gets a buffer of its own: one that is kept must not keep the others. */
export function unpackOutcomes({ plain, results }: PackedOutcomes): Outcome[] {
  return plain.map((outcome, i): Outcome => {
    if (!outcome.ok) return outcome
    return { ...outcome, result: plain.length === 1 ? part(results, i) : part(results, i).slice() }
  })
}

const NOTHING = new Uint8Array(0)

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
