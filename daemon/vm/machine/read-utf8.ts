/** The text of a contract as it is: TextDecoder alone would drop a byte order mark, and two names would be one. */
export function readUtf8(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
}
