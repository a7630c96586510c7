import assert from 'node:assert/strict'
import type { Libp2p, Stream } from '@libp2p/interface'
import { lpStream } from '@libp2p/utils'
import { MAX_FRAME_BYTES, PROTOCOL } from '../../protocol/constants.ts'
import { ProtocolError } from '../../protocol/errors.ts'
import type { InternodeNode } from '../../protocol/service.ts'
import type { Handler, Internode } from '../../protocol/types.ts'
import { decodeFrame, encodeFrame, type Frame } from '../../protocol/wire/frame.ts'
import { helloOf } from '../../protocol/wire/hello.ts'
import { untilTrue } from '../support/until.ts'
import { countStreams, createTestnet, type TestNode, type Testnet } from './nodes.ts'

const signal = (): AbortSignal => AbortSignal.timeout(20_000)
const coded =
  (code: string, party?: string) =>
  (error: unknown): boolean =>
    error instanceof ProtocolError && error.code === code && (party === undefined || error.party === party)
const echo: Handler = async (body) => body
const HELLO = encodeFrame(helloOf({ network: 'test', agent: 'raw' }))

/** What the node answers to a peer that writes these bytes after its hello: the frames until the stream ends, however it does. */
async function provoke(
  target: TestNode,
  raw: Libp2p,
  bytes: Uint8Array,
  options: { end?: boolean } = {},
): Promise<Frame[]> {
  const stream = await raw.dialProtocol(target.node.getMultiaddrs(), PROTOCOL)
  const lp = lpStream(stream, { maxDataLength: MAX_FRAME_BYTES })
  const frames: Frame[] = []
  try {
    await lp.write(HELLO)
    stream.send(bytes)
    if (options.end === true) await stream.close()
    for (;;) frames.push(decodeFrame((await lp.read()).subarray()))
  } catch {
    await stream.close().catch(() => undefined)
    return frames
  }
}

describe('internode between real nodes', () => {
  let net: Testnet
  beforeEach(() => {
    net = createTestnet()
  })
  afterEach(() => net.stop())

  async function createPair(handlersA = {}, handlersB = {}): Promise<[TestNode, TestNode]> {
    const [a, b] = await Promise.all([net.create(handlersA), net.create(handlersB)])
    await net.introduce(a.node, b.node)
    return [a, b]
  }
  const ask = (from: { internode: Internode }, to: TestNode, method = 'echo', body: unknown = 1): Promise<unknown> =>
    from.internode.request(to.peer, method, body, { signal: signal() })

  it('answers 500 concurrent requests each way on exactly one stream', async () => {
    const [a, b] = await createPair({ echo }, { echo })
    const numbers = Array.from({ length: 500 }, (_, i) => i)
    await ask(a, b)
    const [there, back] = await Promise.all([
      Promise.all(numbers.map((i) => ask(a, b, 'echo', i))),
      Promise.all(numbers.map((i) => ask(b, a, 'echo', i))),
    ])
    assert.deepEqual(there, numbers)
    assert.deepEqual(back, numbers)
    assert.deepEqual([countStreams(a.node), countStreams(b.node)], [1, 1])
    const [session] = a.internode.sessions()
    assert.ok(session!.sent.frames > 1_000 && session!.received.bytes > 1_000)
  })

  it('opens one stream for 100 first requests at once', async () => {
    const [a, b] = await createPair({}, { echo })
    await Promise.all(Array.from({ length: 100 }, (_, i) => ask(a, b, 'echo', i)))
    assert.deepEqual([countStreams(a.node), countStreams(b.node)], [1, 1])
  })

  it('knows a peer by every spelling of its ID', async () => {
    const [a, b] = await createPair({}, { echo })
    const cid = b.node.peerId.toCID().toString()
    await Promise.all(
      [b.peer, cid, b.peer, cid].map((peer) => a.internode.request(peer, 'echo', 1, { signal: signal() })),
    )
    assert.deepEqual([countStreams(a.node), a.internode.sessions().length], [1, 1])
  })

  it('carries the largest bodies, several at once', async () => {
    const [a, b] = await createPair({}, { echo })
    const body = new Uint8Array(1 << 20).fill(7)
    const answers = await Promise.all(Array.from({ length: 24 }, () => ask(a, b, 'echo', body)))
    for (const answer of answers) assert.equal(Buffer.compare(answer as Uint8Array, body), 0)
    assert.equal(countStreams(a.node), 1)
  })

  for (const round of [1, 2, 3]) {
    it(`keeps the stream of the smaller peer when both open at once, and loses no request (${round})`, async () => {
      // Neither greets before both streams are open.
      const both = Promise.withResolvers<void>()
      let opened = 0
      const together = (node: Libp2p): InternodeNode => ({
        peerId: node.peerId,
        handle: node.handle.bind(node),
        unhandle: node.unhandle.bind(node),
        addEventListener: node.addEventListener.bind(node),
        removeEventListener: node.removeEventListener.bind(node),
        async dialProtocol(...args) {
          const stream = await node.dialProtocol(...args)
          if (++opened === 2) both.resolve()
          await both.promise
          return stream
        },
      })
      const [a, b] = await Promise.all([net.create({ echo }, {}, together), net.create({ echo }, {}, together)])
      await net.introduce(a.node, b.node)
      const numbers = Array.from({ length: 50 }, (_, i) => i)
      const answers = await Promise.all(numbers.flatMap((i) => [ask(a, b, 'echo', i), ask(b, a, 'echo', i)]))
      assert.deepEqual(
        answers,
        numbers.flatMap((i) => [i, i]),
      )
      assert.equal(opened, 2)
      const isOne = (node: TestNode): boolean => countStreams(node.node) === 1 && node.internode.sessions().length === 1
      await untilTrue(() => isOne(a) && isOne(b))
      const bytes = (node: TestNode): Uint8Array => node.node.peerId.toMultihash().bytes
      const [smaller, larger] = Buffer.compare(bytes(a), bytes(b)) < 0 ? [a, b] : [b, a]
      assert.equal(smaller.internode.sessions()[0]!.opener, 'local')
      assert.equal(larger.internode.sessions()[0]!.opener, 'remote')
      assert.deepEqual(await Promise.all([ask(a, b), ask(b, a)]), [1, 1])
      assert.equal(opened, 2)
    })
  }

  it('refuses another network, on both sides', async () => {
    const [a, b] = await Promise.all([net.create({ echo }), net.create({ echo }, { network: 'other' })])
    await net.introduce(a.node, b.node)
    await assert.rejects(ask(a, b), coded('WRONG_NETWORK', 'remote'))
    await assert.rejects(ask(b, a), coded('WRONG_NETWORK', 'remote'))
    await untilTrue(() => countStreams(a.node) === 0 && a.internode.sessions().length === 0)
  })

  it('says in words why a peer cannot be reached', async () => {
    const [a, gone] = await createPair()
    const bare = await net.createBare()
    await net.introduce(a.node, bare)
    await gone.internode.stop()
    await gone.node.stop()
    const why = async (peer: string): Promise<string> => {
      const error = await a.internode.request(peer, 'echo', 1, { signal: signal() }).catch((error) => error)
      assert.ok(coded('PEER_UNREACHABLE')(error), String(error))
      return (error as ProtocolError).message
    }
    assert.match(await why(gone.peer), /nothing listens/)
    assert.match(await why(bare.peerId.toString()), /does not speak/)
    assert.match(await why('12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8'), /no address of it is known/)
    assert.match(await why('alice'), /no peer ID/)
    assert.match(await why(a.peer), /itself/)
  })

  it('fails what is in flight when the peer stops, and opens again when it is back', async () => {
    const started = Promise.withResolvers<void>()
    const never: Handler = () => {
      started.resolve()
      return new Promise(() => undefined)
    }
    const [a, b] = await createPair({}, { never, echo })
    const answer = assert.rejects(
      ask(a, b, 'never'),
      (error) => coded('CONNECTION_LOST')(error) && (error as ProtocolError).retryable,
    )
    await started.promise
    await b.internode.stop()
    await answer
    assert.equal(a.internode.sessions().length, 0)
    await b.internode.start()
    assert.equal(await ask(a, b), 1)
    assert.equal(countStreams(a.node), 1)
  })

  it('fails what is in flight when the whole node goes', async () => {
    const started = Promise.withResolvers<void>()
    const never: Handler = () => {
      started.resolve()
      return new Promise(() => undefined)
    }
    const [a, b] = await createPair({}, { never })
    const answer = assert.rejects(ask(a, b, 'never'), coded('CONNECTION_LOST', 'network'))
    await started.promise
    await b.node.stop()
    await answer
    await untilTrue(() => a.internode.sessions().length === 0)
  })

  it('takes a cancellation to the handler on the other node', async () => {
    const started = Promise.withResolvers<void>()
    const stopped = Promise.withResolvers<string>()
    const wait: Handler = (_body, context) => {
      context.signal.addEventListener('abort', () => stopped.resolve(context.peer))
      started.resolve()
      return new Promise(() => undefined)
    }
    const [a, b] = await createPair({}, { wait })
    const controller = new AbortController()
    const answer = a.internode.request(b.peer, 'wait', null, { signal: controller.signal })
    await started.promise
    controller.abort()
    await assert.rejects(answer, coded('CANCELLED', 'local'))
    assert.equal(await stopped.promise, a.peer)
  })

  it('gives up a peer that accepts everything and answers nothing', async () => {
    const a = await net.create({}, { limits: { handshakeMs: 20, farewellMs: 20 } })
    const [mute, deaf] = await Promise.all([net.createBare(), net.createBare()])
    await mute.handle(PROTOCOL, () => undefined)
    await deaf.handle(PROTOCOL, (stream: Stream) => {
      const lp = lpStream(stream)
      void lp.write(HELLO).then(() => lp.read())
    })
    await net.introduce(a.node, mute)
    await net.introduce(a.node, deaf)
    await assert.rejects(
      a.internode.request(mute.peerId.toString(), 'x', 1, { signal: signal() }),
      coded('PEER_UNREACHABLE'),
    )
    const options = { signal: signal(), timeoutMs: 20 }
    await assert.rejects(a.internode.request(deaf.peerId.toString(), 'x', 1, options), coded('TIMED_OUT', 'network'))
  })

  it('opens again after a stream that the peer reset', async () => {
    const [a, b] = await createPair({}, { echo })
    await ask(a, b)
    const [connection] = b.node.getConnections(a.node.peerId)
    connection!.streams.find((stream) => stream.protocol === PROTOCOL)!.abort(new Error('reset by the test'))
    await untilTrue(() => a.internode.sessions().length === 0 && b.internode.sessions().length === 0)
    assert.equal(await ask(a, b), 1)
  })

  it('lets the session go that was idle for longest when there are too many', async () => {
    const [a, b] = await Promise.all([net.create({ echo }, { limits: { sessions: 2 } }), net.create({ echo })])
    const others = await Promise.all([net.create({ echo }), net.create({ echo })])
    for (const node of [b, ...others]) {
      await net.introduce(a.node, node.node)
      await ask(a, node)
    }
    await untilTrue(() => a.internode.sessions().length === 2)
    await untilTrue(() => b.internode.sessions().length === 0)
    assert.equal(await ask(a, b), 1)
    assert.equal(await ask(others[1]!, a), 1)
  })

  describe('with a peer that breaks the protocol', () => {
    const length = (bytes: number): number[] => [(bytes & 0x7f) | 0x80, ((bytes >> 7) & 0x7f) | 0x80, bytes >> 14]
    const attacks: [string, Uint8Array, { end?: boolean }, string][] = [
      ['garbage', new Uint8Array([3, 0xff, 0xff, 0xff]), {}, 'FRAME_MALFORMED'],
      ['a frame cut short', new Uint8Array([100, 0xa2, 0x62]), { end: true }, 'FRAME_TRUNCATED'],
      ['a length cut short', new Uint8Array([0x80]), { end: true }, 'FRAME_TRUNCATED'],
      ['an oversize frame', new Uint8Array(length(MAX_FRAME_BYTES + 1)), {}, 'FRAME_TOO_LARGE'],
      ['an endless length', new Uint8Array(1_000).fill(0x80), {}, 'FRAME_TOO_LARGE'],
      ['an empty frame', new Uint8Array([0]), {}, 'FRAME_MALFORMED'],
      ['ten mebibytes of noise', new Uint8Array(10 << 20).fill(0xff), {}, 'FRAME_TOO_LARGE'],
    ]
    it('says which code, closes the stream and goes on', async () => {
      const target = await net.create({ echo }, { limits: { offences: 100 } })
      const honest = await net.create()
      await net.introduce(honest.node, target.node)
      const raw = await net.createBare()
      for (const [name, bytes, options, code] of attacks) {
        const frames = await provoke(target, raw, bytes, options)
        // a flood may be reset before the goodbye is through
        if (bytes.byteLength < 1 << 20) assert.deepEqual(frames.at(-1), { type: 'goodbye', reason: code }, name)
        assert.equal(await ask(honest, target), 1, name)
      }
      await untilTrue(() => target.internode.sessions().length === 1 && countStreams(raw) === 0)
    })

    it('refuses it after some offences, for a while, and others not', async () => {
      let time = 1_000_000
      const target = await net.create({ echo }, { limits: { offences: 3, refusalMs: 60_000 }, now: () => time })
      const [raw, honest] = await Promise.all([net.createBare(), net.create()])
      await net.introduce(honest.node, target.node)
      await net.introduce(target.node, raw)
      for (let i = 0; i < 3; i++)
        assert.equal((await provoke(target, raw, new Uint8Array([1, 0xff]))).at(-1)?.type, 'goodbye')
      await untilTrue(() => target.internode.sessions().length === 0)
      assert.deepEqual(await provoke(target, raw, new Uint8Array([1, 0xff])), [])
      const answer = target.internode.request(raw.peerId.toString(), 'x', 1, { signal: signal() })
      await assert.rejects(answer, coded('PEER_REFUSED', 'remote'))
      assert.equal(await ask(honest, target), 1)
      time += 60_000
      assert.equal((await provoke(target, raw, new Uint8Array([1, 0xff]))).at(-1)?.type, 'goodbye')
    })

    it('bounds the streams and sessions that one peer can open', async () => {
      const target = await net.create({ echo }, { limits: { handshakeMs: 60_000 } })
      const raw = await net.createBare()
      const connection = await raw.dial(target.node.getMultiaddrs())
      const streams = await Promise.all(
        Array.from({ length: 12 }, () => connection.newStream(PROTOCOL).catch(() => undefined)),
      )
      await untilTrue(() => streams.filter((stream) => stream?.status === 'open').length <= 4)
      assert.ok(target.internode.sessions().length <= 4)
    })
  })

  it('stops and starts as often as asked, and refuses in between', async () => {
    const [a, b] = await createPair({}, { echo })
    await a.internode.start()
    assert.equal(await ask(a, b), 1)
    await Promise.all([a.internode.stop(), a.internode.stop()])
    await assert.rejects(ask(a, b), coded('STOPPED', 'local'))
    assert.deepEqual(a.node.getProtocols().includes(PROTOCOL), false)
    await a.internode.start()
    assert.equal(await ask(a, b), 1)
  })
})
