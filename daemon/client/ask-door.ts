/** Requests to the door of a node (specs/client.md, "Over HTTP"), by what browsers and Node have. */
import { AmigoError, notOurs, toAmigoError } from './errors.ts'
import type { Waiting } from './types.ts'

export interface DoorOptions extends Waiting {
  /** told what comes item by item; the next one is read when it resolved */
  onItem?: (item: unknown) => Promise<void>
}

/** One method of a node: of a `call` an error says what became of it. */
export type AskDoor = (method: string, params: object, options: DoorOptions) => Promise<unknown>

/** Longest answer, or line of one, in characters. */
const MAX_TEXT = 64 << 20
/** How long is waited where nothing was said, in milliseconds: longer than the node waits. */
const USUAL_MS = 70_000

/** @param node origin of its page */
export function createAskDoor(node: string): AskDoor {
  const send = async (method: string, body: string, signal: AbortSignal, options: DoorOptions): Promise<unknown> => {
    const url = new URL(`/-/v1/${method}`, node)
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(url, { method: 'POST', headers, body, signal, credentials: 'omit', cache: 'no-store' })
    if (response.body === null) throw notOurs()
    const isLines = response.headers.get('content-type') === 'application/x-ndjson'
    for await (const text of isLines ? linesOf(response.body) : wholeOf(response.body)) {
      const answer = parse(text)
      if (isLines && 'item' in answer) await options.onItem?.(answer['item'])
      else if ('error' in answer) throw toAmigoError(answer['error'])
      else return isLines ? answer['result'] : answer
    }
    throw new TypeError('the answer broke off')
  }

  return async (method, params, options) => {
    const { signal, timeoutMs } = options
    if (signal?.aborted)
      throw new AmigoError('CANCELLED', 'The request was given up.', '', method === 'call' ? 'not-sent' : undefined)
    // what comes item by item takes as long as it takes
    const ms = timeoutMs ?? (options.onItem ? undefined : USUAL_MS)
    const signals = [...(signal ? [signal] : []), ...(ms === undefined ? [] : [AbortSignal.timeout(ms)])]
    try {
      return await send(method, JSON.stringify(params), AbortSignal.any(signals), options)
    } catch (error) {
      throw failureOf(error, method === 'call', signal)
    }
  }
}

function failureOf(error: unknown, isCall: boolean, given: AbortSignal | undefined): unknown {
  const outcome = isCall ? 'unknown' : undefined
  if (error instanceof AmigoError)
    return isCall && error.outcome === undefined
      ? new AmigoError(error.code, error.message, error.hint, outcome)
      : error
  if (given?.aborted) return new AmigoError('CANCELLED', 'The request was given up.', '', outcome)
  const { name } = error as { name?: string }
  if (name === 'TimeoutError') return new AmigoError('DAEMON_SILENT', 'The node did not answer in time.', '', outcome)
  if (!(error instanceof TypeError)) return error
  // browsers do not say which of these it was
  const hint = 'does it run, and does amigo up --allow-origin name the origin of this page?'
  return isCall
    ? new AmigoError('DAEMON_LOST', 'The node did not answer: whether the call took effect is unknown.', hint, outcome)
    : new AmigoError('NO_DAEMON', 'No node answers there, or it does not let this page ask.', hint)
}

function parse(text: string): Record<string, unknown> {
  try {
    const answer: unknown = JSON.parse(text)
    if (typeof answer === 'object' && answer !== null) return answer as Record<string, unknown>
  } catch {
    // told below
  }
  throw notOurs()
}

type Body = NonNullable<Response['body']>

async function* textOf(body: Body): AsyncGenerator<string> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader()
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) yield piece.value
  } finally {
    // whoever stops reading tells the node so
    await reader.cancel().catch(() => {})
  }
}

async function* wholeOf(body: Body): AsyncGenerator<string> {
  let whole = ''
  for await (const piece of textOf(body)) whole = bounded(whole + piece)
  yield whole
}

async function* linesOf(body: Body): AsyncGenerator<string> {
  let rest = ''
  for await (const piece of textOf(body)) {
    const lines = bounded(rest + piece).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
  if (rest !== '') yield rest
}

function bounded(text: string): string {
  if (text.length <= MAX_TEXT) return text
  throw new AmigoError('BAD_ANSWER', 'The answer of the node is too large.')
}
