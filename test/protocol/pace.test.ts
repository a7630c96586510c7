import assert from 'node:assert/strict'
import fc from 'fast-check'
import { createPace } from '../../protocol/session/pace.ts'
import { createRate } from '../../protocol/session/rate.ts'
import { createTurns } from '../../protocol/session/turns.ts'
import { encodeFrame } from '../../protocol/wire/frame.ts'
import { againstRaw, echo, endAll, request, signal } from './session-kit.ts'

describe('a rate', () => {
  it('lets a burst pass, and then as much as is allowed', () => {
    let now = 1_000
    const rate = createRate({ perSecond: 10, burst: 3 }, () => now)
    assert.deepEqual([rate.take(1), rate.take(1), rate.take(1), rate.take(1)], [0, 0, 0, 100])
    now += 100
    assert.equal(rate.take(1), 100)
    now += 10_000
    assert.equal(rate.take(3), 0)
  })

  it('lets nobody who waits as told have more than the burst and what is allowed', () => {
    const amounts = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 })
    const pauses = fc.array(fc.integer({ min: 0, max: 500 }), { minLength: 1 })
    fc.assert(
      fc.property(amounts, pauses, fc.integer({ min: 1, max: 1000 }), (all, rests, perSecond) => {
        let now = 0
        let sum = 0
        const rate = createRate({ perSecond, burst: perSecond }, () => now)
        for (const [i, amount] of all.entries()) {
          now += rests[i % rests.length]!
          now += rate.take(amount)
          sum += amount
          assert(sum <= perSecond + (now / 1000) * perSecond + 1e-6)
        }
      }),
    )
  })

  it('counts for one and for all', () => {
    const limits = { framesPerSecond: 10, bytesPerSecond: 1_000 }
    const whole = createPace(limits, () => 0)
    const [a, b] = [createPace(limits, () => 0, whole), createPace(limits, () => 0, whole)]
    assert.equal(a.take(600), 0)
    assert.equal(b.take(600), 200)
  })
})

describe('a session that is sent too much', () => {
  afterEach(endAll)

  it('reads more slowly, and answers all', async () => {
    const limits = { framesPerSecond: 50, bytesPerSecond: 1 << 20 }
    const [session, raw] = await againstRaw({ handlers: { echo }, limits })
    const frames = Array.from({ length: 70 }, (_, i) => encodeFrame(request(i + 1)))
    await raw.send(frames, { signal: signal() })
    for (const _ of frames) assert.equal((await raw.hear())?.type, 'response')
    assert(session.info().slowedMs > 0)
  })
})

describe('turns', () => {
  const never = new AbortController().signal

  it('are taken so many at a time, in order', async () => {
    const turns = createTurns(2)
    const gates = Array.from({ length: 5 }, () => Promise.withResolvers<void>())
    const begun: number[] = []
    const work = (i: number) => (): Promise<void> => {
      begun.push(i)
      return gates[i]!.promise
    }
    const all = gates.map((_, i) => turns.run(work(i), never))
    await Promise.resolve()
    assert.deepEqual(begun, [0, 1])
    gates[1]!.resolve()
    await all[1]
    await Promise.resolve()
    assert.deepEqual(begun, [0, 1, 2])
    for (const { resolve } of gates) resolve()
    await Promise.all(all)
    assert.deepEqual(begun, [0, 1, 2, 3, 4])
  })

  it('are not waited for by who went away, and go on after a failure', async () => {
    const turns = createTurns(1)
    const gate = Promise.withResolvers<void>()
    const controller = new AbortController()
    const first = turns.run(() => gate.promise, never)
    const ran: string[] = []
    const second = turns.run(async () => void ran.push('second'), controller.signal)
    controller.abort()
    await second
    gate.reject(new Error('failed'))
    await assert.rejects(first, /failed/)
    await turns.run(async () => {}, never)
    assert.deepEqual(ran, [])
  })
})
