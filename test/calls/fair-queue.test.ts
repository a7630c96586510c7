import assert from 'node:assert/strict'
import { createFairQueue, type FairQueue, type Taken } from '../../daemon/calls/run/fair-queue.ts'

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

  describe('with a group', () => {
    const taken: string[][] = []
    beforeEach(() => taken.splice(0))
    const group = (most: number, does = Infinity) => ({
      most,
      async take(items: readonly string[]) {
        const done = items.slice(0, does)
        taken.push(done)
        return answered(done)
      },
    })
    /** The letter of an item is its source; those in capitals are tasks of their own. */
    const runAll = async (items: readonly string[], of: ReturnType<typeof group>) => {
      const { run, join } = queue()
      const gate = Promise.withResolvers<void>()
      const first = run(() => gate.promise, { from: 'x', signal: never })
      const all = items.map((name) => {
        const asking = { from: name[0]!.toLowerCase(), signal: never }
        return name < 'a' ? run(async () => taken.push([name]), asking) : join(name, of, asking)
      })
      gate.resolve()
      await Promise.all([first, ...all])
      return taken
    }

    it('takes one of each source, then the next of each', async () => {
      assert.deepEqual(await runAll(['a1', 'a2', 'a3', 'b1', 'c1', 'b2'], group(10)), [
        ['a1', 'b1', 'c1', 'a2', 'b2', 'a3'],
      ])
    })

    it('takes no more than it may, and goes on where it stopped', async () => {
      const found = await runAll(['a1', 'a2', 'a3', 'b1', 'c1', 'b2'], group(4))
      assert.deepEqual(found, [
        ['a1', 'b1', 'c1', 'a2'],
        ['b2', 'a3'],
      ])
    })

    it('puts back what has not begun, in its order', async () => {
      const found = await runAll(['a1', 'a2', 'b1', 'c1'], group(4, 1))
      assert.deepEqual(found, [['a1'], ['b1'], ['c1'], ['a2']])
    })

    it('passes over who waits for something else, and lets them in next', async () => {
      assert.deepEqual(await runAll(['a1', 'a2', 'Q1', 'Q2', 'b1', 'B2', 'b3'], group(10)), [
        ['a1', 'b1', 'a2'],
        ['Q1'],
        ['B2'],
        ['Q2'],
        ['b3'],
      ])
    })

    it('lets who was passed over in before what it puts back', async () => {
      const found = await runAll(['a1', 'a2', 'Q1', 'Q2'], group(10, 1))
      assert.deepEqual(found, [['a1'], ['Q1'], ['a2'], ['Q2']])
    })

    it('drops what was put back when its caller has no more patience', async () => {
      const { join } = queue()
      const controller = new AbortController()
      const reason = new Error('over')
      const slow = {
        most: 2,
        async take(items: readonly string[]) {
          controller.abort(reason)
          return answered(items.slice(0, 1))
        },
      }
      const both = [
        join('a1', slow, { from: 'a', signal: never }),
        join('b1', slow, { from: 'b', signal: never }),
        join('c1', slow, { from: 'c', signal: controller.signal }),
      ]
      assert.deepEqual(
        (await Promise.allSettled(both)).map((result) =>
          result.status === 'fulfilled' ? result.value : result.reason,
        ),
        ['a1', 'b1', reason],
      )
    })

    it('fails as a whole if it has to', async () => {
      const { join } = queue()
      const broken = { most: 5, take: () => Promise.reject<Taken<string>>(new Error('broken')) }
      const both = ['a', 'b'].map((from) => join('1', broken, { from, signal: never }))
      for (const one of both) await assert.rejects(one, /broken/)
      assert.deepEqual(await join('2', group(1), { from: 'a', signal: never }), '2')
    })

    it('lets the next have their turn while the first are still to be answered, and counts them until then', async () => {
      const line = queue()
      const answers = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      const taken: string[] = []
      const slow = {
        most: 1,
        async take([item]: readonly string[]) {
          const { promise } = answers[taken.push(item!) - 1]!
          return { count: 1, results: promise.then(() => answered([item!]).results) }
        },
      }
      const [a, b] = ['a', 'b'].map((from) => line.join(from, slow, { from, signal: never }))
      answers[1]!.resolve()
      assert.equal(await b, 'b')
      assert.deepEqual(taken, ['a', 'b'])
      assert.equal(line.size, 1)
      answers[0]!.reject(new Error('not written'))
      await assert.rejects(a!, /not written/)
      assert.equal(line.size, 0)
    })
  })
})

/** Items that are answered at once, with themselves. */
function answered(items: readonly string[]): Taken<string> {
  const results = items.map((value): PromiseSettledResult<string> => ({ status: 'fulfilled', value }))
  return { count: items.length, results: Promise.resolve(results) }
}
