import { BUSY_REQUESTS } from '../constants.ts'
import { ProtocolError } from '../errors.ts'
import { decodeFrame, encodeFrame, type Frame } from '../wire/frame.ts'
import { agree } from '../wire/hello.ts'
import { createBulkWindow } from './bulk-window.ts'
import { asLost, type Ending, endingOf, lost, turnedAway, unexpected } from './endings.ts'
import { farewell } from './farewell.ts'
import { createKeepAlive, type KeepAlive } from './keep-alive.ts'
import type { Answer } from './reply.ts'
import { createRequester } from './requester.ts'
import { createResponder } from './responder.ts'
import type { GracefulReason, Session, SessionComponents, SessionEnd, SessionInit } from './session-types.ts'
import { createSlowing } from './slowing.ts'
import { createWriter, type MakeFrame, type Priority } from './writer.ts'

/** IDs of this side's pings */
const [STILL_THERE, MEASURING] = [1, 2] as const

const GRACEFUL: ReadonlySet<string> = new Set<GracefulReason>(['REPLACED', 'IDLE'])

/** What a side does with each type of frame; `size` is that of the frame in bytes. */
type Receivers = { [T in Frame['type']]: (frame: Extract<Frame, { type: T }>, size: number) => void }

/** Starts the conversation: says hello and reads from now on. Nothing that comes in makes it throw; `closed` tells the end. */
export function createSession({ port, handlers, budget, pace }: SessionComponents, init: SessionInit): Session {
  const { peer, opener, limits } = init
  const received = { frames: 0, bytes: 0 }
  const openedAt = Date.now()
  const ready = Promise.withResolvers<void>()
  const closed = Promise.withResolvers<SessionEnd>()
  // Whoever does not wait for the handshake learns of its failure from `closed`.
  ready.promise.catch(() => undefined)
  let state: 'greeting' | 'open' | 'over' = 'greeting'
  let agent = ''
  let lastUsed = performance.now()
  let strays = 0
  let saidGoodbye = false
  let heardGoodbye = false
  let endedOwnSide = false
  let keepAlive: KeepAlive | undefined
  let deadline = setTimeout(() => {
    const message = 'The peer accepted the stream and then did not greet in time.'
    const error = new ProtocolError('PEER_UNREACHABLE', message, { party: 'remote', hint: 'Ask again later.' })
    fail(error, { goodbye: 'TIMED_OUT' })
  }, limits.handshakeMs)

  const writer = createWriter(
    port,
    { maxQueued: limits.outgoingFrames, writeMs: limits.writeMs },
    (error) => fail(asLost(error)),
    () => requester.inFlight + responder.inFlight >= BUSY_REQUESTS,
  )
  const now = (): number => performance.now()
  const slowing = createSlowing({ port, pace, now }, isOver)
  const sendPing = (id: number): void => sendOwn(() => encodeFrame({ type: 'ping', id }), 'control')
  const window = createBulkWindow({ ping: () => sendPing(MEASURING), now })
  const requester = createRequester(limits, { send: sendOwn, beforeCredit: slowing.beforeCredit, window }, endIfDone)
  const responder = createResponder({ peer, handlers, budget, send: sendAnswer }, limits, endIfDone)

  function sendOwn(make: MakeFrame, priority: Priority): void {
    if (isOver() || endedOwnSide || writer.push(make, priority)) return
    fail(lost('The peer stopped reading.'))
  }

  /** Answers come as fast as the peer asks: one that asks and does not read floods this node. */
  function sendAnswer(make: MakeFrame, priority: Priority): void {
    if (isOver() || endedOwnSide || writer.push(make, priority)) return
    fail(new ProtocolError('FLOODING', 'The peer asks faster than it reads.', { party: 'remote' }), { isOffence: true })
  }

  /** The one way to the end. `goodbye` is what the peer is told, if it can be told anything. */
  function fail(error: ProtocolError, { goodbye, isOffence = false }: Ending = {}): void {
    if (isOver()) return
    state = 'over'
    clearTimeout(deadline)
    keepAlive?.stop()
    ready.reject(error)
    requester.failAll(error)
    responder.abortAll()
    void farewell(port, writer, limits.farewellMs, goodbye).then(() => closed.resolve({ error, isOffence }))
  }

  function sayGoodbye(reason: string): void {
    if (saidGoodbye || isOver()) return
    saidGoodbye = true
    requester.failWaiting(new ProtocolError('SESSION_RETIRED', 'The session is being replaced.'))
    clearTimeout(deadline)
    deadline = setTimeout(
      () => fail(lost('The session was replaced and its requests did not end in time.')),
      limits.retireMs,
    )
    // behind the requests that were made before it
    sendOwn(() => encodeFrame({ type: 'goodbye', reason }), 'call')
  }

  /** After both goodbyes no request can come: the own side ends with the last answer. */
  function endIfDone(): void {
    if (state !== 'open' || endedOwnSide || !saidGoodbye || !heardGoodbye || !isIdle()) return
    endedOwnSide = true
    keepAlive?.stop()
    const signal = AbortSignal.timeout(limits.writeMs)
    const ended = writer.flushed().then(() => port.end({ signal }))
    ended.catch((error) => fail(asLost(error)))
  }

  const receivers: Receivers = {
    hello(frame) {
      if (state !== 'greeting') throw unexpected('a second hello')
      agree(init.hello, frame)
      state = 'open'
      agent = frame.agent
      clearTimeout(deadline)
      keepAlive = createKeepAlive(limits, {
        onIdle: () => sendPing(STILL_THERE),
        onDead: () => fail(lost('The peer fell silent.')),
      })
      ready.resolve()
    },
    request(frame, size) {
      if (heardGoodbye) throw unexpected('a request after goodbye')
      lastUsed = performance.now()
      responder.serve(frame, size)
    },
    accepted: receiveAnswer,
    response: receiveAnswer,
    item: receiveAnswer,
    part: receiveAnswer,
    end: receiveAnswer,
    error: receiveAnswer,
    credit: (frame) => responder.credit(frame.id, frame.bytes),
    cancel: (frame) => responder.cancel(frame.id),
    ping: (frame) => sendAnswer(() => encodeFrame({ type: 'pong', id: frame.id }), 'control'),
    pong: ({ id }) => (id === MEASURING ? window.heard() : undefined),
    goodbye({ reason }) {
      if (heardGoodbye) throw unexpected('a second goodbye')
      if (state === 'greeting') return fail(turnedAway(reason))
      if (!GRACEFUL.has(reason)) return fail(lost(`The peer ended the session for the reason ${reason}.`))
      heardGoodbye = true
      sayGoodbye(reason)
      endIfDone()
    },
  }

  function receiveAnswer(frame: Answer, size: number): void {
    if (!requester.settle(frame, size)) strays++
  }

  /** @returns whether it came on credit: then less credit is what slows the peer down */
  function receive(bytes: Uint8Array): boolean {
    received.frames++
    received.bytes += bytes.byteLength
    keepAlive?.heard()
    const frame = decodeFrame(bytes)
    const isGreeting = frame.type === 'hello' || frame.type === 'goodbye'
    if (state === 'greeting' && !isGreeting) throw unexpected(`${frame.type} before hello`)
    const receiver = receivers[frame.type] as (frame: Frame, size: number) => void
    const before = strays
    receiver(frame, bytes.byteLength)
    return (frame.type === 'part' || frame.type === 'item') && strays === before
  }

  async function read(): Promise<void> {
    while (!isOver()) {
      const bytes = await port.receive()
      if (isOver()) return
      if (bytes === null) return endOfStream()
      const isOnCredit = receive(bytes)
      const pause = slowing.read(bytes.byteLength, isOnCredit)
      if (pause !== undefined) await pause
    }
  }

  function endOfStream(): void {
    if (state === 'greeting') fail(turnedAway(''))
    else if (!endedOwnSide) fail(lost('The peer closed the stream.'))
    else fail(new ProtocolError('SESSION_RETIRED', 'The session ended as agreed.'))
  }

  function isOver(): boolean {
    return state === 'over'
  }

  function isIdle(): boolean {
    return requester.open === 0 && responder.inFlight === 0
  }

  /** In the same turn as a request of this side: none follows a goodbye. */
  function mayAsk(): void {
    if (isOver()) throw lost('The session with the peer is over.')
    if (saidGoodbye) throw new ProtocolError('SESSION_RETIRED', 'The session is being replaced.')
    lastUsed = performance.now()
  }

  sendOwn(() => encodeFrame(init.hello), 'control')
  read().catch((error: unknown) => fail(...endingOf(error)))

  return {
    peer,
    opener,
    ready: ready.promise,
    closed: closed.promise,
    async request(method, body, options) {
      await ready.promise
      mayAsk()
      return requester.request(method, body, options)
    },
    async *stream(method, body, options) {
      await ready.promise
      mayAsk()
      yield* requester.stream(method, body, options)
    },
    retire(reason) {
      sayGoodbye(reason)
      endIfDone()
    },
    async close(reason) {
      fail(new ProtocolError(reason, 'This node ended the session.'), { goodbye: reason })
      await closed.promise
    },
    abandon: (error) => fail(error),
    info() {
      const inFlight = requester.open + responder.inFlight
      return {
        peer,
        opener,
        agent,
        openedAt,
        sent: { ...writer.sent },
        received: { ...received },
        inFlight,
        strays,
        slowedMs: slowing.milliseconds,
      }
    },
    isEnding: () => saidGoodbye || isOver(),
    isIdle,
    lastUsed: () => lastUsed,
  }
}
