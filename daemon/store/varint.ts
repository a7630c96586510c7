import { StoreError } from './errors.ts'

/** Appends a whole number from 0 to 2^53 - 1 as unsigned LEB128. */
export const pushVarint = (out: number[], value: number): void => {
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) out.push((rest % 0x80) | 0x80)
  out.push(rest)
}

export interface VarintReader {
  readonly position: number
  /** The next number, in its shortest form and at most `max`. @throws StoreError BLOCK_INVALID */
  next(max: number): number
}

/** Reads numbers one after the other. @param start of the first, in bytes */
export const varintReader = (bytes: Uint8Array, start: number): VarintReader => {
  let position = start
  return {
    get position() {
      return position
    },
    next: (max) => {
      let value = 0
      for (let scale = 1; ; scale *= 0x80) {
        const byte = bytes[position++]
        if (byte === undefined) throw new StoreError('BLOCK_INVALID', 'A number ends before it is complete.')
        value += (byte & 0x7f) * scale
        if (value > max) throw new StoreError('BLOCK_INVALID', 'A number is above its bound.')
        if (byte >= 0x80) continue
        if (byte === 0 && scale > 1) throw new StoreError('BLOCK_INVALID', 'A number is not in its shortest form.')
        return value
      }
    },
  }
}

/** Signed to unsigned, small to small: 0, -1, 1, -2 become 0, 1, 2, 3. For whole numbers of at most 52 bits. */
export const zigzag = (value: number): number => (value < 0 ? -2 * value - 1 : 2 * value)
/** The signed number that a zigzag-coded one stands for. */
export const unzigzag = (value: number): number => (value % 2 === 0 ? value / 2 : -(value + 1) / 2)
