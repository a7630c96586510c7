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

  peek(): number | undefined {
    return this.bytes[this.position]
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

  skipLeb(count = 1): void {
    for (let left = count; left > 0; left--) while (this.byte() >= 0x80);
  }

  name(): string {
    return new TextDecoder().decode(this.take(this.unsigned()))
  }

  vector<T>(item: () => T): T[] {
    return Array.from({ length: this.unsigned() }, item)
  }

  /** The alignment and offset of a load or store; returns the offset. */
  memoryArgument(): number {
    if (this.unsigned() & 0x40) throw unsupported('it has several memories already')
    return this.unsigned()
  }

  /** Steps over what stands behind an opcode. */
  skipImmediates(op: number): void {
    const kind = IMMEDIATES[op]
    if (!kind) throw unsupported(`opcode 0x${op.toString(16)} is unknown`)
    SKIP[kind](this)
  }
}

const SKIP: Record<Immediate, (reader: Reader) => void> = {
  none: () => {},
  leb: (r) => r.skipLeb(),
  leb2: (r) => r.skipLeb(2),
  memory: (r) => r.memoryArgument(),
  bytes4: (r) => r.take(4),
  bytes8: (r) => r.take(8),
  labels: (r) => r.skipLeb(r.unsigned() + 1),
  types: (r) => r.skipLeb(r.unsigned()),
  prefixed: (r) => skipPrefixed(r),
}

/** data.drop and whatever changes a table would be state outside the memory: refused like the unknown. */
function skipPrefixed(r: Reader): void {
  const op = r.unsigned()
  if (op <= Prefixed.lastConversion) return
  if (op === Prefixed.memoryInit || op === Prefixed.memoryCopy) r.skipLeb(2)
  else if (op === Prefixed.memoryFill) r.skipLeb()
  else throw unsupported(`opcode 0xfc ${op} is unknown`)
}

export function unsupported(why: string): VmError {
  return new VmError('ENGINE_UNSUPPORTED', `The engine cannot be instrumented: ${why}.`, 'Install the pinned version.')
}
