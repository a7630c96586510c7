/** Answers that are large, and answers that are streams. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  LARGE_ANSWERS,
  MAX_ANSWER_BYTES,
  MAX_CREDIT_BYTES,
  PART_BYTES,
  WINDOW_BYTES,
} from '../../protocol/constants.ts'
import type { Handler } from '../../protocol/types.ts'
import type { Frame } from '../../protocol/wire/frame.ts'
import { againstRaw, coded, echo, endAll, pair, request, signal } from './session-kit.ts'

const MIB = 1 << 20
const bytes = (length: number, fill = 7): Uint8Array => new Uint8Array(length).fill(fill)
const collect = async (items: AsyncIterable<unknown>): Promise<unknown[]> => {
  const all: unknown[] = []
  for await (const item of items) all.push(item)
  return all
}

describe('large answers', () => {
  afterEach(endAll)

  it('arrive whole, whatever they are made of', async () => {
    const values = [
      bytes(PART_BYTES),
      bytes(PART_BYTES + 1),
      bytes(16 * MIB),
      'x'.repeat(3 * MIB),
      Array.from({ length: 60_000 }, (_, i) => i),
      { deep: { result: bytes(MIB), also: [bytes(MIB), null] } },
    ]
    const [a] = pair({}, { handlers: { value: async (i) => values[i as number] } })
    const answers = await Promise.all(values.map((_, i) => a.request('value', i, { signal: signal() })))
    for (const [i, answer] of answers.entries()) assert.deepEqual(answer, values[i], `value ${i}`)
  })

  it('let small ones pass', async () => {
    const order: string[] = []
    const [a] = pair({}, { handlers: { echo, large: async () => bytes(8 * MIB) } })
    const large = a.request('large', null, { signal: signal() }).then(() => order.push('large'))
    for (let i = 0; i < 10; i++) {
      await a.request('echo', i, { signal: signal() })
      order.push('small')
    }
    await large
    assert.equal(order.indexOf('large'), 10)
  })

  it('come a few at a time, all of them in the end', async () => {
    const [a] = pair({}, { handlers: { large: async (i) => bytes(MIB, i as number) } })
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, i) => a.request('large', i, { signal: signal() }) as Promise<Uint8Array>),
    )
    assert(answers.every((answer, i) => answer.length === MIB && answer[MIB - 1] === i))
  })

  it('are not sent beyond what was granted, and given up in time', async () => {
    const [session, raw] = await againstRaw({ handlers: { echo, large: async () => bytes(MIB) } })
    await raw.say({ ...request(1, 'large'), timeoutMs: 50 } as Frame)
    const first = await raw.hear()
    assert(first?.type === 'part' && first.bytes.length === PART_BYTES && first.size > MIB && first.final)
    const last = await raw.hear()
    assert(last?.type === 'error' && last.code === 'TIMED_OUT')
    await raw.say({ type: 'credit', id: 1, bytes: WINDOW_BYTES })
    await raw.say(request(2))
    assert.equal((await raw.hear())?.type, 'response')
    assert.equal(session.info().inFlight, 0)
  })

  it('that nobody takes are in the way of other requests only when all sessions hold too much', async () => {
    const handlers: Record<string, Handler> = { echo, large: async () => bytes(MIB) }
    for (const [totalHeldBytes, type] of [
      [2 * MIB, 'response'],
      [MIB - 1, 'error'],
    ] as const) {
      const [, raw] = await againstRaw({ handlers, limits: { heldBytes: 1, totalHeldBytes } })
      await raw.say(request(1, 'large'))
      assert.equal((await raw.hear())?.type, 'part')
      await raw.say(request(2))
      const answer = await raw.hear()
      assert.equal(answer?.type, type)
      if (answer?.type === 'error') assert.equal(answer.code, 'BUSY')
    }
  })

  it('that nobody takes are dropped when all sessions hold too much, however many were asked for before', async () => {
    const values = { whole: bytes(MIB), list: { blocks: Array.from({ length: 17 }, () => bytes(PART_BYTES)) } }
    for (const [what, value] of Object.entries(values)) {
      const { promise: all, resolve } = Promise.withResolvers<void>()
      const handlers: Record<string, Handler> = { large: () => all.then(() => value), small: () => all.then(() => 1) }
      const [, raw] = await againstRaw({ handlers, limits: { heldBytes: 1, totalHeldBytes: 3 * MIB - 1 } })
      for (let id = 1; id <= 10; id++) await raw.say(request(id, 'large'))
      await raw.say(request(11, 'small'))
      await raw.say({ type: 'ping', id: 1 })
      while ((await raw.hear())?.type !== 'pong');
      resolve()
      const heard: string[] = []
      while (heard.filter((told) => told === 'TIMED_OUT').length < 7 || !heard.includes('response 11')) {
        const frame = await raw.hear()
        assert(frame?.type === 'error' || frame?.type === 'response', frame?.type)
        heard.push(frame.type === 'error' ? frame.code : `response ${frame.id}`)
      }
      for (let i = 0; i < LARGE_ANSWERS; i++) assert.equal((await raw.hear())?.type, 'part', what)
    }
  })

  const against: [string, (id: number) => Frame[], string][] = [
    ['a part of another size', (id) => [part(id, 10), { ...part(id, 10), size: 2 * MIB }], 'FRAME_UNEXPECTED'],
    ['a part of an item', (id) => [{ ...part(id, 10), final: false }], 'FRAME_UNEXPECTED'],
    ['an item', (id) => [{ type: 'item', id, body: 1 }], 'FRAME_UNEXPECTED'],
    ['an end', (id) => [{ type: 'end', id }], 'FRAME_UNEXPECTED'],
    ['a response inside parts', (id) => [part(id, 10), { type: 'response', id, body: 1 }], 'FRAME_UNEXPECTED'],
    [
      'more parts than the whole',
      (id) => [{ ...part(id, PART_BYTES), size: PART_BYTES + 1 }, part(id, 2)],
      'FRAME_UNEXPECTED',
    ],
    ['a response to nothing', (id) => [{ type: 'response', id: id + 1, body: 1 }], 'FRAME_UNEXPECTED'],
    ['parts that are no value', (id) => [whole(id, 60_000), whole(id, 6_000)], 'FRAME_MALFORMED'],
  ]
  for (const [what, frames, code] of against) {
    it(`end the session if the peer sends ${what}`, async () => {
      const [session, raw] = await againstRaw()
      const answer = assert.rejects(session.request('x', null, { signal: signal() }), coded(code))
      const asked = await raw.hear()
      assert(asked?.type === 'request')
      for (const frame of frames(asked.id)) await raw.say(frame)
      await answer
      await raw.end({ signal: signal() })
      assert.equal((await session.closed).isOffence, true)
    })
  }

  it('end the session if more of them begin than are taken at a time, and go on without credit', async () => {
    const [session, raw] = await againstRaw()
    const answers = Array.from({ length: LARGE_ANSWERS + 1 }, () =>
      assert.rejects(session.request('x', null, { signal: signal() }), coded('CREDIT_EXCEEDED')),
    )
    for (const _ of answers) {
      const asked = await raw.hear()
      assert(asked?.type === 'request')
      await raw.say(part(asked.id, PART_BYTES))
    }
    await raw.say(part(answers.length, PART_BYTES))
    await Promise.all(answers)
    await raw.end({ signal: signal() })
    assert.equal((await session.closed).isOffence, true)
  })

  it('end the session of who grants what nobody may have', async () => {
    const [session, raw] = await againstRaw({ handlers: { large: async () => bytes(MIB) } })
    // of what was answered long ago, or never asked: no matter
    await raw.say({ type: 'credit', id: 77, bytes: MAX_CREDIT_BYTES })
    await raw.say(request(78, 'large'))
    await raw.say({ type: 'credit', id: 78, bytes: MAX_CREDIT_BYTES })
    await raw.say({ type: 'credit', id: 78, bytes: MAX_CREDIT_BYTES })
    await raw.end({ signal: signal() })
    assert.deepEqual([(await session.closed).error.code, (await session.closed).isOffence], ['CREDIT_INVALID', true])
  })

  const part = (id: number, length: number) =>
    ({ type: 'part', id, bytes: bytes(length), size: MIB, final: true }) as const
  const whole = (id: number, length: number) => ({ ...part(id, length), bytes: bytes(length, 0xff), size: 66_000 })
})

describe('streams', () => {
  afterEach(endAll)
  const count =
    (most: number, onEnd: () => void = () => {}): Handler =>
    async () =>
      (async function* () {
        try {
          for (let i = 0; i < most; i++) yield i
        } finally {
          onEnd()
        }
      })()

  it('bring their items in order, and end', async () => {
    const [a, b] = pair({}, { handlers: { count: count(10_000) } })
    const items = await collect(a.stream('count', null, { signal: signal() }))
    assert.deepEqual(
      items,
      Array.from({ length: 10_000 }, (_, i) => i),
    )
    assert.deepEqual([a.info().inFlight, b.info().inFlight], [0, 0])
  })

  it('are made no faster than they are consumed', async () => {
    let made = 0
    const large: Handler = async () =>
      (async function* () {
        for (; made < 1_000; ) yield bytes(10_000, ++made)
      })()
    const [a] = pair({}, { handlers: { echo, large } })
    const items = a.stream('large', null, { signal: signal() })[Symbol.asyncIterator]()
    for (let taken = 1; taken <= 200; taken++) {
      await items.next()
      // the peer has had every chance to go on
      await a.request('echo', null, { signal: signal() })
      const ahead = (made - taken) * 10_000
      assert(ahead <= WINDOW_BYTES + 3 * 10_000, `${ahead} bytes ahead`)
    }
    await items.return?.()
  })

  it('stop at the peer when they are left', async () => {
    const ended = Promise.withResolvers<void>()
    const [a] = pair({}, { handlers: { count: count(Infinity, ended.resolve) } })
    for await (const item of a.stream('count', null, { signal: signal() })) if (item === 100) break
    await ended.promise
    assert.equal(a.info().inFlight, 0)
  })

  it('stop at the peer when the asker has no more patience, also while an item is awaited', async () => {
    const stopped = Promise.withResolvers<void>()
    const rare: Handler = async (_body, context) => {
      context.signal.addEventListener('abort', () => stopped.resolve())
      return (async function* () {
        yield 1
        await new Promise(() => {})
      })()
    }
    const [a] = pair({}, { handlers: { rare } })
    const controller = new AbortController()
    const items = a.stream('rare', null, { signal: controller.signal })[Symbol.asyncIterator]()
    assert.deepEqual(await items.next(), { done: false, value: 1 })
    const next = items.next()
    controller.abort()
    await assert.rejects(next, coded('CANCELLED'))
    await stopped.promise
  })

  it('last longer than they may take to begin', async () => {
    const gate = Promise.withResolvers<void>()
    const slow: Handler = async () =>
      (async function* () {
        yield 1
        await gate.promise
        yield 2
      })()
    const late: Handler = () => new Promise(() => {})
    const [a] = pair({}, { handlers: { slow, late } })
    const items = a.stream('slow', null, { signal: signal(), timeoutMs: 1_000 })[Symbol.asyncIterator]()
    assert.deepEqual(await items.next(), { done: false, value: 1 })
    const other = collect(a.stream('late', null, { signal: signal(), timeoutMs: 1_001 }))
    await assert.rejects(other, coded('TIMED_OUT'))
    gate.resolve()
    assert.deepEqual(await items.next(), { done: false, value: 2 })
    assert.equal((await items.next()).done, true)
  })

  it('fail with what the peer failed with, after what came before', async () => {
    const fails: Handler = async () =>
      (async function* () {
        yield 1
        throw Object.assign(new Error('no more'), { code: 'GONE' })
      })()
    const [a] = pair({}, { handlers: { fails } })
    const seen: unknown[] = []
    const all = async () => {
      for await (const item of a.stream('fails', null, { signal: signal() })) seen.push(item)
    }
    await assert.rejects(all(), coded('GONE', 'remote'))
    assert.deepEqual(seen, [1])
  })

  it('fail when the connection is lost', async () => {
    const [a, b] = pair({}, { handlers: { count: count(Infinity) } })
    const items = a.stream('count', null, { signal: signal() })[Symbol.asyncIterator]()
    await items.next()
    await b.close('STOPPED')
    const rest = async () => {
      for (let item = await items.next(); !item.done; item = await items.next());
    }
    await assert.rejects(rest(), coded('CONNECTION_LOST'))
  })

  it('are not mistaken for answers, nor answers for streams', async () => {
    const [a] = pair({}, { handlers: { echo, count: count(3) } })
    await assert.rejects(a.request('count', null, { signal: signal() }), coded('STREAM_REQUIRED'))
    assert.deepEqual(await collect(a.stream('echo', 'one', { signal: signal() })), ['one'])
    assert.deepEqual(await collect(a.stream('echo', bytes(MIB), { signal: signal() })), [bytes(MIB)])
    await assert.rejects(collect(a.stream('none', 1, { signal: signal() })), coded('UNKNOWN_METHOD'))
  })

  it('are refused beyond their number', async () => {
    const [a] = pair({}, { handlers: { count: count(Infinity) }, limits: { streams: 2 } })
    const begin = () => a.stream('count', null, { signal: signal() })[Symbol.asyncIterator]()
    const open = [begin(), begin(), begin()]
    await open[0]!.next()
    await open[1]!.next()
    await assert.rejects(open[2]!.next(), coded('BUSY', 'remote'))
    await open[0]!.return?.()
    const again = begin()
    assert.deepEqual(await again.next(), { done: false, value: 0 })
    await Promise.all([open[1]!.return?.(), again.return?.()])
  })

  it('carry items of any size', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 300_000 }), { maxLength: 20 }), async (sizes) => {
        const items: Handler = async () =>
          (async function* () {
            for (const [i, size] of sizes.entries()) yield bytes(size, i)
          })()
        const [a] = pair({}, { handlers: { items } })
        const all = (await collect(a.stream('items', null, { signal: signal() }))) as Uint8Array[]
        assert.deepEqual(
          all.map((item, i) => item.length === sizes[i] && item.every((byte) => byte === i)),
          sizes.map(() => true),
        )
        await a.close('STOPPED')
      }),
      { numRuns: 30 },
    )
  })

  it('say so if an item is too large, or cannot be sent at all', async () => {
    const items: Handler = async (body) =>
      (async function* () {
        yield body === 'large' ? bytes(MAX_ANSWER_BYTES) : Number.NaN
      })()
    const [a] = pair({}, { handlers: { items } })
    await assert.rejects(collect(a.stream('items', 'large', { signal: signal() })), coded('RESULT_TOO_LARGE', 'remote'))
    await assert.rejects(collect(a.stream('items', 'nan', { signal: signal() })), coded('INTERNAL', 'remote'))
  })
})
