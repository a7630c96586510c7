import type { IncomingMessage } from 'node:http'
import { MAX_BODY_BYTES, MAX_BUFFERED_BYTES, MAX_DEPTH, MAX_ELEMENTS } from './constants.ts'
import { ApiError } from './errors.ts'
import { createJsonGuard } from './json-guard.ts'

/** Bytes of bodies being read now, over all requests of one server. */
export interface BodyBudget {
  bytes: number
}

/**
 * Reads one JSON body of at most `most` bytes: its size, nesting and number of values are bounded before it is parsed.
 * Rejects with BODY_TOO_LARGE, BAD_REQUEST or, when all requests together hold too much, TOO_BUSY.
 */
export async function readBody(
  request: IncomingMessage,
  budget: BodyBudget,
  most: number = MAX_BODY_BYTES,
): Promise<unknown> {
  if (Number(request.headers['content-length'] ?? 0) > most) throw tooLarge(most)
  const guard = createJsonGuard({ depth: MAX_DEPTH, elements: MAX_ELEMENTS })
  const chunks: Uint8Array[] = []
  let held = 0
  try {
    for await (const chunk of request as AsyncIterable<Uint8Array>) {
      held += chunk.length
      budget.bytes += chunk.length
      if (held > most) throw tooLarge(most)
      if (budget.bytes > MAX_BUFFERED_BYTES)
        throw new ApiError('TOO_BUSY', 'The daemon is reading too many large requests.', 'try again in a moment')
      guard(chunk)
      chunks.push(chunk)
    }
    return parse(Buffer.concat(chunks, held))
  } finally {
    budget.bytes -= held
  }
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch {
    throw new ApiError('BAD_REQUEST', 'The body is not JSON in UTF-8.', 'send one JSON object')
  }
}

function tooLarge(most: number): ApiError {
  return new ApiError('BODY_TOO_LARGE', `The request is larger than ${most} bytes.`, 'send less at a time')
}
