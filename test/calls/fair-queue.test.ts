import assert from 'node:assert/strict'
import { createFairQueue, type FairQueue } from '../../daemon/calls/fair-queue.ts'

const never = new AbortController().signal
const queue = (init: Partial<Parameters<typeof createFairQueue>[0]> = {}): FairQueue =>
  createFairQueue({
    concurrency: 1,
    perSource: 10,
    total: 20,
    refuse: (whose) => Object.assign(new Error(whose), { code: whose }),
    ...init,
  })

describe('a fair queue', () => {
  it('lets sources take turns, each in its own order', async () => {
    const { run } = queue()
    const order: string[] = []
    const gate = Promise.withResolvers<void>()
    const first = run(() => gate.promise, { from: 'x', signal: never })
    const tasks = ['a1', 'a2', 'a3', 'b1', 'c1', 'b2'].map((name) =>
      run(async () => order.push(name), { from: name[0]!, signal: never }),
    )
    gate.resolve()
    await Promise.all([first, ...tasks])
    assert.deepEqual(order, ['a1', 'b1', 'c1', 'a2', 'b2', 'a3'])
  })

  it('goes on after a failure, which is its caller’s alone', async () => {
    const { run } = queue()
    await assert.rejects(
      run(() => Promise.reject(new Error('mine')), { from: 'a', signal: never }),
      /mine/,
    )
    assert.equal(await run(async () => 1, { from: 'a', signal: never }), 1)
  })

  it('has room for each source, and for all', async () => {
    const waiting = queue({ perSource: 2, total: 3 })
    const gate = Promise.withResolvers<void>()
    const wait = (from: string): Promise<void> => waiting.run(() => gate.promise, { from, signal: never })
    const begun = [wait('a'), wait('a'), wait('a')]
    await assert.rejects(wait('a'), { code: 'source' })
    begun.push(wait('b'))
    await assert.rejects(wait('c'), { code: 'all' })
    assert.equal(waiting.size, 4)
    gate.resolve()
    await Promise.all(begun)
    assert.equal(waiting.size, 0)
  })

  it('drops what waits when its time is over, and lets what runs end', async () => {
    const { run } = queue()
    const gate = Promise.withResolvers<string>()
    const controller = new AbortController()
    const reason = new Error('over')
    const running = run(() => gate.promise, { from: 'a', signal: controller.signal })
    let ran = false
    const dropped = run(async () => (ran = true), { from: 'a', signal: controller.signal })
    controller.abort(reason)
    await assert.rejects(dropped, reason)
    gate.resolve('done')
    assert.equal(await running, 'done')
    assert.equal(ran, false)
    await assert.rejects(
      run(async () => 1, { from: 'a', signal: controller.signal }),
      reason,
    )
    assert.equal(await run(async () => 2, { from: 'a', signal: never }), 2)
  })

  it('runs as many at a time as it may', async () => {
    const { run } = queue({ concurrency: 2 })
    let most = 0
    let now = 0
    const task = async (): Promise<void> => {
      most = Math.max(most, ++now)
      await new Promise((resolve) => setImmediate(resolve))
      now--
    }
    await Promise.all(Array.from({ length: 8 }, () => run(task, { from: 'a', signal: never })))
    assert.equal(most, 2)
  })
})
