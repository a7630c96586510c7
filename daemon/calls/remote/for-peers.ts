/** What a peer may see of a failure on this node. */
import type { Handler } from '../../../protocol/types.ts'
import { PEER_LOG_MS } from '../constants.ts'
import { CallsError } from '../errors.ts'

/** Whose errors peers may see: those about what they sent. Trouble with this node's disk or engine stays here. */
const SHOWN = new Set(['CallsError', 'ContractError', 'ProtocolError'])

/**
 * A handler whose failures are fit for others: those with a code of ours as they are, all else as HOST_FAILED.
 *
 * @param log told of the latter, once in PEER_LOG_MS at most
 */
export function forPeers(handler: Handler, log: (line: string) => void): Handler {
  let quietUntil = 0
  /** Peers make these lines: a few a minute say as much as all of them. */
  const mayLog = (): boolean => {
    const now = performance.now()
    if (now < quietUntil) return false
    quietUntil = now + PEER_LOG_MS
    return true
  }
  const shown = (error: unknown, { peer, signal }: Context): unknown => {
    if (signal.aborted || (error instanceof Error && SHOWN.has(error.name))) return error
    if (mayLog()) log(`a request of ${peer} failed here: ${error instanceof Error ? error.message : 'unknown'}`)
    const hint = 'try again later, or tell whoever runs it'
    return new CallsError('HOST_FAILED', 'The host could not do it.', hint, { cause: error })
  }
  const shownItems = async function* (items: AsyncIterable<unknown>, context: Context): AsyncGenerator<unknown> {
    try {
      yield* items
    } catch (error) {
      throw shown(error, context)
    }
  }
  return async (body, context) => {
    try {
      const answer = await handler(body, context)
      return isStream(answer) ? shownItems(answer, context) : answer
    } catch (error) {
      throw shown(error, context)
    }
  }
}

type Context = Parameters<Handler>[1]

function isStream(answer: unknown): answer is AsyncIterable<unknown> {
  return typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer
}
