import assert from 'node:assert/strict'
import fc from 'fast-check'
import { createLookups, type Lookup } from '../../daemon/calls/run/lookups.ts'

const KEYS = ['a', 'b', 'c', 'd']

describe('looking up calls before their turn', () => {
  it('never misses what was executed by then, whenever the disk answers', async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('ask' as const), key: fc.constantFrom(...KEYS) }),
      fc.record({ do: fc.constant('execute' as const), key: fc.constantFrom(...KEYS) }),
      fc.record({ do: fc.constant('answer' as const) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.integer({ min: 0, max: 3 }), async (steps, most) => {
        const disk = new Map<string, Uint8Array>()
        const pending: (() => void)[] = []
        // reads at once and answers late: the worst that a disk can do
        const read = (keys: readonly string[]) => {
          const found = keys.map((key) => disk.get(key))
          return new Promise<(Uint8Array | undefined)[]>((resolve) => pending.push(() => resolve(found)))
        }
        const lookups = createLookups(read, { most })
        const asked: { key: string; lookup: Lookup }[] = []
        for (const one of steps) {
          if (one.do === 'ask') asked.push({ key: one.key, lookup: lookups.begin(one.key) })
          else if (one.do === 'answer') pending.shift()?.()
          else {
            const value = Buffer.from(one.key)
            disk.set(one.key, value)
            lookups.note([{ put: 'meta', key: one.key, value }])
          }
          await Promise.resolve()
        }
        const ends = asked.map(({ key, lookup }) => lookups.end(key, lookup))
        const answered = Promise.all(ends)
        let over = false
        void answered.then(() => {
          over = true
        })
        while (!over) {
          for (const answer of pending.splice(0)) answer()
          await new Promise(setImmediate)
        }
        for (const [i, entry] of (await answered).entries()) assert.deepEqual(entry, disk.get(asked[i]!.key))
      }),
      { numRuns: 300 },
    )
  })

  it('asks once for all that come together', async () => {
    const batches: number[] = []
    const read = async (keys: readonly string[]) => {
      batches.push(keys.length)
      return keys.map(() => undefined)
    }
    const lookups = createLookups(read, { most: 10 })
    await Promise.all(KEYS.map((key) => lookups.end(key, lookups.begin(key))))
    assert.deepEqual(batches, [4])
  })
})
