import assert from 'node:assert/strict'
import { LEAST_PAUSE_MS } from '../../protocol/constants.ts'
import { createSlowing } from '../../protocol/session/slowing.ts'

function slow(waits: number[]) {
  const seen: string[] = []
  const port = { pause: () => seen.push('pause'), resume: () => seen.push('resume') }
  const pace = { take: () => waits.shift()! }
  let isOver = false
  const slowing = createSlowing({ port: port as never, pace, now: () => 0 }, () => isOver)
  return { slowing, seen, end: () => (isOver = true) }
}

describe('a peer that is faster than it may be', () => {
  it('is read on while it is ahead by less than a timer can tell, then not until it is over', async () => {
    const { slowing, seen } = slow([0, LEAST_PAUSE_MS, LEAST_PAUSE_MS + 1])
    assert.equal(slowing.read(1, false), undefined)
    assert.equal(slowing.read(1, false), undefined)
    assert.deepEqual(seen, [])
    const pause = slowing.read(1, false)
    assert.deepEqual(seen, ['pause'])
    await pause
    assert.deepEqual([seen, slowing.milliseconds], [['pause', 'resume'], LEAST_PAUSE_MS + 1])
  })

  it('gets credit later for what came on credit, and is read on', async () => {
    const { slowing, seen } = slow([0, 20])
    const given: string[] = []
    slowing.read(1, true)
    slowing.beforeCredit(() => given.push('at once'))
    assert.deepEqual(given, ['at once'])
    assert.equal(slowing.read(1, true), undefined)
    await new Promise<void>((resolve) => {
      slowing.beforeCredit(resolve)
      given.push('not yet')
    })
    assert.deepEqual([given, seen, slowing.milliseconds], [['at once', 'not yet'], [], 20])
  })

  it('leaves a stream alone that has ended meanwhile', async () => {
    const { slowing, seen, end } = slow([LEAST_PAUSE_MS + 1])
    const pause = slowing.read(1, false)
    end()
    await pause
    assert.deepEqual(seen, ['pause'])
  })
})
