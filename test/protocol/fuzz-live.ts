/** Mutated frames on real streams, each on one with requests in every state, in both directions. */
import assert from 'node:assert/strict'
import type { Libp2p } from '@libp2p/interface'
import { ProtocolError } from '../../protocol/errors.ts'
import type { Handler } from '../../protocol/types.ts'
import { refusalOf } from '../support/fuzz-decoder.ts'
import { untilTrue } from '../support/until.ts'
import type { TestNode, Testnet } from './nodes.ts'
import { greetRaw, type RawPeer } from './raw-peer.ts'
import { echo, never, request, signal } from './session-kit.ts'

/** Of the requests that `begin` makes, and of the two that the target makes. */
export const LIVE_IDS: readonly number[] = [1, 2, 3, 4, 5, 6, 7]
/** What the node counts as an offence is told by its goodbye; these are none. */
const NO_OFFENCE: ReadonlySet<string> = new Set(['REPLACED', 'IDLE', 'STOPPED', 'WRONG_NETWORK', 'VERSION_UNSUPPORTED'])
const OFFENCES_ALLOWED = 5
const REFUSAL_MS = 60_000

export interface LiveFuzz {
  frames: number
  /** sessions that were ended for an offence, as the offender heard it */
  offences: number
  /** times that the offender was refused, and what its offences were due */
  refusals: number
  due: number
}

const handlers: Record<string, Handler> = {
  echo,
  never,
  large: async () => new Uint8Array(300_000),
  count: async () =>
    (async function* () {
      for (let i = 0; i < 1_000; i++) yield new Uint8Array(1_000)
    })(),
}

/** One request that was answered, one in hand, one given up, one that waits for credit, a stream, and what the target itself asks for. */
async function begin(raw: Libp2p, target: TestNode): Promise<RawPeer> {
  const peer = await greetRaw(raw, target.node)
  peer.say(request(1), request(2, 'never'), request(3, 'never'), { type: 'cancel', id: 3 }, request(4, 'large'), {
    ...request(5, 'count'),
    stream: true,
  } as never)
  const to = raw.peerId.toString()
  const isCoded = (error: unknown): void => assert.ok(error instanceof ProtocolError, String(error))
  target.internode.request(to, 'x', null, { signal: signal() }).catch(isCoded)
  const items = target.internode.stream(to, 'x', null, { signal: signal() })[Symbol.asyncIterator]()
  items.next().catch(isCoded)
  await peer.until((frame) => frame.type === 'response' && frame.id === 1)
  await peer.until((frame) => frame.type === 'request' && frame.stream)
  return peer
}

/** @throws Error when an honest node beside it is not answered, or an offence is not counted, or counted wrongly */
export async function fuzzLive(net: Testnet, next: () => Uint8Array, count: number): Promise<LiveFuzz> {
  const found: LiveFuzz = { frames: 0, offences: 0, refusals: 0, due: 0 }
  let time = 0
  const target = await net.create(handlers, {
    limits: { offences: OFFENCES_ALLOWED, refusalMs: REFUSAL_MS },
    now: () => time,
    onRefused: () => {
      found.refusals++
      time += REFUSAL_MS
    },
  })
  const [raw, honest] = await Promise.all([net.createBare(), net.create()])
  await net.introduce(honest.node, target.node)
  let peer = await begin(raw, target)
  for (; found.frames < count; found.frames++) {
    const bytes = next()
    peer.frame(bytes)
    // answered behind the frame, if the session is still there
    const id = found.frames + 1_000
    peer.say({ type: 'ping', id })
    await peer.until((frame) => (frame.type === 'pong' && frame.id === id) || frame.type === 'goodbye').catch(() => {})
    const refusal = refusalOf(bytes)
    const isGone = peer.isOver() || peer.heard.some(({ type }) => type === 'goodbye')
    assert.ok(isGone || refusal === undefined, `taken, and not a frame: ${Buffer.from(bytes).toString('hex')}`)
    if (!isGone) continue
    const reason = await peer.leave()
    if (refusal !== undefined) assert.equal(reason, refusal, Buffer.from(bytes).toString('hex'))
    if (reason !== undefined && !NO_OFFENCE.has(reason)) found.offences++
    await untilTrue(() => !target.internode.sessions().some((session) => session.peer === raw.peerId.toString()))
    assert.equal(await honest.internode.request(target.peer, 'echo', id, { signal: signal() }), id)
    peer = await begin(raw, target)
  }
  await peer.leave()
  found.due = Math.floor(found.offences / OFFENCES_ALLOWED)
  return found
}
