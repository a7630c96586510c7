/** Traces as they travel: what a host tells of its part of a call, and the whole as the local API tells it. See specs/calls.md, "Trace". */
import type { Internode } from '../../../protocol/types.ts'
import type { TraceSpan } from '../../api/vocabulary.ts'
import { createStopwatch, type Span, type Stopwatch } from '../run/stopwatch.ts'

/** What the last span of a host is called: from the receipt of the request to the answer. */
const TOTAL = 'total'

/** What is left of the time on the wire, in place of a peer ID: nobody measured it, and no clock of two nodes was compared for it. */
const NETWORK = 'network'

/** Microseconds are as fine as the clocks are. */
const rounded = (ms: number): number => Math.round(ms * 1000) / 1000

/**
 * Answers a request of another node, with what the time was spent on if it asks for that.
 *
 * @param work given a stopwatch, if it is to be used
 */
export async function answerTraced<T extends object>(
  isWanted: boolean,
  work: (trace: Stopwatch | undefined) => Promise<T>,
): Promise<T & { trace?: Span[] }> {
  if (!isWanted) return work(undefined)
  const watch = createStopwatch()
  const answer = await work(watch)
  watch.lap('answer')
  const spans = watch.laps.map(({ name, at, ms }): Span => ({ name, ms: rounded(ms), at: rounded(at) }))
  return { ...answer, trace: [...spans, { name: TOTAL, ms: rounded(watch.total), at: 0 }] }
}

type Asks = Pick<Internode, 'request'>

/** Sends requests that ask the host for its part, and tells what their time is spent on. */
export function tracing(internode: Asks, watch: Stopwatch): Asks {
  return {
    async request(peer, method, body, options) {
      const before = watch.laps.at(-1)?.name
      // since what failed
      if (before === 'lost' || before === 'refused') watch.lap('pause')
      const onSent = (): void => {
        watch.lap('send')
        options.onSent?.()
      }
      try {
        const answer = await internode.request(
          peer,
          method,
          { ...(body as object), trace: true },
          { ...options, onSent },
        )
        watch.lap('wire')
        return answer
      } catch (error) {
        watch.lap((error as { party?: string }).party === 'remote' ? 'refused' : 'lost')
        throw error
      }
    },
  }
}

/** Notes what a host says it did while its answer was awaited. Hosts that know of no traces say nothing. */
export function noteInside(watch: Stopwatch, host: string, spans: readonly Span[] | undefined): void {
  const wire = watch.laps.findLast(({ name }) => name === 'wire')
  if (wire !== undefined && spans !== undefined) wire.inside = { host, spans }
}

/** @param peerId this node */
export function traceOf(watch: Stopwatch, peerId: string): TraceSpan[] {
  return watch.laps.map(({ name, at, ms, inside }) => ({
    ...{ name, by: peerId, at: rounded(at), ms: rounded(ms) },
    ...(inside && { inside: insideOf(inside.host, inside.spans, { at, ms }) }),
  }))
}

function insideOf(host: string, spans: readonly Span[], wire: { at: number; ms: number }): TraceSpan[] {
  const total = spans.findLast(({ name }) => name === TOTAL)
  const network = { name: NETWORK, by: NETWORK, at: rounded(wire.at) }
  return [
    ...(total ? [{ ...network, ms: rounded(Math.max(0, wire.ms - total.ms)) }] : []),
    ...spans.filter((span) => span !== total).map(({ name, at = 0, ms }) => ({ name, by: host, at, ms })),
  ]
}
