/** Methods that answer item by item. */
import assert from 'node:assert/strict'
import { createClient } from '../../daemon/api/client.ts'
import type { Implementation, Items } from '../../daemon/api/vocabulary.ts'
import { codeOf, type Fixture, raw, startServer } from './fixture.ts'

const itemOf = (item: Items['stream']['item']): Items['stream'] => ({
  ...{ item, gas: 1, commit: 'bafya', seq: 0, trust: 'own', logs: [] },
})
const QUERY = { name: 'a', method: 'f', args: [] }
const LARGE = 'x'.repeat(256 * 1024)

describe('items', () => {
  let fixture: Fixture
  afterEach(() => fixture.end())
  const start = async (stream: Implementation['stream']) => {
    fixture = await startServer({ stream })
    return createClient({ home: fixture.home })
  }
  const ended = (items: number) => ({ items, gas: items, host: 'here', ms: 1 })

  it('come in their order, before the answer', async () => {
    const client = await start(async (_, { onItem }) => {
      for (let i = 0; i < 100; i++) await onItem(itemOf(i))
      return ended(100)
    })
    const found: unknown[] = []
    const answer = await client.request('stream', QUERY, { onItem: ({ item }) => void found.push(item) })
    assert.deepEqual(answer, ended(100))
    assert.deepEqual(
      found,
      Array.from({ length: 100 }, (_, i) => i),
    )
  })

  it('are made no faster than they are taken', async () => {
    let made = 0
    const client = await start(async (_, { onItem }) => {
      for (; made < 200; made++) await onItem(itemOf(LARGE))
      return ended(made)
    })
    let taken = 0
    let ahead = 0
    await client.request('stream', QUERY, {
      onItem: async () => {
        taken++
        for (let i = 0; i < 20; i++) await new Promise(setImmediate)
        ahead = Math.max(ahead, made - taken)
      },
    })
    assert.equal(taken, 200)
    // what sockets hold: some 16 MiB at the most, of 50
    assert(ahead <= 64, `${ahead} items were made ahead`)
  })

  it('end with the failure, after those that came', async () => {
    const failure = Object.assign(new Error('no more'), { code: 'STREAM_CLOSED', hint: '' })
    const client = await start(async (_, { onItem }) => {
      await onItem(itemOf(1))
      throw failure
    })
    const found: unknown[] = []
    const request = client.request('stream', QUERY, { onItem: ({ item }) => void found.push(item) })
    assert.equal(await codeOf(request), 'STREAM_CLOSED')
    assert.deepEqual(found, [1])
  })

  it('stop when the client wants no more, and when its time is over while it does not read', async () => {
    let stopped = Promise.withResolvers<void>()
    const endless: Implementation['stream'] = async (_, { onItem }) => {
      try {
        for (;;) await onItem(itemOf(LARGE))
      } finally {
        stopped.resolve()
      }
    }
    const client = await start(endless)
    const enough = new Error('enough')
    await assert.rejects(client.request('stream', QUERY, { onItem: () => Promise.reject(enough) }), enough)
    await stopped.promise
    stopped = Promise.withResolvers()
    const onItem = (): Promise<void> => new Promise(() => {})
    const controller = new AbortController()
    const held = client.request('stream', { ...QUERY, timeoutMs: 20 }, { onItem, signal: controller.signal })
    held.catch(() => undefined)
    await stopped.promise
    controller.abort()
  })

  it('are for those who read lines', async () => {
    await start(async () => ended(0))
    const { status, body } = await raw(fixture.server, { path: '/v1/stream', body: JSON.stringify(QUERY) })
    assert.deepEqual([status, body.error?.code], [400, 'BAD_REQUEST'])
  })
})
