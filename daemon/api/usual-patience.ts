import { DEFAULT_TIMEOUT_MS, LONG_TIMEOUT_MS, MAX_PROGRESS_MS, PUBLISH_TIMEOUT_MS } from './constants.ts'
import type { Method } from './vocabulary.ts'

/** Those that may have a whole history to fetch, to replay or to go through, or every node to tell. */
const USUAL: ReadonlyMap<string, number> = new Map<Method, number>([
  ['publish', PUBLISH_TIMEOUT_MS],
  ['register', PUBLISH_TIMEOUT_MS],
  ['serve', PUBLISH_TIMEOUT_MS],
  ['key', PUBLISH_TIMEOUT_MS],
  ['remove', LONG_TIMEOUT_MS],
  ['yank', PUBLISH_TIMEOUT_MS],
  ['deprecate', PUBLISH_TIMEOUT_MS],
  ['unpublish', PUBLISH_TIMEOUT_MS],
  ['pull', LONG_TIMEOUT_MS],
  ['contract', PUBLISH_TIMEOUT_MS],
  ['state', PUBLISH_TIMEOUT_MS],
  ['diff', LONG_TIMEOUT_MS],
  ['usage', LONG_TIMEOUT_MS],
  ['fork', LONG_TIMEOUT_MS],
  ['merge', LONG_TIMEOUT_MS],
  ['verify', LONG_TIMEOUT_MS],
  ['upgrade', LONG_TIMEOUT_MS],
  ['rollback', LONG_TIMEOUT_MS],
  ['prune', LONG_TIMEOUT_MS],
  ['ping', LONG_TIMEOUT_MS],
  // nobody knows when the next commit is made
  ['subscribe', MAX_PROGRESS_MS],
])

/** How long a caller waits who does not say, in milliseconds; with progress: since it last heard of any. */
export function usualPatience(method: Method): number {
  return USUAL.get(method) ?? DEFAULT_TIMEOUT_MS
}
