import type { Limits } from '../constants.ts'
import type { ProtocolError } from '../errors.ts'
import type { Handler, SessionInfo } from '../types.ts'
import type { Hello } from '../wire/frame.ts'
import type { FramePort } from '../wire/frame-port.ts'
import type { Budget } from './budget.ts'
import type { Pace } from './pace.ts'
import type { RequestOptions } from './requester.ts'

/** Reasons of a goodbye that let requests in flight end. Every other reason ends the session at once. */
export type GracefulReason = 'REPLACED' | 'IDLE'

/** How a session ended. */
export interface SessionEnd {
  error: ProtocolError
  /** the peer broke the protocol */
  isOffence: boolean
}

/** One conversation on one stream, section 5 of specs/internode.md. */
export interface Session {
  readonly peer: string
  /** who opened the stream: it decides between two sessions of one pair */
  readonly opener: 'local' | 'remote'
  /** Resolves after the handshake; rejects with a ProtocolError if there will be none. */
  readonly ready: Promise<void>
  /** Resolves when the session is over and its stream gone. Never rejects. */
  readonly closed: Promise<SessionEnd>
  /** Rejects with SESSION_RETIRED when the request was not sent and belongs on another session. */
  request(method: string, body: unknown, options: RequestOptions): Promise<unknown>
  /** Likewise, when the first item is asked for. */
  stream(method: string, body: unknown, options: RequestOptions): AsyncIterable<unknown>
  /** Sends no further request, lets both sides end those in flight, then closes. */
  retire(reason: GracefulReason): void
  /** Ends at once, telling the peer why. Resolves when the stream is gone; idempotent. */
  close(reason: string): Promise<void>
  /** Ends at once and in silence: the peer is gone. */
  abandon(error: ProtocolError): void
  info(): SessionInfo
  /** one side said goodbye, or the session is over: new requests belong elsewhere */
  isEnding(): boolean
  /** no request is open in either direction */
  isIdle(): boolean
  /** when the last request came or went, in milliseconds of a clock that never goes back */
  lastUsed(): number
}

export interface SessionComponents {
  port: FramePort
  handlers: Record<string, Handler>
  /** what is being served for all peers together */
  budget: Budget
  /** how fast is read from this peer */
  pace: Pace
}

export interface SessionInit {
  peer: string
  opener: 'local' | 'remote'
  /** what this node says first */
  hello: Hello
  limits: Limits
}
