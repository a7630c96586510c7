import { type Instance, mark } from './instance.ts'

/** Thrown where the engine could not allocate, or where it says that it ran out of memory. */
export class GuestOutOfMemory extends Error {}

/** Bytes of a pointer, or of a length. */
export const WORD = 4

/**
 * Marked ways into an engine's memory, and ways out. Addresses may come from an image that somebody made to harm: outside the
 * memory they read nothing, throw a RangeError, or make the engine trap, and none of that reaches beyond the instance.
 */
export class GuestMemory {
  readonly #instance: Instance

  constructor(instance: Instance) {
    this.#instance = instance
  }

  word(address: number): number {
    return this.#instance.view.getUint32(address, true)
  }

  setWord(address: number, value: number): void {
    this.#instance.view.setUint32(address, value, true)
    mark(this.#instance, address, WORD)
  }

  setLong(address: number, value: bigint): void {
    this.#instance.view.setBigUint64(address, value, true)
    mark(this.#instance, address, 2 * WORD)
  }

  fillZero(address: number, length: number): void {
    this.#instance.memory.fill(0, address, address + length)
    mark(this.#instance, address, length)
  }

  allocate(length: number): number {
    const address = this.#instance.exports['wasm_malloc']!(length) >>> 0
    if (address === 0) throw new GuestOutOfMemory()
    return address
  }

  free(address: number): void {
    this.#instance.exports['wasm_free']!(address)
  }

  /** A copy of the bytes and a zero behind them, on the engine's heap. */
  writeZeroEnded(bytes: Uint8Array): number {
    const { memory } = this.#instance
    const address = this.allocate(bytes.length + 1)
    memory.set(bytes, address)
    memory[address + bytes.length] = 0
    mark(this.#instance, address, bytes.length + 1)
    return address
  }

  writeText(text: string): number {
    return this.writeZeroEnded(Buffer.from(text))
  }

  /** A zero-ended string, if it is not longer than `maxBytes`. */
  cString(address: number, maxBytes: number): string | undefined {
    const bytes = this.#instance.memory.subarray(address, address + maxBytes + 1)
    const length = bytes.indexOf(0)
    return length < 0 ? undefined : Buffer.from(bytes.subarray(0, length)).toString()
  }

  view(address: number, length: number): Uint8Array {
    return this.#instance.memory.subarray(address, address + length)
  }

  copy(address: number, length: number): Uint8Array {
    return this.#instance.memory.slice(address, address + length)
  }
}
