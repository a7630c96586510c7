/** What is slow does not hold up what is not. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Origin, Outcome } from '../../daemon/vm/types.ts'
import { begin, createJobStates, offer, withdraw } from '../../daemon/vm/worker/begin.ts'
import { createRecent } from '../../daemon/vm/worker/recent.ts'
import { bytes, end, request, type TestVm, testVm } from './kit.ts'

const COUNTER = bytes(`
  let n = 0
  export const increment = () => ++n
  export const spin = () => { for (;;); }
`)
/** It ends when its time is over: long after everything else here. */
const SPIN = request('spin', [], { limits: { gas: 2n ** 61n, wallMs: 2_000 } })

describe('vm: slow services', () => {
  let test: TestVm
  const origins = new Map<string, Origin>()
  const start = async (...keys: string[]) => {
    for (const key of keys) origins.set(key, (await test.vm.genesis(key, COUNTER, request('init'))).origin!)
  }
  afterEach(() => test.vm.stop())

  /** As whoever keeps the state does it: opens a service that lost its place, and asks again. */
  const increment = async (key: string): Promise<string> => {
    for (;;) {
      try {
        return end((await test.vm.call(key, request('increment'))).outcome)
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'NOT_OPEN')
        await opened(key)
      }
    }
  }
  const opened = async (key: string): Promise<void> => {
    if (!test.vm.isOpen(key)) await test.vm.open(key, origins.get(key)!)
  }
  const running = (key: string): { outcome: Promise<Outcome>; isOver: () => boolean } => {
    let over = false
    const outcome = test.vm.call(key, SPIN).then((done) => {
      over = true
      return done.outcome
    })
    // when the machine stops first nobody waits for it any more
    outcome.catch(() => undefined)
    return { outcome, isOver: () => over }
  }

  it('make way: what waits behind one is done elsewhere, once', async function () {
    // who is slow is told by the clock: on a machine that is busy with other things anybody may look so, and be moved once more
    this.retries(2)
    test = await testVm({ workers: 1, audit: false })
    await start('slow', 'one', 'two')
    const slow = running('slow')
    assert.deepEqual(await Promise.all([increment('one'), increment('two')]), ['1', '1'])
    assert.equal(slow.isOver(), false)
    // who has moved stays where it is
    assert.equal(await increment('one'), '2')
    assert.equal(test.vm.isOpen('slow'), true)
    assert.equal(end(await slow.outcome), 'WATCHDOG')
  })

  it('are kept apart from then on, however many there are', async () => {
    test = await testVm({ workers: 2, audit: false })
    const hostile = ['h1', 'h2', 'h3', 'h4']
    await start(...hostile, 'quick')
    // each is slow once, with somebody behind it
    for (const key of hostile) {
      const slow = request('spin', [], { limits: { gas: 2n ** 61n, wallMs: 400 } })
      await opened(key)
      const done = test.vm.call(key, slow)
      await increment('quick')
      assert.equal(end((await done).outcome), 'WATCHDOG')
    }
    for (const key of hostile) await opened(key)
    const all = hostile.map(running)
    for (let i = 0; i < 50; i++) await increment('quick')
    assert.deepEqual(
      all.map(({ isOver }) => isOver()),
      hostile.map(() => false),
    )
    await test.vm.stop()
    await Promise.allSettled(all.map(({ outcome }) => outcome))
  })

  it('are forgotten after a while', () => {
    let now = 0
    const heavy = createRecent(60_000, () => now)
    heavy.add('a')
    now = 30_000
    heavy.add('b')
    heavy.add('a')
    now = 89_999
    assert.deepEqual([heavy.has('a'), heavy.has('b'), heavy.size], [true, true, 2])
    now = 90_000
    assert.deepEqual([heavy.has('a'), heavy.has('b'), heavy.size], [false, false, 0])
  })

  it('leave each job to one side alone', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 10 }), fc.nat(1e9), (tries, id) => {
        const states = createJobStates()
        offer(states, id)
        const taken = tries.map((isWorker) => (isWorker ? begin(states, id) : withdraw(states, id)))
        assert.deepEqual(
          taken,
          tries.map((_, i) => i === 0),
        )
        offer(states, id)
        assert(begin(states, id))
      }),
    )
  })
})
