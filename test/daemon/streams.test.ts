/** What comes item by item, and what becomes of calls that are given up: between real nodes. */
import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createClient } from '../../daemon/api/client.ts'
import type { Client } from '../../daemon/api/types.ts'
import type { Items } from '../../daemon/api/vocabulary.ts'
import { amigo, type RunningNode, startNode } from '../support/amigo.ts'
import { tempFolder } from '../support/temp.ts'

const SOURCE = `import { emit } from 'amigos:events'
let n = 0
export function add(by: number): number { n += by; emit('added', { by }); return n }
/** @query */
export function current(): number { return n }
/** @query */
export async function* upTo(last: number): AsyncGenerator<{ i: number }> { for (let i = 1; i <= last; i++) yield { i } }
/** @query */
export async function* large(count: number): AsyncGenerator<string> { for (let i = 0; i < count; i++) yield String(i).repeat(100_000) }
/** @query */
export async function* forever(): AsyncGenerator<number> { for (;;) yield n }
export function spin(): number { for (;;) n++ }
`

describe('streams and given up calls', function () {
  this.timeout(60_000)
  let folder: Awaited<ReturnType<typeof tempFolder>>
  let alice: RunningNode
  let bob: RunningNode
  let his: Client
  let hers: Client
  let name: string
  const LOCAL = 'local.land/_/stream'

  before(async () => {
    folder = await tempFolder()
    const contract = join(folder.path, 'contract')
    await mkdir(contract)
    await writeFile(join(contract, 'amigo.yaml'), 'name: stream\nversion: 0.1.0\nmain: main.ts\n')
    await writeFile(join(contract, 'main.ts'), SOURCE)
    alice = await startNode(join(folder.path, 'alice'))
    bob = await startNode(join(folder.path, 'bob'))
    name = (await alice.run<{ name: string }>('publish', contract)).name
    await bob.run('connect', alice.info.addresses[0]!)
    his = createClient({ home: bob.info.home })
    hers = createClient({ home: alice.info.home })
  })
  after(async () => {
    await Promise.all([alice?.kill(), bob?.kill()])
    await folder.remove()
  })

  it('come item by item, on the host and elsewhere', async () => {
    for (const [client, at] of [[hers, LOCAL] as const, [his, name] as const]) {
      const items: unknown[] = []
      const params = { name: at, method: 'upTo', args: [3] }
      const ended = await client.request('stream', params, { onItem: ({ item }) => void items.push(item) })
      assert.deepEqual(items, [{ i: 1 }, { i: 2 }, { i: 3 }])
      assert.deepEqual([ended.items, ended.host], [3, alice.info.peerId])
    }
    assert.deepEqual((await his.request('query', { name, method: 'upTo', args: [2] })).result, [{ i: 1 }, { i: 2 }])
    const no = his.request('stream', { name, method: 'current', args: [] }, { onItem: () => {} })
    await assert.rejects(no, { code: 'NOT_A_STREAM' })
  })

  it('are printed as they come', async () => {
    const ran = await amigo(['query', name, 'upTo', '2', '--follow', '--json'], { home: bob.info.home })
    const lines = ran.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).item)
    assert.deepEqual([ran.code, lines], [0, [{ i: 1 }, { i: 2 }]])
    const human = await amigo(['query', name, 'upTo', '1', '--follow', '--quiet'], { home: bob.info.home })
    assert.match(human.stdout, /"i": 1/)
  })

  it('wait for whoever is slow, and are whole', async () => {
    const lengths: number[] = []
    await his.request(
      'stream',
      { name, method: 'large', args: [40] },
      {
        onItem: async ({ item }) => {
          await new Promise(setImmediate)
          lengths.push((item as string).length)
        },
      },
    )
    assert.deepEqual(
      lengths,
      Array.from({ length: 40 }, (_, i) => String(i).length * 100_000),
    )
  })

  it('end when nobody wants more, and their places are free again', async () => {
    for (let i = 0; i < 6; i++) {
      const enough = Object.assign(new Error('enough'), { name: 'Enough' })
      let count = 0
      const onItem = (): void => {
        if (++count === 3) throw enough
      }
      await assert.rejects(his.request('stream', { name, method: 'forever', args: [] }, { onItem }), enough)
      assert.equal(count, 3)
    }
  })

  it('tell what a service commits, from its first commit on', async () => {
    await hers.request('call', { name: LOCAL, method: 'add', args: [1] })
    const found: Items['subscribe'][] = []
    const seen = Promise.withResolvers<void>()
    const controller = new AbortController()
    const following = his.request(
      'subscribe',
      { name, from: 0 },
      {
        signal: controller.signal,
        onItem: (item) => {
          found.push(item)
          if (found.length === 2) seen.resolve()
          if (found.length === 3) controller.abort()
        },
      },
    )
    await seen.promise
    await hers.request('call', { name: LOCAL, method: 'add', args: [2] })
    await assert.rejects(following, { code: 'CANCELLED' })
    assert.deepEqual(
      found.map(({ seq, events, skipped }) => [seq, events, skipped]),
      [
        [0, [], 0],
        [1, [{ name: 'added', value: { by: 1 } }], 0],
        [2, [{ name: 'added', value: { by: 2 } }], 0],
      ],
    )
  })

  it('say of a call what became of it', async () => {
    const before = (await hers.request('query', { name: LOCAL, method: 'current', args: [] })).result
    const call = (method: string, timeoutMs: number, at = name) =>
      his.request('call', { name: at, method, args: [], timeoutMs })
    await assert.rejects(call('spin', 20_000), { code: 'OUT_OF_GAS', outcome: 'refused' })
    await assert.rejects(call('nothing', 20_000), { code: 'NO_SUCH_FUNCTION', outcome: 'refused' })
    await assert.rejects(call('spin', 20_000, 'local.land/_/nobody'), { outcome: 'not-sent' })
    await assert.rejects(hers.request('call', { name: LOCAL, method: 'spin', args: [], timeoutMs: 50 }), {
      code: 'TIMED_OUT',
      outcome: 'refused',
    })
    await assert.rejects(call('spin', 50), { code: 'OUTCOME_UNKNOWN', outcome: 'unknown' })
    assert.equal((await hers.request('query', { name: LOCAL, method: 'current', args: [] })).result, before)
    const ran = await amigo(['call', 'local.land/_/nobody', 'spin', '--json'], { home: bob.info.home })
    assert.equal(ran.json<{ error: { outcome?: string } }>().error.outcome, 'not-sent')
  })

  // the last: nobody is there any more after it
  it('come from a copy where the host is away, and end for whoever follows it', async () => {
    await his.request('pull', { name })
    const seen = Promise.withResolvers<void>()
    const controller = new AbortController()
    const following = his.request(
      'subscribe',
      { name, from: 0 },
      { signal: controller.signal, onItem: () => seen.resolve() },
    )
    following.catch(() => undefined)
    await seen.promise
    await alice.kill()
    const items: unknown[] = []
    const params = { name, method: 'upTo', args: [2] }
    const ended = await his.request('stream', params, { onItem: ({ item, trust }) => void items.push([item, trust]) })
    assert.equal(ended.host, bob.info.peerId)
    assert.deepEqual(
      items.map((one) => (one as [unknown, string])[0]),
      [{ i: 1 }, { i: 2 }],
    )
    // it is still trying to reach the host again
    controller.abort()
    await assert.rejects(following, { code: 'CANCELLED' })
  })
})
