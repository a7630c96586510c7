/** How long a node takes to answer nothing, over the same conversation as calls. */
import { setTimeout as pause } from 'node:timers/promises'
import { interrupted } from '../../../protocol/session/interrupted.ts'
import type { Internode } from '../../../protocol/types.ts'
import type { Implementation } from '../../api/vocabulary.ts'
import { PING_EVERY_MS, PING_MS, USUAL_PINGS } from '../constants.ts'
import { CallsError } from '../errors.ts'
import type { Resolve } from '../names/resolve.ts'
import type { Target } from '../types.ts'

export interface PingParts {
  internode: Pick<Internode, 'request'>
  resolve: Resolve
}

export type Ping = Implementation['ping']

/** A ping that gets no answer is lost; any other failure is the peer's word about pings, and ends them all. */
const LOST: ReadonlySet<string> = new Set(['TIMED_OUT', 'CONNECTION_LOST', 'PEER_UNREACHABLE', 'BUSY'])

/**
 * One at a time. The conversation is opened by one that does not count; if the name stands for several nodes, with the first that can be
 * reached.
 *
 * @throws ProtocolError PEER_UNREACHABLE, ... if none can
 */
export function createPing({ internode, resolve }: PingParts): Ping {
  const ask = (peer: string, signal: AbortSignal): Promise<unknown> =>
    internode.request(peer, 'ping', {}, { signal, timeoutMs: PING_MS })

  const reach = async (peers: readonly string[], signal: AbortSignal): Promise<string> => {
    let failure: unknown
    for (const peer of peers) {
      try {
        await ask(peer, signal)
        return peer
      } catch (error) {
        failure = error
        if (signal.aborted) break
      }
    }
    throw failure
  }

  return async ({ name, count = USUAL_PINGS }, { signal, onProgress }) => {
    const peerId = await reach(nodesOf(name, await resolve(name, { signal })), signal)
    const times: number[] = []
    for (let sent = 0; sent < count; sent++) {
      onProgress?.({ doing: 'pinging', done: sent, total: count })
      if (sent > 0) await pause(PING_EVERY_MS, undefined, { signal }).catch(() => Promise.reject(interrupted(signal)))
      const started = performance.now()
      try {
        await ask(peerId, signal)
        times.push(performance.now() - started)
      } catch (error) {
        if (signal.aborted || !LOST.has((error as { code?: string }).code ?? '')) throw error
      }
    }
    return { peerId, sent: count, lost: count - times.length, ...summary(times) }
  }
}

function summary(times: readonly number[]): { min: number | null; avg: number | null; max: number | null } {
  if (times.length === 0) return { min: null, avg: null, max: null }
  const avg = times.reduce((sum, ms) => sum + ms, 0) / times.length
  return { min: rounded(Math.min(...times)), avg: rounded(avg), max: rounded(Math.max(...times)) }
}

const rounded = (ms: number): number => Math.round(ms * 100) / 100

/** @throws CallsError NAME_NOT_SUPPORTED for what has no node */
function nodesOf(name: string, target: Target): readonly string[] {
  if (target.kind === 'node') return target.peers
  if (target.kind === 'service') return [target.host]
  const hint = 'ping a peer ID, a user like ~k51..., or a service'
  throw new CallsError('NAME_NOT_SUPPORTED', `${name} is a ${target.kind}, which no one node stands for.`, hint)
}
