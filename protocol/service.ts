import type { Connection, Libp2p, PeerId, Stream } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import {
  DEFAULT_LIMITS,
  type Limits,
  MAX_MOVES,
  MAX_REMEMBERED_OFFENDERS,
  MAX_STREAMS_PER_CONNECTION,
  PROTOCOL,
} from './constants.ts'
import { ProtocolError } from './errors.ts'
import { createBudget } from './session/budget.ts'
import { lost } from './session/endings.ts'
import { waitFor } from './session/interrupted.ts'
import { createOffences } from './session/offences.ts'
import { createPace } from './session/pace.ts'
import { createSession } from './session/session.ts'
import { createSessionTable } from './session/session-table.ts'
import type { Session } from './session/session-types.ts'
import { unreachable } from './session/unreachable.ts'
import type { Handler, Internode } from './types.ts'
import { helloOf } from './wire/hello.ts'
import { createStreamPort } from './wire/stream-port.ts'

/** The slice of a libp2p node that the protocol uses. */
export type InternodeNode = Pick<
  Libp2p,
  'peerId' | 'handle' | 'unhandle' | 'dialProtocol' | 'addEventListener' | 'removeEventListener'
>

export interface InternodeComponents {
  node: InternodeNode
  /** what this node answers, by method */
  handlers: Record<string, Handler>
}

export interface InternodeInit {
  /** network ID: peers of another are turned away */
  network: string
  /** what this node calls itself, for status pages */
  agent: string
  /** optional features by name, told to every peer. @default none */
  capabilities?: string[]
  /** @default DEFAULT_LIMITS */
  limits?: Partial<Limits>
  /** milliseconds of a clock that never goes back: a correction must not lengthen a refusal. @default performance.now */
  now?: () => number
  /** told that a peer broke the protocol too often, and for how long it is refused: whoever owns the connections may end them */
  onRefused?: (peer: string, milliseconds: number) => void
}

/** See specs/internode.md. The node may be started before or after; whoever made it stops it. */
export function createInternode({ node, handlers }: InternodeComponents, init: InternodeInit): Internode {
  const limits: Limits = { ...DEFAULT_LIMITS, ...init.limits }
  const hello = helloOf(init)
  const budget = createBudget({ requests: limits.totalInFlight, bytes: limits.totalInFlightBytes })
  const total = createPace(
    { framesPerSecond: limits.totalFramesPerSecond, bytesPerSecond: limits.totalBytesPerSecond },
    monotonic,
  )
  const offences = createOffences({ ...limits, peers: MAX_REMEMBERED_OFFENDERS }, init.now ?? monotonic)
  const table = createSessionTable(limits, (peer) => compare(peerIdFromString(peer), node.peerId) < 0)
  const opening = new Map<string, PromiseWithResolvers<Session>>()
  /** aborted by `stop`; there is one while the protocol runs */
  let running: AbortController | undefined

  /** Has to be called before anything is awaited: the port must listen when the first bytes come. */
  function begin(stream: Stream, peer: string, opener: 'local' | 'remote'): Session {
    const port = createStreamPort(stream)
    const pace = createPace(limits, monotonic, total)
    const session = createSession({ port, handlers, budget, pace }, { peer, opener, hello, limits })
    void session.closed.then(({ isOffence }) => {
      if (!isOffence) return
      offences.record(peer)
      const refused = offences.refusedFor(peer)
      if (refused > 0) init.onRefused?.(peer, refused)
    })
    if (!table.admit(session)) {
      void session.close('BUSY')
      throw new ProtocolError('BUSY', 'This node has as many sessions as it can.', { hint: 'Ask again in a moment.' })
    }
    return session
  }

  async function ready(session: Session): Promise<Session> {
    await session.ready
    table.begin(session)
    const current = table.get(session.peer) ?? session
    // A stream that the peer opened serves as well as the one being dialled.
    opening.get(session.peer)?.resolve(current)
    opening.delete(session.peer)
    return current
  }

  function onStream(stream: Stream, connection: Connection): void {
    const peer = connection.remotePeer.toString()
    if (running === undefined || offences.refusedFor(peer) > 0) {
      stream.abort(new ProtocolError('PEER_REFUSED', 'The peer is refused for now.'))
      return
    }
    try {
      ready(begin(stream, peer, 'remote')).catch(() => undefined)
    } catch {
      // No room: the peer has been told.
    }
  }

  async function dial(peer: string, id: PeerId): Promise<Session> {
    const run = running!.signal
    const signal = AbortSignal.any([run, AbortSignal.timeout(limits.dialMs)])
    let stream: Stream
    try {
      stream = await node.dialProtocol(id, PROTOCOL, { signal, runOnLimitedConnection: true })
    } catch (error) {
      throw run.aborted ? stopped() : unreachable(peer, error)
    }
    if (run.aborted) {
      stream.abort(stopped())
      throw stopped()
    }
    return ready(begin(stream, peer, 'local'))
  }

  /** The session with a peer, opened once however many ask for it and however they spell its ID. */
  async function open(spelling: string): Promise<Session> {
    const id = parsePeer(spelling)
    const peer = id.toString()
    const before = table.get(peer) ?? opening.get(peer)?.promise
    if (before !== undefined) return before
    if (id.equals(node.peerId)) throw new ProtocolError('PEER_UNREACHABLE', 'The peer is this node itself.')
    const refused = offences.refusedFor(peer)
    if (refused > 0) {
      const message = `The peer broke the protocol and is refused for another ${Math.ceil(refused / 1000)} s.`
      throw new ProtocolError('PEER_REFUSED', message, {
        party: 'remote',
        hint: 'It may run an older or a broken version.',
      })
    }
    const waiting = Promise.withResolvers<Session>()
    waiting.promise.catch(() => undefined)
    opening.set(peer, waiting)
    dial(peer, id)
      .then(waiting.resolve, waiting.reject)
      .finally(() => {
        if (opening.get(peer) === waiting) opening.delete(peer)
      })
    return waiting.promise
  }

  function dropPeer(event: CustomEvent<PeerId>): void {
    const peer = event.detail.toString()
    for (const session of table.all()) {
      if (session.peer === peer) session.abandon(lost('The connection to the peer closed.'))
    }
  }

  return {
    async request(peer, method, body, options) {
      for (let moves = 0; ; moves++) {
        if (running === undefined) throw stopped()
        try {
          const session = table.get(peer) ?? (await waitFor(open(peer), options.signal))
          return await session.request(method, body, options)
        } catch (error) {
          if (!isUnsent(error) || moves >= MAX_MOVES) throw error
        }
      }
    },

    async *stream(peer, method, body, options) {
      for (let moves = 0; ; moves++) {
        if (running === undefined) throw stopped()
        const session = table.get(peer) ?? (await waitFor(open(peer), options.signal))
        try {
          return yield* session.stream(method, body, options)
        } catch (error) {
          if (!isUnsent(error) || moves >= MAX_MOVES) throw error
        }
      }
    },

    sessions: () => table.all().map((session) => session.info()),
    conduct: (peer) => ({ offences: offences.count(peer), refusedMs: offences.refusedFor(peer) }),

    async start() {
      if (running !== undefined) return
      running = new AbortController()
      node.addEventListener('peer:disconnect', dropPeer)
      await node.handle(PROTOCOL, onStream, {
        maxInboundStreams: MAX_STREAMS_PER_CONNECTION,
        maxOutboundStreams: MAX_STREAMS_PER_CONNECTION,
        runOnLimitedConnection: true,
      })
    },

    async stop() {
      if (running === undefined) return
      running.abort()
      running = undefined
      node.removeEventListener('peer:disconnect', dropPeer)
      await node.unhandle(PROTOCOL)
      await Promise.all(table.all().map((session) => session.close('STOPPED')))
    },
  }
}

const monotonic = (): number => performance.now()

function parsePeer(peer: string): PeerId {
  try {
    return peerIdFromString(peer)
  } catch {
    throw new ProtocolError('PEER_UNREACHABLE', 'That is no peer ID.', { hint: 'A peer ID looks like 12D3KooW...' })
  }
}

/** By the bytes of their multihashes, as section 6 says. */
function compare(a: PeerId, b: PeerId): number {
  return Buffer.compare(a.toMultihash().bytes, b.toMultihash().bytes)
}

/** Its session is ending, and another is or will be in use. */
function isUnsent(error: unknown): boolean {
  const { code, party } = error as ProtocolError
  return code === 'SESSION_RETIRED' && party === 'local'
}

function stopped(): ProtocolError {
  return new ProtocolError('STOPPED', 'This node is not running.')
}
