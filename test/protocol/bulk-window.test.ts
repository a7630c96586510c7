import assert from 'node:assert/strict'
import { MAX_BULK_WINDOW_BYTES, WINDOW_BYTES } from '../../protocol/constants.ts'
import { createBulkWindow } from '../../protocol/session/bulk-window.ts'

/** A way of so many bytes a millisecond: what is on it is in front of the pong, but for the part that is sent after it. */
function sendOver({ roundTripMs, bytesPerMs }: { roundTripMs: number; bytesPerMs: number }, rounds: number): number[] {
  let [time, pings] = [0, 0]
  const window = createBulkWindow({ ping: () => pings++, now: () => time })
  return Array.from({ length: rounds }, (_, i) => {
    window.measure()
    window.measure()
    assert.equal(pings, i + 1, 'one at a time')
    time += roundTripMs + Math.max(0, (window.bytes - WINDOW_BYTES) / bytesPerMs - roundTripMs)
    window.heard()
    return window.bytes
  })
}

const MIB_PER_S = (1 << 20) / 1_000

describe('the window of large answers', () => {
  it('is one part, but for a try now and then, where a part fills the way', () => {
    for (const link of [
      { roundTripMs: 0.1, bytesPerMs: 150 * MIB_PER_S },
      { roundTripMs: 20, bytesPerMs: MIB_PER_S },
    ]) {
      const windows = sendOver(link, 1_000)
      assert.ok(windows.filter((bytes) => bytes === WINDOW_BYTES).length > 950)
      assert.ok(Math.max(...windows) <= 2 * WINDOW_BYTES)
    }
  })

  it('grows until it fills a long way, and no further than it may', () => {
    const far = sendOver({ roundTripMs: 100, bytesPerMs: 100 * MIB_PER_S }, 100)
    assert.equal(far.at(-1), MAX_BULK_WINDOW_BYTES)
    const narrow = sendOver({ roundTripMs: 100, bytesPerMs: 4 * MIB_PER_S }, 100)
    assert.ok(narrow.at(-1)! >= 0.1 * 4 * (1 << 20), 'the way is filled')
    assert.ok(Math.max(...narrow) <= 4 * 0.1 * 4 * (1 << 20), 'what comes behind waits for little more than the way')
  })

  it('shrinks when round trips take longer, and never below a part', () => {
    let time = 0
    const window = createBulkWindow({ ping: () => undefined, now: () => time })
    const take = (milliseconds: number): number => {
      window.measure()
      time += milliseconds
      window.heard()
      return window.bytes
    }
    for (let i = 0; i < 10; i++) take(10)
    assert.equal(window.bytes, MAX_BULK_WINDOW_BYTES)
    assert.equal(take(15), MAX_BULK_WINDOW_BYTES)
    assert.equal(take(25), MAX_BULK_WINDOW_BYTES / 2)
    for (let i = 0; i < 20; i++) take(25)
    assert.equal(window.bytes, WINDOW_BYTES)
  })

  it('takes no pong for what was not asked', () => {
    const window = createBulkWindow({ ping: () => undefined, now: () => 0 })
    for (let i = 0; i < 10; i++) window.heard()
    assert.equal(window.bytes, WINDOW_BYTES)
  })
})
