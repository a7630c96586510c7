import assert from 'node:assert/strict'
import type { QueryEvent } from '@libp2p/kad-dht'
import { type KadSlice, kadRecordNetwork } from '../../registry/dht/kad.ts'
import { live } from './helpers.ts'

type Step = QueryEvent | 'wait' | Error

const KEY = Uint8Array.of(1)
const A = Uint8Array.of(10)
const B = Uint8Array.of(20)

/** An event as kad-dht yields it, with what the adapter looks at. */
function event(
  name: string,
  from: string,
  more: { messageName?: string; record?: Uint8Array; value?: Uint8Array; path?: number } = {},
): QueryEvent {
  const { messageName, record, value, path = 0 } = more
  const answer = record === undefined ? {} : { record: { key: KEY, value: record } }
  return {
    name,
    from,
    messageName,
    value,
    path: { index: path, queued: 0, running: 0, total: 0 },
    ...answer,
  } as unknown as QueryEvent
}

const got = (from: string, record?: Uint8Array) =>
  event('PEER_RESPONSE', from, { messageName: 'GET_VALUE', ...(record && { record }) })
const stored = (from: string, record?: Uint8Array) =>
  event('PEER_RESPONSE', from, { messageName: 'PUT_VALUE', ...(record && { record }) })

/** A DHT that plays a script, and tells how far it was followed and how many queries run. */
function scripted(steps: Step[], size = 3) {
  const told = { steps: 0, running: 0, most: 0 }
  async function* play(_key: Uint8Array, { signal }: { signal: AbortSignal }): AsyncGenerator<QueryEvent> {
    told.most = Math.max(told.most, ++told.running)
    try {
      for (const step of steps) {
        told.steps++
        if (step === 'wait')
          await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
        else if (step instanceof Error) throw step
        else yield step
      }
    } finally {
      told.running--
    }
  }
  const put = (key: Uint8Array, _value: Uint8Array, options: { signal: AbortSignal }) => play(key, options)
  return { told, dht: { routingTable: { size }, get: play, put } as unknown as KadSlice }
}

const read = async (dht: KadSlice, most = 99): Promise<Uint8Array[]> => {
  const values: Uint8Array[] = []
  for await (const value of kadRecordNetwork(dht).get(KEY, { signal: live() })) {
    if (values.push(value) === most) break
  }
  return values
}

describe('registry adapter for kad-dht', () => {
  it('counts each peer once, and only those that sent the value back', async () => {
    const refused = event('QUERY_ERROR', 'd')
    const { dht } = scripted([
      got('e', A),
      stored('a', A),
      stored('a', A),
      stored('b', B),
      stored('c'),
      refused,
      stored('f', A),
    ])
    assert.equal(await kadRecordNetwork(dht).put(KEY, A, { signal: live() }), 2)
  })

  it('keeps the count when time is over, and reports a DHT that fails', async () => {
    const { dht } = scripted([stored('a', A), 'wait'])
    assert.equal(await kadRecordNetwork(dht).put(KEY, A, { signal: AbortSignal.timeout(20) }), 1)
    const failing = scripted([stored('a', A), new Error('broken')])
    await assert.rejects(kadRecordNetwork(failing.dht).put(KEY, A, { signal: live() }), /broken/)
  })

  it('yields one value of each peer as it comes, and leaves when the reader does', async () => {
    const { dht, told } = scripted([got('a', A), got('b'), got('a', B), got('c', B), 'wait'])
    assert.deepEqual(await read(dht, 2), [A, B])
    assert.deepEqual([told.steps, told.running], [4, 0])
  })

  it('never gets into the correction of peers that are behind', async () => {
    const { dht, told } = scripted([
      got('a', A),
      got('b', B),
      event('DIAL_PEER', 'b', { path: -1 }),
      new Error('Could not send correction'),
    ])
    assert.deepEqual(await read(dht), [A, B])
    assert.equal(told.steps, 3)
  })

  it('reads the value in its own store, which no peer gave it', async () => {
    const own = event('VALUE', 'self', { value: A, path: -1 })
    assert.deepEqual(await read(scripted([got('b'), own]).dht), [A])
    assert.deepEqual(await read(scripted([event('QUERY_ERROR', 'b'), own]).dht), [A])
    assert.deepEqual(await read(scripted([got('b', A), event('VALUE', 'b', { value: A, path: -1 })]).dht), [A])
  })

  it('tells silence from absence', async () => {
    assert.deepEqual(await read(scripted([got('a'), got('b')]).dht), [])
    await assert.rejects(read(scripted([event('QUERY_ERROR', 'a')]).dht), { code: 'NO_ANSWER' })
  })

  it('asks nothing of an empty routing table', async () => {
    const { dht, told } = scripted(['wait'], 0)
    const network = kadRecordNetwork(dht)
    assert.equal(network.size(), 0)
    assert.equal(await network.put(KEY, A, { signal: live() }), 0)
    assert.deepEqual(await read(dht), [])
    assert.equal(told.steps, 0)
  })

  it('runs so many queries at once, and a queued one can give up', async () => {
    const { dht, told } = scripted(['wait'])
    const network = kadRecordNetwork(dht, { concurrency: 2 })
    const controllers = Array.from({ length: 5 }, () => new AbortController())
    const puts = controllers.map(({ signal }) => network.put(KEY, A, { signal }))
    const queued = assert.rejects(puts[4]!, /impatient/)
    controllers[4]!.abort(new Error('impatient'))
    await queued
    for (const [index, put] of puts.slice(0, 4).entries()) {
      controllers[index]!.abort()
      assert.equal(await put.catch(() => 0), 0)
    }
    assert.deepEqual([told.most, told.running], [2, 0])
  })
})
