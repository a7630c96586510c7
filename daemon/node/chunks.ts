/** Bytes in pieces. */

export type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>

/** Lets so many bytes pass. @throws what `refuse` makes once there are more */
export function bounded(bytes: number, refuse: () => Error): (chunks: Chunks) => AsyncGenerator<Uint8Array> {
  return async function* (chunks) {
    let left = bytes
    for await (const chunk of chunks) {
      left -= chunk.length
      if (left < 0) throw refuse()
      yield chunk
    }
  }
}

/** All pieces in one. Without a bound of its own: whoever makes the pieces bounds them. */
export async function join(chunks: Chunks): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) parts.push(chunk)
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
}
