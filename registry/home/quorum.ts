import { MAX_QUERY_VALUES, QUERY_TIMEOUT_MS, QUORUM } from '../constants.ts'
import { within } from '../deadline.ts'
import { codeOf } from '../errors.ts'
import type { RecordNetwork } from '../types.ts'
import type { Miss } from './miss.ts'

export interface QuorumInit {
  /** valid answers that end a query; @default 3 */
  quorum?: number
  /** @default 10 seconds */
  queryTimeoutMs?: number
}

/** What a query brought: the last that was accepted, which is the newest, or how it ended without one. */
export interface Heard<R> {
  best?: { record: R; bytes: Uint8Array }
  miss: Miss
}

/** Asks the DHT until so many have answered well, all have answered, or the time is over. */
export async function askQuorum<R extends { seq: number }>(
  network: Pick<RecordNetwork, 'get' | 'size'>,
  key: Uint8Array,
  accept: (key: Uint8Array, value: Uint8Array) => Promise<R>,
  life: AbortSignal,
  { quorum = QUORUM, queryTimeoutMs = QUERY_TIMEOUT_MS }: QuorumInit,
): Promise<Heard<R>> {
  const heard: Heard<R> = { miss: 'nobody' }
  if (network.size() === 0) return { miss: 'alone' }
  const query = async (signal: AbortSignal): Promise<void> => {
    let [values, answers] = [0, 0]
    for await (const bytes of network.get(key, { signal })) {
      if (++values > MAX_QUERY_VALUES || signal.aborted) return
      const record = await accept(key, bytes).catch((error: unknown) => {
        if (codeOf(error) === 'RECORD_EXPIRED') heard.miss = 'expired'
      })
      if (record === undefined) continue
      // whatever is accepted is not older than what was accepted before
      heard.best = { record, bytes }
      if (++answers >= quorum) return
    }
  }
  try {
    await within(queryTimeoutMs, [life], () => new Error('query timed out'), query)
  } catch {
    if (heard.miss === 'nobody') heard.miss = 'silent'
  }
  return heard
}
