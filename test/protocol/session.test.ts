import assert from 'node:assert/strict'
import * as dagCbor from '@ipld/dag-cbor'
import { MAX_ANSWER_BYTES, MAX_FRAME_BYTES } from '../../protocol/constants.ts'
import type { ProtocolError } from '../../protocol/errors.ts'
import type { Handler } from '../../protocol/types.ts'
import { encodeFrame, type Frame } from '../../protocol/wire/frame.ts'
import { helloOf } from '../../protocol/wire/hello.ts'
import { createPortPair } from './memory-port.ts'
import { againstRaw, begin, coded, echo, endAll, never, pair, request, signal } from './session-kit.ts'

describe('internode session', () => {
  afterEach(endAll)

  describe('handshake', () => {
    it('tells each the other', async () => {
      const [a, b] = pair()
      await Promise.all([a.ready, b.ready])
      assert.equal(a.info().agent, 'test/1')
      assert.equal(b.info().opener, 'remote')
    })

    it('fails on both sides between two networks', async () => {
      const [a, b] = pair({ network: 'one' }, { network: 'two' })
      await assert.rejects(a.ready, coded('WRONG_NETWORK'))
      await assert.rejects(b.ready, coded('WRONG_NETWORK'))
      assert.equal((await a.closed).isOffence, false)
    })

    it('fails without a common version, and says so to the peer', async () => {
      const [port, raw] = createPortPair()
      const session = begin(port, 'remote', {})
      await raw.hear()
      await raw.say({ ...helloOf({ network: 'test', agent: '' }), versions: [7] })
      await assert.rejects(session.ready, coded('VERSION_UNSUPPORTED'))
      assert.deepEqual(await raw.hear(), { type: 'goodbye', reason: 'VERSION_UNSUPPORTED' })
    })

    it('does not wait for ever for a hello', async () => {
      const [port, raw] = createPortPair()
      const session = begin(port, 'local', { limits: { handshakeMs: 5, farewellMs: 5 } })
      await assert.rejects(session.request('echo', 1, { signal: signal() }), coded('PEER_UNREACHABLE'))
      assert.equal((await raw.hear())?.type, 'hello')
      assert.deepEqual(await raw.hear(), { type: 'goodbye', reason: 'TIMED_OUT' })
    })

    it('counts a request before the hello as an offence', async () => {
      const [port, raw] = createPortPair()
      const session = begin(port, 'remote', { handlers: { echo } })
      await raw.say(request(1))
      assert.equal((await session.closed).error.code, 'FRAME_UNEXPECTED')
    })
  })

  describe('requests', () => {
    it('are answered out of order, in both directions, each to its asker', async () => {
      const gates = Array.from({ length: 10 }, () => Promise.withResolvers<void>())
      const slow: Handler = async (body) => {
        await gates[body as number]!.promise
        return body
      }
      const [a, b] = pair({ handlers: { echo } }, { handlers: { slow } })
      const order: unknown[] = []
      const answers = gates.map((_, i) => a.request('slow', i, { signal: signal() }).then((body) => order.push(body)))
      assert.equal(await b.request('echo', 'x', { signal: signal() }), 'x')
      for (let i = 9; i >= 0; i--) {
        gates[i]!.resolve()
        await answers[i]
      }
      assert.deepEqual(order, [9, 8, 7, 6, 5, 4, 3, 2, 1, 0])
      assert.ok(a.isIdle() && b.isIdle())
    })

    it('carry the errors of handlers that have a code, and nothing of the others', async () => {
      const handlers: Record<string, Handler> = {
        coded: async () => {
          throw Object.assign(new Error('No such\u001b[2J service.'), { code: 'NOT_FOUND', hint: 'Look elsewhere.' })
        },
        crash: async () => {
          throw new TypeError('secret /home/alice/x.ts')
        },
        system: async () => {
          throw Object.assign(new Error("ENOENT: no such file, open '/home/alice'"), {
            code: 'ENOENT',
            errno: -2,
            syscall: 'open',
          })
        },
        runtime: async () => {
          throw Object.assign(new Error('/home/alice'), { code: 'ERR_INVALID_ARG_TYPE' })
        },
        sync: () => {
          throw 'thrown text'
        },
        function: async () => () => 1,
        bom: async () => {
          throw Object.assign(new Error('\ufeffmark'), { code: 'MARK' })
        },
      }
      const [a] = pair({}, { handlers })
      const fails = (method: string): Promise<ProtocolError> =>
        a.request(method, null, { signal: signal() }).then(
          () => assert.fail('answered'),
          (error) => error,
        )
      const known = await fails('coded')
      assert.deepEqual([known.code, known.hint, known.party], ['NOT_FOUND', 'Look elsewhere.', 'remote'])
      assert.equal(known.message, 'No such [2J service.')
      assert.equal((await fails('bom')).code, 'MARK')
      for (const method of ['crash', 'system', 'runtime', 'sync', 'function']) {
        const error = await fails(method)
        assert.equal(error.code, 'INTERNAL', method)
        assert.ok(!`${error.message}${error.hint}`.includes('alice'), error.message)
      }
      for (const method of ['absent', 'toString', '__proto__'])
        assert.equal((await fails(method)).code, 'UNKNOWN_METHOD')
    })

    it('turn a result above all limits into an error, and go on', async () => {
      const [a] = pair({}, { handlers: { echo, large: async () => new Uint8Array(MAX_ANSWER_BYTES) } })
      await assert.rejects(a.request('large', null, { signal: signal() }), coded('RESULT_TOO_LARGE', 'remote'))
      await assert.rejects(
        a.request('echo', new Uint8Array(MAX_FRAME_BYTES), { signal: signal() }),
        coded('REQUEST_TOO_LARGE', 'local'),
      )
      await assert.rejects(a.request('echo', Number.NaN, { signal: signal() }), coded('REQUEST_INVALID', 'local'))
      assert.equal(await a.request('echo', 1, { signal: signal() }), 1)
    })

    it('are cancelled by the asker, as far as the handler', async () => {
      const started = Promise.withResolvers<void>()
      const stopped = Promise.withResolvers<unknown>()
      const wait: Handler = (_body, context) => {
        context.signal.addEventListener('abort', () => stopped.resolve(context.signal.reason))
        started.resolve()
        return new Promise(() => undefined)
      }
      const [a, b] = pair({}, { handlers: { wait, echo } })
      const controller = new AbortController()
      const answer = a.request('wait', null, { signal: controller.signal })
      await started.promise
      controller.abort()
      await assert.rejects(answer, coded('CANCELLED', 'local'))
      assert.ok(coded('CANCELLED')(await stopped.promise))
      assert.equal(await a.request('echo', 1, { signal: signal() }), 1)
      assert.equal(b.info().inFlight, 1, 'a handler that ignores its signal keeps its place')
      await assert.rejects(a.request('echo', 1, { signal: AbortSignal.abort() }), coded('CANCELLED'))
    })

    it('end at their deadline on both sides', async () => {
      const stopped = Promise.withResolvers<void>()
      const wait: Handler = (body, context) => {
        context.signal.addEventListener('abort', () => stopped.resolve())
        return never(body, context)
      }
      const [a] = pair({}, { handlers: { wait } })
      await assert.rejects(a.request('wait', null, { signal: signal(), timeoutMs: 5 }), coded('TIMED_OUT'))
      await stopped.promise
      await assert.rejects(a.request('wait', null, { signal: AbortSignal.timeout(5) }), coded('TIMED_OUT', 'local'))
    })

    it('end when the handler overstays although the asker does not complain', async () => {
      const [, raw] = await againstRaw({ handlers: { never } })
      await raw.say({ type: 'request', id: 1, method: 'never', body: null, stream: false, timeoutMs: 1 })
      const answer = await raw.hear()
      assert.ok(answer?.type === 'error' && answer.code === 'TIMED_OUT')
    })

    it('wait for their turn in a bounded queue', async () => {
      const gate = Promise.withResolvers<void>()
      let most = 0
      let now = 0
      const full = Promise.withResolvers<void>()
      const held: Handler = async () => {
        most = Math.max(most, ++now)
        if (now === 4) full.resolve()
        await gate.promise
        now--
        return null
      }
      const [a] = pair({ limits: { inFlight: 4, waiting: 6 } }, { handlers: { held } })
      await a.ready
      const answers = Array.from({ length: 11 }, () => a.request('held', null, { signal: signal() }))
      const results = Promise.allSettled(answers)
      await assert.rejects(answers[10]!, (error) => coded('BUSY', 'local')(error) && (error as ProtocolError).retryable)
      await full.promise
      gate.resolve()
      assert.equal((await results).filter(({ status }) => status === 'fulfilled').length, 10)
      assert.equal(most, 4)
    })

    it('are refused beyond what the peer serves at once, for one session and for all', async () => {
      const [a] = pair({}, { handlers: { never, echo }, limits: { inFlight: 2 } })
      const controller = new AbortController()
      const held = [1, 2].map((body) => a.request('never', body, { signal: controller.signal }))
      await assert.rejects(a.request('echo', 1, { signal: signal() }), coded('BUSY', 'remote'))
      controller.abort()
      await Promise.allSettled(held)
      assert.equal(await a.request('echo', 1, { signal: signal() }), 1)
      const [c] = pair({}, { handlers: { never }, budget: { requests: 0, bytes: 0 } })
      await assert.rejects(c.request('never', 1, { signal: signal() }), coded('BUSY', 'remote'))
    })

    it('are not confused by answers that nobody waits for any more', async () => {
      const [session, raw] = await againstRaw()
      const controller = new AbortController()
      const given = session.request('x', null, { signal: controller.signal })
      const answer = session.request('x', null, { signal: signal() })
      const [first, second] = [await raw.hear(), await raw.hear()]
      assert.ok(first?.type === 'request' && second?.type === 'request')
      controller.abort()
      await assert.rejects(given, coded('CANCELLED'))
      await raw.say({ type: 'response', id: first.id, body: 'late' })
      await raw.say({ type: 'error', id: first.id, code: 'LATE', message: '', hint: '' })
      await raw.say({ type: 'response', id: second.id, body: 'mine' })
      assert.equal(await answer, 'mine')
      assert.equal(session.info().strays, 2)
    })
  })

  describe('end', () => {
    it('fails everything in flight when the stream dies', async () => {
      const [session, raw] = await againstRaw()
      const answers = [1, 2, 3].map((body) => session.request('x', body, { signal: signal() }))
      const results = Promise.allSettled(answers)
      await raw.hear()
      raw.abort()
      for (const result of await results) {
        assert.ok(result.status === 'rejected' && coded('CONNECTION_LOST')(result.reason) && result.reason.retryable)
      }
      assert.equal((await session.closed).isOffence, false)
    })

    it('tells the peer, aborts handlers and fails requests on close', async () => {
      const [a, b] = pair({ handlers: { never } }, {})
      const answer = b.request('never', null, { signal: signal() })
      await b.ready
      const rejected = assert.rejects(answer, coded('CONNECTION_LOST', 'network'))
      await a.ready
      await a.close('STOPPED')
      await rejected
      await b.closed
      await assert.rejects(a.request('x', 1, { signal: signal() }), coded('CONNECTION_LOST'))
      await a.close('STOPPED')
    })

    it('lets requests in flight end when it is retired, and refuses new ones', async () => {
      const gate = Promise.withResolvers<void>()
      const held: Handler = async (body) => {
        await gate.promise
        return body
      }
      const [a, b] = pair({ handlers: { held } }, { handlers: { held } })
      const answers = [
        a.request('held', 'there', { signal: signal() }),
        b.request('held', 'back', { signal: signal() }),
      ]
      await Promise.all([a.ready, b.ready])
      a.retire('REPLACED')
      await assert.rejects(a.request('held', 1, { signal: signal() }), coded('SESSION_RETIRED'))
      gate.resolve()
      assert.deepEqual(await Promise.all(answers), ['there', 'back'])
      assert.equal((await a.closed).error.code, 'SESSION_RETIRED')
      assert.equal((await b.closed).error.code, 'SESSION_RETIRED')
    })

    it('gives requests back that were still waiting when it is retired', async () => {
      const [a] = pair({ limits: { inFlight: 1 } }, { handlers: { echo } })
      await a.ready
      const first = a.request('echo', 1, { signal: signal() })
      const second = a.request('echo', 2, { signal: signal() })
      const rejected = assert.rejects(second, coded('SESSION_RETIRED'))
      // both have passed the handshake's promise by now
      await Promise.resolve()
      a.retire('IDLE')
      assert.equal(await first, 1)
      await rejected
      await a.closed
    })

    it('does not let a retired session live on for ever', async () => {
      const [a] = pair({ limits: { retireMs: 5 } }, { handlers: { never } })
      const answer = a.request('never', 1, { signal: signal() })
      await a.ready
      a.retire('REPLACED')
      await assert.rejects(answer, coded('CONNECTION_LOST'))
      await a.closed
    })

    it('pings a silent peer, and gives it up when it stays silent', async () => {
      const [session, raw] = await againstRaw({ limits: { idleMs: 10, pongMs: 100 } })
      assert.equal((await raw.hear())?.type, 'ping')
      await raw.say({ type: 'pong', id: 1 })
      assert.equal((await raw.hear())?.type, 'ping')
      assert.equal((await session.closed).error.code, 'CONNECTION_LOST')
    })

    it('lets everything else have its turn between the frames of a flood', async () => {
      const [session, raw] = await againstRaw()
      const flood = 20_000
      const before = session.info().received.frames
      const cancels = Array.from({ length: flood }, (_, i) => encodeFrame({ type: 'cancel', id: i + 1 }))
      await raw.send(cancels, { signal: signal() })
      await new Promise((resolve) => setImmediate(resolve))
      assert(session.info().received.frames - before < flood, 'all of it was read in one turn of the event loop')
      await raw.say({ type: 'ping', id: 1 })
      assert.deepEqual(await raw.hear(), { type: 'pong', id: 1 })
    })

    it('answers pings', async () => {
      const [, raw] = await againstRaw()
      await raw.say({ type: 'ping', id: 42 })
      assert.deepEqual(await raw.hear(), { type: 'pong', id: 42 })
    })
  })

  describe('offences', () => {
    const offences: [string, Uint8Array | Frame[], string][] = [
      ['garbage', new Uint8Array([1, 2, 3]), 'FRAME_MALFORMED'],
      ['an empty frame', new Uint8Array(0), 'FRAME_MALFORMED'],
      ['an oversize frame', new Uint8Array(MAX_FRAME_BYTES + 1), 'FRAME_TOO_LARGE'],
      ['an unknown frame', dagCbor.encode({ type: 'gossip' }), 'FRAME_UNKNOWN'],
      ['a second hello', [helloOf({ network: 'test', agent: '' })], 'FRAME_UNEXPECTED'],
      ['an ID used twice', [request(5), request(5)], 'ID_REUSED'],
      ['an ID below one before', [request(5), request(4)], 'ID_REUSED'],
      ['a request after goodbye', [{ type: 'goodbye', reason: 'REPLACED' }, request(1)], 'FRAME_UNEXPECTED'],
      [
        'a second goodbye',
        [request(1, 'never'), ...Array<Frame>(2).fill({ type: 'goodbye', reason: 'IDLE' })],
        'FRAME_UNEXPECTED',
      ],
    ]
    for (const [name, frames, code] of offences) {
      it(`ends with ${code} for ${name}, and says so`, async () => {
        const [session, raw] = await againstRaw({ handlers: { never } })
        if (frames instanceof Uint8Array) await raw.sendRaw(frames)
        else for (const frame of frames) await raw.say(frame)
        let last: Frame | null = null
        for (let frame = await raw.hear(); frame !== null; frame = await raw.hear()) last = frame
        assert.deepEqual(last, { type: 'goodbye', reason: code })
        await raw.end({ signal: signal() })
        const { error, isOffence } = await session.closed
        assert.equal(error.code, code)
        assert.equal(isOffence, true)
      })
    }

    it('ends with a peer that asks and does not read', async () => {
      const [session, raw] = await againstRaw({ limits: { outgoingFrames: 50, farewellMs: 5 } })
      raw.block()
      const flood = async (): Promise<void> => {
        for (let id = 1; ; id++) await raw.say({ type: 'ping', id })
      }
      await assert.rejects(flood(), coded('CONNECTION_LOST'))
      assert.deepEqual([(await session.closed).error.code, (await session.closed).isOffence], ['FLOODING', true])
    })

    it('ends when a write stalls', async () => {
      const [session, raw] = await againstRaw({ limits: { writeMs: 5 } })
      raw.block()
      await assert.rejects(session.request('x', 1, { signal: signal() }), coded('CONNECTION_LOST'))
    })
  })
})
