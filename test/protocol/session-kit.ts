/** Sessions over ports in this process, against each other or against a peer that the test plays. */
import assert from 'node:assert/strict'
import { DEFAULT_LIMITS, type Limits } from '../../protocol/constants.ts'
import { ProtocolError } from '../../protocol/errors.ts'
import { createBudget } from '../../protocol/session/budget.ts'
import { createPace } from '../../protocol/session/pace.ts'
import { createSession } from '../../protocol/session/session.ts'
import type { Session } from '../../protocol/session/session-types.ts'
import type { Handler } from '../../protocol/types.ts'
import type { Frame } from '../../protocol/wire/frame.ts'
import type { FramePort } from '../../protocol/wire/frame-port.ts'
import { helloOf } from '../../protocol/wire/hello.ts'
import { createPortPair, type MemoryPort } from './memory-port.ts'

export const signal = (): AbortSignal => AbortSignal.timeout(20_000)
export const coded =
  (code: string, party?: string): ((error: unknown) => boolean) =>
  (error: unknown): boolean =>
    error instanceof ProtocolError && error.code === code && (party === undefined || error.party === party)

export interface Options {
  handlers?: Record<string, Handler>
  limits?: Partial<Limits>
  network?: string
  budget?: { requests: number; bytes: number }
}

const sessions: Session[] = []

export function begin(port: FramePort, opener: 'local' | 'remote', options: Options): Session {
  // A played peer does not end its side, so every goodbye to one takes this long.
  const limits = { ...DEFAULT_LIMITS, farewellMs: 50, ...options.limits }
  const hello = helloOf({ network: options.network ?? 'test', agent: 'test/1' })
  const budget = createBudget(options.budget ?? { requests: limits.totalInFlight, bytes: limits.totalInFlightBytes })
  const pace = createPace(limits, () => performance.now())
  const components = { port, handlers: options.handlers ?? {}, budget, pace }
  const session = createSession(components, { peer: opener === 'local' ? 'b' : 'a', opener, hello, limits })
  sessions.push(session)
  return session
}

export function pair(a: Options = {}, b: Options = {}): [Session, Session] {
  const [left, right] = createPortPair()
  return [begin(left, 'local', a), begin(right, 'remote', b)]
}

/** A session against a peer that is played by the test, after the handshake. */
export async function againstRaw(options: Options = {}): Promise<[Session, MemoryPort]> {
  const [port, raw] = createPortPair()
  const session = begin(port, 'remote', options)
  assert.equal((await raw.hear())?.type, 'hello')
  await raw.say(helloOf({ network: 'test', agent: 'raw' }))
  await session.ready
  return [session, raw]
}

export const request = (id: number, method = 'echo', body: unknown = null): Frame => ({
  type: 'request',
  id,
  method,
  body,
  stream: false,
  timeoutMs: 10_000,
})
export const echo: Handler = async (body) => body
export const never: Handler = (_body, context) =>
  new Promise((_resolve, reject) => context.signal.addEventListener('abort', reject))

/** Ends what a test has begun. */
export async function endAll(): Promise<void> {
  await Promise.all(sessions.splice(0).map((session) => session.close('STOPPED')))
}
