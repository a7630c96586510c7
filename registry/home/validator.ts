import { createHash } from 'node:crypto'
import { MAX_QUERY_VALUES, RECORD_NAMESPACE } from '../constants.ts'
import { RegistryError } from '../errors.ts'
import { createSeen, type SeenInit } from '../seen.ts'
import type { Memory, Validation } from '../types.ts'
import { verifyRecord } from './record.ts'

export interface ValidationComponents {
  memory: Memory
  /** milliseconds since 1970; @default Date.now */
  now?: () => number
}

export interface ValidationInit extends SeenInit {
  /** records of other networks are refused */
  networkId: string
}

/**
 * The one judge of home records on this node. kad-dht stores whatever its validator lets pass, older over newer too, so the
 * validator itself remembers the highest sequence; give the same object to the DHT and to the registry.
 */
export function createValidation({ memory, now = Date.now }: ValidationComponents, init: ValidationInit): Validation {
  const seen = createSeen(memory, init)
  const verify = (key: Uint8Array, value: Uint8Array) =>
    verifyRecord(value, { key, network: init.networkId, now: now() })

  const accept: Validation['accept'] = async (key, value) => {
    const record = await verify(key, value)
    const digest = createHash('sha256').update(value).digest()
    if (await seen.admit(record, digest, now())) return record
    throw new RegistryError(
      'RECORD_STALE',
      'a home record was refused: a newer one, or another of the same sequence, was seen before',
      'whoever sent it is behind, or replays it; ask another peer',
    )
  }

  const select = async (key: Uint8Array, values: Uint8Array[]): Promise<number> => {
    let best = { index: 0, seq: 0 }
    for (const [index, value] of values.slice(0, MAX_QUERY_VALUES).entries()) {
      const seq = await verify(key, value).then(
        (record) => record.seq,
        () => 0,
      )
      if (seq > best.seq) best = { index, seq }
    }
    return best.index
  }

  return {
    accept,
    highest: (user) => seen.highest(user),
    validators: {
      [RECORD_NAMESPACE]: async (key, value) => {
        await accept(key, value)
      },
    },
    selectors: { [RECORD_NAMESPACE]: select },
  }
}
