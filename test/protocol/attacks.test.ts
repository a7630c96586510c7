/** What a hostile peer can do on real streams without sending a single frame that is none. */
import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import type { Libp2p } from '@libp2p/interface'
import { MAX_CREDIT_BYTES, PART_BYTES, PROTOCOL } from '../../protocol/constants.ts'
import { encodeFrame, type Frame } from '../../protocol/wire/frame.ts'
import { withLengths } from '../../protocol/wire/length-prefix.ts'
import { untilTrue } from '../support/until.ts'
import { countStreams, createTestnet, type TestNode, type Testnet } from './nodes.ts'
import { greetRaw, HELLO, openRaw, type RawPeer } from './raw-peer.ts'
import { echo, never, request, signal } from './session-kit.ts'

const LARGE = new Uint8Array(1 << 20)
const handlers = { echo, never, large: async () => LARGE }

describe('a hostile peer on a real stream', () => {
  let net: Testnet
  let raw: Libp2p
  let honest: TestNode
  beforeEach(async () => {
    net = createTestnet()
    ;[raw, honest] = await Promise.all([net.createBare(), net.create()])
  })
  afterEach(() => net.stop())

  async function attacked(limits: object = {}, own: Parameters<Testnet['create']>[0] = handlers): Promise<TestNode> {
    const target = await net.create(own, { limits })
    await net.introduce(honest.node, target.node)
    return target
  }
  const servesOthers = async (target: TestNode): Promise<void> => {
    assert.equal(await honest.internode.request(target.peer, 'echo', 1, { signal: signal() }), 1)
  }
  const isAnswer =
    (id: number) =>
    (frame: Frame): boolean =>
      frame.type === 'response' && frame.id === id
  const isGone = (target: TestNode): boolean =>
    target.internode.sessions().every(({ peer }) => peer !== raw.peerId.toString())
  const offencesOf = (target: TestNode): number => target.internode.conduct(raw.peerId.toString()).offences

  describe('that is slow', () => {
    it('may send byte by byte, lengths among them, and is answered', async () => {
      const target = await attacked()
      const peer = await openRaw(raw, target.node)
      const bytes = withLengths([HELLO, request(1, 'echo', 'x'.repeat(500)), request(2)].map(encodeFrame))
      for (const byte of bytes) {
        peer.send(Uint8Array.of(byte))
        await setImmediate()
      }
      await peer.until(isAnswer(1))
      await peer.until(isAnswer(2))
      assert.equal(offencesOf(target), 0)
      await peer.leave()
    })

    it('has no longer for its hello because it sends some of it', async () => {
      const target = await attacked({ handshakeMs: 50, farewellMs: 20 })
      const peer = await openRaw(raw, target.node)
      await drip(peer, withLengths([encodeFrame(HELLO)]).subarray(0, -1))
      assert.deepEqual(peer.heard.at(-1), { type: 'goodbye', reason: 'TIMED_OUT' })
      await untilTrue(() => isGone(target))
      await servesOthers(target)
    })

    for (const [what, bytes] of [
      ['a frame', withLengths([new Uint8Array(1 << 20)])],
      ['a length', Uint8Array.of(0x80, 0x80)],
    ] as const) {
      it(`is silent for as long as ${what} is not whole, however much of it comes`, async () => {
        const target = await attacked({ idleMs: 30, pongMs: 30 })
        const peer = await greetRaw(raw, target.node)
        await drip(peer, bytes)
        assert.ok(peer.heard.some(({ type }) => type === 'ping'))
        await untilTrue(() => isGone(target))
        await servesOthers(target)
      })
    }

    /** One byte for each turn of the loop, then nothing, until the other side has had enough. */
    async function drip(peer: RawPeer, bytes: Uint8Array): Promise<void> {
      for (let at = 0; !peer.isOver(); at++) {
        if (at < bytes.length) peer.send(bytes.subarray(at, at + 1))
        await setImmediate()
      }
    }
  })

  describe('that holds a stream half open', () => {
    it('loses it if it says nothing', async () => {
      const target = await attacked({ handshakeMs: 20, farewellMs: 20 })
      const peer = await openRaw(raw, target.node)
      await untilTrue(() => peer.isOver() && isGone(target))
      await servesOthers(target)
    })

    it('has nothing more done for it once it has ended its side', async () => {
      const stopped = Promise.withResolvers<void>()
      const wait: typeof never = (body, context) => {
        context.signal.addEventListener('abort', () => stopped.resolve())
        return never(body, context)
      }
      const target = await attacked({}, { echo, wait })
      const peer = await greetRaw(raw, target.node)
      peer.say(request(1, 'wait'), request(2))
      await peer.until(isAnswer(2))
      await peer.leave()
      await stopped.promise
      await untilTrue(() => isGone(target) && countStreams(raw) === 0)
      assert.equal(offencesOf(target), 0)
    })

    it('may not keep it after both have said goodbye', async () => {
      const target = await attacked({ retireMs: 50 })
      const peer = await greetRaw(raw, target.node)
      peer.say({ type: 'goodbye', reason: 'IDLE' })
      await peer.until(({ type }) => type === 'goodbye')
      await untilTrue(() => isGone(target) && peer.isOver())
      await untilTrue(() => countStreams(target.node) === 0)
    })
  })

  it('that opens streams without end has a few of them, and others are served', async () => {
    const target = await attacked({ handshakeMs: 60_000, farewellMs: 20 })
    const connections = await Promise.all(
      [1, 2, 3].map(() => raw.dial(target.node.getMultiaddrs(), { force: true, signal: signal() })),
    )
    for (let round = 0; round < 20; round++) {
      const opening = connections.flatMap((connection) => [1, 2, 3, 4, 5].map(() => connection.newStream(PROTOCOL)))
      const opened = await Promise.allSettled(opening)
      assert.ok(target.internode.sessions().length <= 4 + 1, `${target.internode.sessions().length} sessions`)
      for (const stream of opened) if (stream.status === 'fulfilled') stream.value.abort(new Error('another one'))
    }
    await servesOthers(target)
    await untilTrue(() => isGone(target))
    // over a connection of its own: those may be closing
    await Promise.allSettled(connections.map((connection) => connection.close()))
    await untilTrue(() => raw.getConnections().length === 0)
    const peer = await greetRaw(raw, target.node)
    peer.say(request(1))
    await peer.until(isAnswer(1))
    await peer.leave()
  })

  it('that asks and does not read costs so much and no more, and is told on', async () => {
    const target = await attacked({ outgoingFrames: 200, farewellMs: 20 })
    const peer = await greetRaw(raw, target.node)
    peer.stream.pause()
    let id = 0
    while (peer.stream.status === 'open' && offencesOf(target) === 0) {
      const frames: Frame[] = Array.from({ length: 100 }, () => request(++id, 'echo', 'x'.repeat(1_000)))
      peer.say(...frames)
      while (peer.stream.writeBufferLength > 1 << 20 && offencesOf(target) === 0) await setImmediate()
      await setImmediate()
    }
    assert.equal(offencesOf(target), 1)
    await untilTrue(() => isGone(target))
    await servesOthers(target)
  })

  const part = (id: number, change: object = {}): Frame =>
    ({ type: 'part', id, bytes: new Uint8Array(PART_BYTES), size: 1 << 20, final: true, ...change }) as Frame
  const credit = (id: number, bytes: number): Frame => ({ type: 'credit', id, bytes })
  const offences: [string, Frame[], string][] = [
    ['grants more than anybody may have', [request(1, 'large'), credit(1, MAX_CREDIT_BYTES)], 'CREDIT_INVALID'],
    [
      'grants more than that little by little',
      // of an answer that uses none of it up meanwhile
      [request(1, 'never'), ...Array.from({ length: 17 }, () => credit(1, 1 << 20))],
      'CREDIT_INVALID',
    ],
    ['uses an ID again that is in hand', [request(1, 'never'), request(1)], 'ID_REUSED'],
    ['uses an ID again that was answered', [request(1), request(2), request(1)], 'ID_REUSED'],
    ['uses an ID again that it gave up', [request(1, 'never'), { type: 'cancel', id: 1 }, request(1)], 'ID_REUSED'],
    ['uses an ID again that was refused', [request(1, 'none'), request(1)], 'ID_REUSED'],
    ['answers what nobody asked', [{ type: 'response', id: 1, body: 1 }], 'FRAME_UNEXPECTED'],
    ['refuses what nobody asked', [{ type: 'error', id: 9, code: 'NO', message: '', hint: '' }], 'FRAME_UNEXPECTED'],
    ['streams what nobody asked', [{ type: 'accepted', id: 1 }], 'FRAME_UNEXPECTED'],
    ['sends an item that nobody asked for', [{ type: 'item', id: 1, body: 1 }], 'FRAME_UNEXPECTED'],
    ['sends a part that nobody asked for', [part(1)], 'FRAME_UNEXPECTED'],
    ['ends a stream that is none', [{ type: 'end', id: Number.MAX_SAFE_INTEGER }], 'FRAME_UNEXPECTED'],
    ['answers its own request', [request(1, 'never'), { type: 'response', id: 1, body: 1 }], 'FRAME_UNEXPECTED'],
    ['greets twice', [HELLO], 'FRAME_UNEXPECTED'],
  ]
  for (const [what, frames, code] of offences) {
    it(`that ${what} is told ${code}, and it counts`, async () => {
      const target = await attacked()
      const peer = await greetRaw(raw, target.node)
      peer.say(...frames)
      await peer.until(({ type }) => type === 'goodbye')
      assert.equal(await peer.leave(), code)
      await untilTrue(() => isGone(target))
      assert.equal(offencesOf(target), 1)
      await servesOthers(target)
    })
  }

  it('that cancels and grants what is over, or never was, changes nothing', async () => {
    const target = await attacked()
    const peer = await greetRaw(raw, target.node)
    peer.say(request(1), request(2, 'never'), { type: 'cancel', id: 2 }, request(3))
    await peer.until(isAnswer(3))
    for (const id of [1, 2, 3, 4, Number.MAX_SAFE_INTEGER])
      peer.say({ type: 'cancel', id }, { type: 'cancel', id }, credit(id, MAX_CREDIT_BYTES), { type: 'pong', id })
    peer.say(request(4))
    await peer.until(isAnswer(4))
    assert.deepEqual([offencesOf(target), target.internode.sessions()[0]!.inFlight], [0, 0])
    assert.equal(peer.heard.filter((frame) => frame.type === 'response' || frame.type === 'error').length, 3)
    await peer.leave()
  })

  it('that is on another network has nothing done, whatever it sends behind its hello', async () => {
    let served = 0
    const target = await attacked({}, { echo, count: async () => ++served })
    const peer = await openRaw(raw, target.node)
    peer.say({ ...HELLO, network: 'other' } as Frame, request(1, 'count'), HELLO, request(2, 'count'))
    assert.equal(await peer.leave(), 'WRONG_NETWORK')
    await untilTrue(() => isGone(target))
    assert.deepEqual([served, offencesOf(target)], [0, 0])
    await servesOthers(target)
  })
})
