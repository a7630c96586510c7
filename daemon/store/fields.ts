import { CID } from 'multiformats/cid'
import { isOurCid } from './block.ts'
import { StoreError } from './errors.ts'

/** Takes the fields of a decoded map one by one. Each throws StoreError BLOCK_INVALID for what is not as it says. */
export interface Fields {
  has(key: string): boolean
  /** any value that is there */
  take(key: string): unknown
  cid(key: string): CID
  /** a whole number from 0 to `max` */
  count(key: string, max?: number): number
  /** whole numbers, of either sign */
  integers(key: string, maxLength: number): number[]
  bytes(key: string, range: { min: number; max: number }): Uint8Array
  text(key: string, maxLength: number): string
  list(key: string, maxLength: number): unknown[]
  flag(key: string): boolean
  /** Nothing else may be in the map. */
  end(): void
}

/**
 * Takes a decoded map apart, field by field. @param what it should be, for the message
 *
 * @throws StoreError BLOCK_INVALID if it is no map
 */
export const fieldsOf = (value: unknown, what: string): Fields => {
  if (
    typeof value !== 'object' ||
    value === null ||
    Array.isArray(value) ||
    value instanceof Uint8Array ||
    CID.asCID(value)
  ) {
    throw new StoreError('BLOCK_INVALID', `A ${what} is not a map.`)
  }
  const left = new Map<string, unknown>(Object.entries(value))
  const bad = (key: string): StoreError =>
    new StoreError('BLOCK_INVALID', `The field ${key} of a ${what} is not as it should be.`)

  const take = (key: string): unknown => {
    if (!left.has(key)) throw new StoreError('BLOCK_INVALID', `The field ${key} of a ${what} is missing.`)
    const found = left.get(key)
    left.delete(key)
    return found
  }

  const list = (key: string, maxLength: number): unknown[] => {
    const found = take(key)
    if (!Array.isArray(found) || found.length > maxLength) throw bad(key)
    return found
  }

  return {
    has: (key) => left.has(key),
    take,
    list,
    cid: (key) => asOurCid(take(key)) ?? fail(bad(key)),
    count: (key, max = Number.MAX_SAFE_INTEGER) => {
      const found = take(key)
      if (!isInteger(found) || found < 0 || found > max) throw bad(key)
      return found
    },
    integers: (key, maxLength) => {
      const found = list(key, maxLength)
      if (!found.every(isInteger)) throw bad(key)
      return found
    },
    flag: (key) => {
      const found = take(key)
      if (typeof found !== 'boolean') throw bad(key)
      return found
    },
    bytes: (key, { min, max }) => {
      const found = take(key)
      if (!(found instanceof Uint8Array) || found.length < min || found.length > max) throw bad(key)
      return found
    },
    text: (key, maxLength) => {
      const found = take(key)
      if (typeof found !== 'string' || found.length > maxLength) throw bad(key)
      return found
    },
    end: () => {
      if (left.size > 0) throw new StoreError('BLOCK_INVALID', `A ${what} has fields nobody knows.`)
    },
  }
}

/** The CID, if it is one of the kind we make. */
export const asOurCid = (value: unknown): CID | undefined => {
  const cid = CID.asCID(value)
  return cid !== null && isOurCid(cid) ? cid : undefined
}

const isInteger = (value: unknown): value is number => Number.isSafeInteger(value)

const fail = (error: StoreError): never => {
  throw error
}
