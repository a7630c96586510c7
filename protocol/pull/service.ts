import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { MAX_REMEMBERED_OFFENDERS } from '../constants.ts'
import { ProtocolError } from '../errors.ts'
import { interrupted } from '../session/interrupted.ts'
import { createOffences } from '../session/offences.ts'
import { unreachable } from '../session/unreachable.ts'
import { ask } from './ask.ts'
import { DEFAULT_PULL_LIMITS, MAX_PULLS_PER_CONNECTION, PULL_PROTOCOL, type PullLimits } from './constants.ts'
import { type PullErrorCode, PullOffence } from './errors.ts'
import { createSeats } from './seats.ts'
import { createServe, turnAway } from './serve.ts'
import type { Open, Pulls } from './types.ts'

/** The slice of a libp2p node that the protocol uses. */
export type PullNode = Pick<Libp2p, 'handle' | 'unhandle' | 'dialProtocol'>

export interface PullComponents {
  node: PullNode
  /** what a peer may have of this node */
  open: Open
}

export interface PullInit {
  /** @default DEFAULT_PULL_LIMITS */
  limits?: Partial<PullLimits>
  /** milliseconds of a clock that never goes back. @default performance.now */
  now?: () => number
  /** told when a peer broke the protocol too often, and is refused for so long. @default nobody is told */
  onRefused?: (peer: string, milliseconds: number) => void
}

/** See specs/pull.md. The node may be started before or after; whoever made it stops it. */
export function createPulls({ node, open }: PullComponents, init: PullInit = {}): Pulls {
  const limits: PullLimits = { ...DEFAULT_PULL_LIMITS, ...init.limits }
  const offences = createOffences({ ...limits, peers: MAX_REMEMBERED_OFFENDERS }, init.now ?? monotonic)
  const served = createSeats({ perPeer: limits.servedPerPeer, total: limits.served })
  const asked = createSeats({ perPeer: limits.asked, total: limits.asked })
  const serve = createServe(open, limits)
  /** aborted by `stop`; there is one while the protocol runs */
  let running: AbortController | undefined

  function blame(peer: string): void {
    offences.record(peer)
    const refused = offences.refusedFor(peer)
    if (refused > 0) init.onRefused?.(peer, refused)
  }

  function onStream(stream: Stream, connection: Connection): void {
    const peer = connection.remotePeer.toString()
    if (running === undefined || offences.refusedFor(peer) > 0) {
      stream.abort(new ProtocolError('PEER_REFUSED', 'The peer is refused for now.'))
      return
    }
    if (!served.take(peer)) {
      void turnAway(stream, busy('This node serves as many pulls as it can.'), limits)
      return
    }
    void serve(stream, peer, running.signal).then(({ isOffence }) => {
      served.give(peer)
      if (isOffence) blame(peer)
    })
  }

  async function dial(peer: string, run: AbortSignal, caller: AbortSignal): Promise<Stream> {
    const signal = AbortSignal.any([caller, run, AbortSignal.timeout(limits.dialMs)])
    try {
      const options = { signal, runOnLimitedConnection: true, maxOutboundStreams: limits.asked }
      return await node.dialProtocol(peerIdFromString(peer), PULL_PROTOCOL, options)
    } catch (error) {
      if (run.aborted) throw stopped()
      if (caller.aborted) throw interrupted(caller)
      throw isUnsupported(error) ? unsupported(peer) : unreachable(peer, error)
    }
  }

  return {
    async pull(peer, wanted, options) {
      if (running === undefined) throw stopped()
      const run = running.signal
      const refused = offences.refusedFor(peer)
      if (refused > 0) throw refusal(refused)
      if (!asked.take(peer)) throw busy('This node is pulling as much as it can.')
      const signal = AbortSignal.any([options.signal, run])
      try {
        return await ask(() => dial(peer, run, options.signal), wanted, { ...options, signal }, limits)
      } catch (error) {
        if (error instanceof PullOffence) blame(peer)
        throw run.aborted ? stopped() : error
      } finally {
        asked.give(peer)
      }
    },

    async start() {
      if (running !== undefined) return
      running = new AbortController()
      await node.handle(PULL_PROTOCOL, onStream, {
        maxInboundStreams: MAX_PULLS_PER_CONNECTION,
        maxOutboundStreams: limits.asked,
        runOnLimitedConnection: true,
      })
    },

    async stop() {
      if (running === undefined) return
      running.abort()
      running = undefined
      await node.unhandle(PULL_PROTOCOL)
    },
  }
}

function isUnsupported(error: unknown): boolean {
  const { name, errors } = error as Error & { errors?: Error[] }
  return name === 'UnsupportedProtocolError' || errors?.some((one) => one.name === 'UnsupportedProtocolError') === true
}

function unsupported(peer: string): ProtocolError {
  const code: PullErrorCode = 'PULL_UNSUPPORTED'
  return new ProtocolError(code, `The peer ${peer} does not send blocks in bulk.`, {
    party: 'remote',
    hint: 'It may run an older version.',
  })
}

function refusal(ms: number): ProtocolError {
  const message = `The peer broke the protocol and is refused for another ${Math.ceil(ms / 1000)} s.`
  return new ProtocolError('PEER_REFUSED', message, {
    party: 'remote',
    hint: 'It may run an older or a broken version.',
  })
}

function busy(message: string): ProtocolError {
  return new ProtocolError('BUSY', message, { hint: 'Ask again in a moment.' })
}

function stopped(): ProtocolError {
  return new ProtocolError('STOPPED', 'This node is not running.')
}

const monotonic = (): number => performance.now()
