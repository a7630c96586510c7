import assert from 'node:assert/strict'
import type { Answer } from '../../daemon/client/connection.ts'
import { AmigoError } from '../../daemon/client/errors.ts'
import { following } from '../../daemon/client/following.ts'
import type { Connectivity, SubscribeOptions } from '../../daemon/client/types.ts'

const failure = (code: string) => new AmigoError(code, 'It failed.')

/** One connection: where the service stands, or how it fails; the commits that come, and how it ends. */
interface Stand {
  head: number | string
  gives?: number[]
  ends?: string
  /** milliseconds until it ends */
  stands?: number
}

describe('client: following', () => {
  const follow = async (stands: Stand[], options: SubscribeOptions = {}) => {
    const asked: number[] = []
    const states: Connectivity[] = []
    const seqs: unknown[] = []
    let tries = 0
    let clock = 0
    const standing = (): Stand => stands[tries - 1] ?? { head: 'NO_DAEMON' }
    const followable = {
      head: async () => {
        tries++
        const { head } = standing()
        if (typeof head === 'string') throw failure(head)
        return head
      },
      async *commits(from: number): AsyncGenerator<Answer> {
        asked.push(from)
        const { gives = [], ends = 'NO_DAEMON', stands: ms = 0 } = standing()
        for (const seq of gives) yield { seq }
        clock += ms
        throw failure(ends)
      },
    }
    const onConnection = (state: Connectivity): void => void states.push(state)
    const all = following(followable, { onConnection, ...options }, { wait: async () => {}, now: () => clock })
    const code = await (async () => {
      for await (const { seq } of all) seqs.push(seq)
    })().catch((error: AmigoError) => error.code)
    return { code, asked, states, seqs, tries }
  }
  const lost = (states: Connectivity[]) =>
    states.map((state) => (state.connected ? 'on' : `${state.code} ${state.tries}`))

  it('goes on behind what it gave, and misses nothing', async () => {
    const { code, asked, seqs, states } = await follow([
      { head: 3, gives: [4, 5] },
      { head: 'NO_DAEMON' },
      { head: 9, gives: [6, 7, 8, 9], ends: 'STOPPING' },
      { head: 9, ends: 'ACCESS_DENIED' },
    ])
    assert.deepEqual([code, asked, seqs], ['ACCESS_DENIED', [4, 6, 10], [4, 5, 6, 7, 8, 9]])
    assert.deepEqual(lost(states), ['on', 'NO_DAEMON 1', 'NO_DAEMON 2', 'on', 'STOPPING 1', 'on'])
  })

  it('begins where it would have begun, though nothing came before the first loss', async () => {
    const { asked } = await follow([{ head: 3 }, { head: 8, ends: 'ACCESS_DENIED' }])
    assert.deepEqual(asked, [4, 4])
    const { asked: wanted } = await follow([{ head: 3 }, { head: 3, ends: 'ACCESS_DENIED' }], { from: 7 })
    assert.deepEqual(wanted, [7, 7])
  })

  it('follows a service that was taken back to before what was seen', async () => {
    const { asked } = await follow([
      { head: 3, gives: [4, 5, 6] },
      { head: 5, ends: 'ACCESS_DENIED' },
    ])
    assert.deepEqual(asked, [4, 5])
  })

  it('does not wait for what was never there, nor for what does not pass', async () => {
    for (const code of ['NO_DAEMON', 'ACCESS_DENIED', 'SERVICE_NOT_FOUND'])
      assert.deepEqual(await follow([{ head: code }]), { code, asked: [], states: [], seqs: [], tries: 1 })
    assert.equal((await follow([{ head: 3 }, { head: 'SERVICE_NOT_FOUND' }])).code, 'SERVICE_NOT_FOUND')
  })

  it('gives up in the end, after pauses that grow up to a bound', async () => {
    const { code, states, tries } = await follow([{ head: 3 }])
    assert.equal(code, 'NO_DAEMON')
    const pauses = states.flatMap((state) => (state.connected ? [] : [state.retryMs]))
    assert.equal(pauses.length, tries - 1)
    assert.ok(pauses.every((ms, i) => ms > Math.min(15_000, 250 * 2 ** i) && ms <= 30_000))
    // so does one that is let in each time and cut off at once
    assert.equal((await follow(Array(99).fill({ head: 3 }))).code, 'NO_DAEMON')
    // what stood for a while was a connection
    const firm = await follow(Array(99).fill({ head: 3, stands: 60_000 }))
    assert.ok(firm.tries > 99)
  })

  it('ends when nobody waits any more', async () => {
    const control = new AbortController()
    const onConnection = (state: Connectivity): void => {
      if (!state.connected) control.abort()
    }
    const { tries } = await follow([{ head: 3 }, { head: 'CANCELLED' }], { signal: control.signal, onConnection })
    assert.equal(tries, 2)
  })
})
