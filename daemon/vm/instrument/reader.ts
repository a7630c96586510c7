import { VmError } from '../errors.ts'
import { IMMEDIATES, type Immediate, Prefixed } from './opcodes.ts'

/** Reads the binary format, front to back. Running over the end is an error. */
export class Reader {
  readonly bytes: Uint8Array
  position = 0

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  done(): boolean {
    return this.position >= this.bytes.length
  }

  byte(): number {
    const byte = this.bytes[this.position++]
    if (byte === undefined) throw unsupported('the module ends too early')
    return byte
  }

  take(length: number): Uint8Array {
    const start = this.position
    if (start + length > this.bytes.length) throw unsupported('the module ends too early')
    this.position += length
    return this.bytes.subarray(start, this.position)
  }

  rest(): Uint8Array {
    return this.take(this.bytes.length - this.position)
  }

  /** an unsigned LEB128 number of at most 32 bits */
  unsigned(): number {
    let result = 0
    for (let scale = 1; scale <= 2 ** 28; scale *= 128) {
      const byte = this.byte()
      result += (byte & 0x7f) * scale
      if (byte < 0x80) return result
    }
    throw unsupported('a number is too long')
  }

  name(): string {
    return new TextDecoder().decode(this.take(this.unsigned()))
  }

  vector<T>(item: (reader: this) => T): T[] {
    return Array.from({ length: this.unsigned() }, () => item(this))
  }

  instruction(): Instruction {
    const start = this.position
    const op = this.byte()
    const kind = IMMEDIATES[op]
    if (!kind) throw unsupported(`opcode 0x${op.toString(16)} is unknown`)
    const labels: number[] = []
    const immediate = READ[kind](this, labels)
    return { op, bytes: this.bytes.subarray(start, this.position), immediate, labels }
  }
}

export interface Instruction {
  op: number
  /** all of it, as it stands in the module */
  bytes: Uint8Array
  /** an index, a depth, a block type, the offset of a load or store, the second opcode of the prefixed family; else 0 */
  immediate: number
  /** the depths of a table of branches */
  labels: readonly number[]
}

const READ: Record<Immediate, (reader: Reader, labels: number[]) => number> = {
  none: () => 0,
  index: (r) => r.unsigned(),
  constant: (r) => skipped(r),
  twoIndexes: (r) => {
    const first = r.unsigned()
    r.unsigned()
    return first
  },
  memory: (r) => {
    if (r.unsigned() & 0x40) throw unsupported('it has several memories already')
    return r.unsigned()
  },
  bytes4: (r) => skipped(r, 4),
  bytes8: (r) => skipped(r, 8),
  labels: (r, labels) => {
    labels.push(...r.vector(() => r.unsigned()), r.unsigned())
    return 0
  },
  types: (r) => skipped(r, r.unsigned()),
  prefixed: (r) => prefixed(r),
}

/** Steps over so many bytes, or over one number. */
function skipped(r: Reader, bytes?: number): number {
  if (bytes === undefined) while (r.byte() >= 0x80);
  else r.take(bytes)
  return 0
}

/** data.drop and whatever changes a table would be state outside the memory: refused like the unknown. */
function prefixed(r: Reader): number {
  const op = r.unsigned()
  if (op <= Prefixed.lastConversion) return op
  if (op === Prefixed.memoryInit || op === Prefixed.memoryCopy) r.take(2)
  else if (op === Prefixed.memoryFill) r.take(1)
  else throw unsupported(`opcode 0xfc ${op} is unknown`)
  return op
}

/** ENGINE_UNSUPPORTED. @param why completes "The engine cannot be instrumented:" */
export function unsupported(why: string): VmError {
  return new VmError('ENGINE_UNSUPPORTED', `The engine cannot be instrumented: ${why}.`, 'Install the pinned version.')
}
