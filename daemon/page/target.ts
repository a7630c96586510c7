import { MAX_PATH_BYTES, MAX_PATH_SEGMENTS, MAX_TARGET_BYTES } from './constants.ts'
import { PageError } from './errors.ts'

/**
 * Reads the target of a request into its decoded segments: `/a/b%20c/?x` gives `['a', 'b c', '']`. The query is dropped. Rejected with
 * a coded error: what is longer than its bounds, broken escapes, `.` and `..`, and escaped slashes, backslashes or control characters,
 * so that whoever joins the segments again gets the path that was meant.
 */
export function parseTarget(target: string): string[] {
  if (target.length > MAX_TARGET_BYTES) throw new PageError('URL_TOO_LONG', 'the URL is too long')
  if (!/^\/[\x21-\x7e]*$/.test(target) || /[\\#]/.test(target)) throw invalid()
  const path = target.split('?', 1)[0]!
  const segments = path.slice(1).split('/')
  if (segments.length > MAX_PATH_SEGMENTS + 1) throw new PageError('URL_TOO_LONG', 'the URL has too many segments')
  const decoded = segments.map(decodeSegment)
  if (Buffer.byteLength(decoded.slice(1).join('/')) > MAX_PATH_BYTES) {
    throw new PageError('URL_TOO_LONG', 'the path is too long')
  }
  return decoded
}

function decodeSegment(segment: string): string {
  let text: string
  try {
    text = decodeURIComponent(segment)
  } catch {
    throw invalid()
  }
  if (text === '.' || text === '..' || /[/\\]|\p{Cc}/u.test(text)) throw invalid()
  return text
}

function invalid(): PageError {
  return new PageError('URL_INVALID', 'the URL is not valid')
}
