import assert from 'node:assert/strict'
import { createSeeds } from '../../daemon/calls/run/seeds.ts'
import { createSlots } from '../../daemon/calls/run/slots.ts'
import { untilTrue } from '../support/until.ts'

describe('calls: services that are kept warm', () => {
  it('are closed when they were not used for long, however often that happens', async () => {
    const closed: string[] = []
    const slots = createSlots<object>(async (key) => void closed.push(key), 5)
    for (const times of [1, 2]) {
      await slots.use('idle', 8, async () => {})
      await slots.use('idle', 8, async () => {})
      await untilTrue(() => closed.length === times)
      assert.equal(slots.find('idle'), undefined)
    }
    assert.deepEqual(closed, ['idle', 'idle'])
  })

  it('wait for work that was begun in time', async () => {
    const closed: string[] = []
    const slots = createSlots<object>(async (key) => void closed.push(key), 1)
    const signal = new AbortController().signal
    const work = Promise.withResolvers<void>()
    const using = slots.use('long', 8, ({ queue }) => queue.run(() => work.promise, { from: 'x', signal }))
    const others = createSlots<object>(async (key) => void closed.push(key), 5)
    await others.use('other', 8, async () => {})
    await untilTrue(() => closed.includes('other'))
    assert.deepEqual(closed, ['other'])
    work.resolve()
    await using
    await untilTrue(() => closed.includes('long'))
  })
})

describe('calls: seeds of queries', () => {
  it('are 32 bytes each, and never the same', () => {
    const seed = createSeeds()
    const seeds = Array.from({ length: 1_000 }, () => Buffer.from(seed()).toString('hex'))
    assert.equal(new Set(seeds).size, 1_000)
    assert(seeds.every(({ length }) => length === 64))
  })
})
