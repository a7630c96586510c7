import { CliError } from './errors.ts'

const LINE_FEED = 0x0a

/** Lines of UTF-8 text as they come, without their ends, none longer than `maxBytes`; the last one needs no end. Throws USAGE. */
export async function* readLines(chunks: AsyncIterable<Uint8Array | string>, maxBytes: number): AsyncGenerator<string> {
  for await (const line of readEachLine(chunks, maxBytes)) {
    if (line instanceof CliError) throw line
    yield line
  }
}

/** The same, where one that is too long is an error in its place. Nothing of it is kept, and the next ones are read. */
export async function* readEachLine(
  chunks: AsyncIterable<Uint8Array | string>,
  maxBytes: number,
): AsyncGenerator<string | CliError> {
  let kept: Uint8Array[] = []
  let size = 0
  const keep = (bytes: Uint8Array): void => {
    size += bytes.length
    if (size > maxBytes) kept = []
    else if (bytes.length > 0) kept.push(bytes)
  }
  const finish = (): string | CliError => {
    const line = size > maxBytes ? tooLong(maxBytes) : decode(Buffer.concat(kept))
    kept = []
    size = 0
    return line
  }
  for await (const chunk of chunks) {
    let rest: Uint8Array = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
    for (let end = rest.indexOf(LINE_FEED); end !== -1; end = rest.indexOf(LINE_FEED)) {
      keep(rest.subarray(0, end))
      yield finish()
      rest = rest.subarray(end + 1)
    }
    keep(rest)
  }
  if (size > 0) yield finish()
}

function decode(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8').replace(/\r$/, '')
}

function tooLong(maxBytes: number): CliError {
  return new CliError('USAGE', `A line is longer than ${maxBytes} bytes.`, 'say it in several lines, or in fewer words')
}
