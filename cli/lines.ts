import { CliError } from './errors.ts'

const LINE_FEED = 0x0a

/** Lines of UTF-8 text as they come, without their ends, none longer than `maxBytes`; the last one needs no end. */
export async function* readLines(chunks: AsyncIterable<Uint8Array | string>, maxBytes: number): AsyncGenerator<string> {
  const decode = (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8').replace(/\r$/, '')
  let kept: Uint8Array[] = []
  let size = 0
  const keep = (bytes: Uint8Array) => {
    size += bytes.length
    if (size > maxBytes) throw new CliError('USAGE', `A line is longer than ${maxBytes} bytes`)
    if (bytes.length > 0) kept.push(bytes)
  }
  for await (const chunk of chunks) {
    let rest: Uint8Array = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
    for (let end = rest.indexOf(LINE_FEED); end !== -1; end = rest.indexOf(LINE_FEED)) {
      keep(rest.subarray(0, end))
      yield decode(Buffer.concat(kept))
      kept = []
      size = 0
      rest = rest.subarray(end + 1)
    }
    keep(rest)
  }
  if (size > 0) yield decode(Buffer.concat(kept))
}
