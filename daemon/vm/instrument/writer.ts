/** Writes the binary format into a buffer that grows. */
export class Writer {
  private buffer = new Uint8Array(256)
  private length = 0

  bytes(): Uint8Array {
    return this.buffer.subarray(0, this.length)
  }

  byte(...values: number[]): this {
    for (const value of values) {
      if (this.length === this.buffer.length) this.reserve(1)
      this.buffer[this.length++] = value
    }
    return this
  }

  raw(bytes: Uint8Array): this {
    this.reserve(bytes.length)
    this.buffer.set(bytes, this.length)
    this.length += bytes.length
    return this
  }

  /** LEB128 */
  unsigned(value: number): this {
    let rest = value
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.byte((rest % 0x80) | 0x80)
    return this.byte(rest)
  }

  /** LEB128 in two's complement */
  signed(value: number | bigint): this {
    for (let rest = BigInt(value); ; ) {
      const low = Number(rest & 0x7fn)
      rest >>= 7n
      if ((rest === 0n && low < 0x40) || (rest === -1n && low >= 0x40)) return this.byte(low)
      this.byte(low | 0x80)
    }
  }

  text(text: string): this {
    return this.sized(new TextEncoder().encode(text))
  }

  /** the bytes after their length */
  sized(bytes: Uint8Array): this {
    return this.unsigned(bytes.length).raw(bytes)
  }

  private reserve(more: number): void {
    if (this.length + more <= this.buffer.length) return
    const larger = new Uint8Array(Math.max(this.buffer.length * 2, this.length + more))
    larger.set(this.bytes())
    this.buffer = larger
  }
}
