import * as dagCbor from '@ipld/dag-cbor'
import type { Memory } from '../types.ts'
import { decodeOwn } from './known-home.ts'
import type { Validation } from './types.ts'

/** The next sequence of a user or node. */
export type TakeSequence = (id: string) => Promise<number>

/**
 * Above everything used here, seen of it anywhere, and the clock: so a node restored from an old backup does not
 * fall behind what it published later. On disk before it is used.
 */
export function createSequence(
  { memory, validation, now }: { memory: Memory; validation: Pick<Validation, 'highest'>; now: () => number },
  prefix: string,
): TakeSequence {
  return async (id) => {
    const key = `${prefix}/${id}`
    const used = decodeOwn<number>(await memory.get(key)) ?? 0
    const seen = (await validation.highest(id))?.seq ?? 0
    const seq = Math.max(used + 1, seen + 1, now())
    await memory.put(key, dagCbor.encode(seq))
    return seq
  }
}
