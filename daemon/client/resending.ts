/** A signed call whose connection broke, sent again: always the same bytes, which a host executes once, and answers with what they did the first time. */
import { AmigoError } from './errors.ts'
import { createPauses, type Pacing, pause } from './pauses.ts'
import type { Waiting } from './types.ts'

/** A node that is started again is back by then. A browser does not say whether a node took the request: one that does not run is waited for as well. */
const PACING: Pacing = { firstMs: 100, mostMs: 3_000, tries: 8 }
/** What says nothing of a call that was sent before: the connection broke, or who answers has no time to look. */
const LOST = 'DAEMON_LOST'
const PASSING: ReadonlySet<string> = new Set([
  ...[LOST, 'TOO_BUSY', 'STOPPING', 'BUSY', 'SERVICE_BUSY', 'SESSION_RETIRED', 'PEER_UNREACHABLE'],
])

/**
 * @param send told how long it may take, in milliseconds; undefined: as long as usual
 * @param init.withinMs for how long the call is worth anything
 * @param init.wait @default the clock's time, or until the signal
 * @throws AmigoError whose outcome counts for all tries together
 */
export async function resending<T>(
  send: (leftMs: number | undefined) => Promise<T>,
  { signal, timeoutMs }: Waiting,
  { withinMs, wait = pause }: { withinMs: number; wait?: typeof pause },
): Promise<T> {
  const pauses = createPauses(PACING)
  const began = performance.now()
  const leftMs = (): number | undefined => timeoutMs && Math.max(1, Math.ceil(timeoutMs - (performance.now() - began)))
  for (;;) {
    const isInDoubt = pauses.count > 0
    try {
      return await send(leftMs())
    } catch (error) {
      const { code, outcome } = error as { code?: string; outcome?: string }
      const isPassing = code === LOST || (isInDoubt && PASSING.has(code ?? ''))
      const ms = isPassing && performance.now() - began < withinMs ? pauses.next() : undefined
      // who does not take the second says nothing of the first
      if (ms === undefined) throw isInDoubt && (isPassing || outcome === 'not-sent') ? inDoubt(error) : error
      await wait(Math.min(ms, leftMs() ?? ms), signal)
    }
  }
}

function inDoubt(error: unknown): unknown {
  if (!(error instanceof AmigoError)) return error
  return new AmigoError(error.code, error.message, error.hint, 'unknown')
}
