/** Queries that are consumed item by item. */
import assert from 'node:assert/strict'
import type { CID } from 'multiformats/cid'
import type { Answered } from '../../daemon/calls/types.ts'
import { encodeArguments } from '../../daemon/calls/values.ts'
import { type Host, resultOf, startHost } from '../support/host.ts'

const SOURCE = `
import { get } from 'amigos:content'
let n = 0
export function add(by: number): number { n += by; return n }
/** @query */
export async function* upTo(last: number): AsyncGenerator<number> { for (let i = 1; i <= last; i++) { n++; yield i } }
export async function* numbers(): AsyncGenerator<number> { for (;;) yield n++ }
export async function* spins(): AsyncGenerator<number> { yield 1; for (;;) n++ }
export async function* reads(cid: string): AsyncGenerator<Uint8Array> { yield new Uint8Array(0); yield get(cid) }
`
const never = new AbortController().signal

describe('queries that are streams', () => {
  let host: Host
  let service: CID
  before(async () => {
    host = await startHost({ streams: { perSource: 2, total: 4, gas: 3_000_000_000n } })
    service = await host.serve(SOURCE)
  })
  after(() => host.stop())

  const stream = (
    method: string,
    args: unknown[] = [],
    asking: { from?: string; signal?: AbortSignal; at?: CID } = {},
  ) => {
    const { from = 'local', signal = never, at } = asking
    const question = { service, method, args: encodeArguments(args as never), caller: host.identity.user, at }
    return host.stream(question, { from, signal })[Symbol.asyncIterator]()
  }
  const itemIn = ({ value }: IteratorResult<Answered>) => resultOf(value)

  it('give items one by one, and change nothing', async () => {
    const found: unknown[] = []
    const items = stream('upTo', [3])
    for await (const item of { [Symbol.asyncIterator]: () => items }) {
      found.push(resultOf(item))
      assert(item.gas > 0n && item.seq === 0 && item.commit.equals(service))
    }
    assert.deepEqual(found, [1, 2, 3])
    assert.equal(resultOf(await host.call(service, 'add', [0])), 0)
  })

  it('are arrays where they are called or queried', async () => {
    assert.deepEqual(await host.query(service, 'upTo', [3]), [1, 2, 3])
    const before = resultOf(await host.call(service, 'add', [0])) as number
    assert.deepEqual(resultOf(await host.call(service, 'upTo', [3])), [1, 2, 3])
    assert.equal(resultOf(await host.call(service, 'add', [0])), before + 3)
  })

  it('see the state as it was when they began, or at a commit', async () => {
    const { commit } = await host.call(service, 'add', [10])
    const before = resultOf(await host.call(service, 'add', [0])) as number
    const items = stream('numbers')
    assert.equal(itemIn(await items.next()), before)
    await host.call(service, 'add', [1])
    assert.equal(itemIn(await items.next()), before + 1)
    await items.return?.()
    const past = stream('numbers', [], { at: commit })
    assert.equal(itemIn(await past.next()), before)
    await past.return?.()
  })

  it('are refused where too many are open, of one or of all', async () => {
    const open = [stream('numbers', [], { from: 'a' }), stream('numbers', [], { from: 'a' })]
    for (const items of open) await items.next()
    await assert.rejects(stream('numbers', [], { from: 'a' }).next(), { code: 'SERVICE_BUSY' })
    open.push(stream('numbers', [], { from: 'b' }))
    await open[2]!.next()
    await assert.rejects(stream('numbers', [], { from: 'c' }).next(), { code: 'SERVICE_BUSY' })
    // some are left for whoever is at this machine
    open.push(stream('numbers'))
    await open[3]!.next()
    await assert.rejects(stream('numbers').next(), { code: 'SERVICE_BUSY' })
    for (const items of open) await items.return?.()
    const again = stream('numbers', [], { from: 'c' })
    assert.equal((await again.next()).done, false)
    await again.return?.()
  })

  it('are closed when nobody asks for the next item', async () => {
    const other = await startHost({ streams: { idleMs: 1 } })
    try {
      const question = {
        ...{ service: await other.serve(SOURCE), method: 'numbers' },
        ...{ args: encodeArguments([]), caller: other.identity.user },
      }
      const items = other.stream(question, { from: 'local', signal: never })[Symbol.asyncIterator]()
      const closed = nextClose(other)
      await items.next()
      await closed
      await assert.rejects(items.next(), { code: 'STREAM_CLOSED' })
      assert.equal((await items.next()).done, true)
    } finally {
      await other.stop()
    }
  })

  it('are told when their instance is lost', async () => {
    const closed = Promise.withResolvers<string>()
    const { open } = host.vm
    host.vm.open = (key, origin) => {
      closed.resolve(key)
      return open(key, origin)
    }
    const items = stream('numbers')
    await items.next()
    host.vm.open = open
    await host.vm.close(await closed.promise)
    await assert.rejects(items.next(), { code: 'STREAM_CLOSED' })
  })

  it('end with their signal, in the middle of an item too', async () => {
    const gone = Object.assign(new Error('gone'), { code: 'GONE' })
    const controller = new AbortController()
    const items = stream('spins', [], { signal: controller.signal })
    await items.next()
    const next = items.next()
    controller.abort(gone)
    await assert.rejects(next, gone)
    const late = new AbortController()
    const suspended = stream('numbers', [], { signal: late.signal })
    await suspended.next()
    late.abort(gone)
    await assert.rejects(suspended.next(), gone)
    await assert.rejects(stream('numbers', [], { signal: late.signal }).next(), gone)
  })

  it('are bounded in each item, and together', async () => {
    const items = stream('spins', [], { from: 'peer' })
    await items.next()
    await assert.rejects(items.next(), { code: 'OUT_OF_GAS' })
  })

  it('fetch what they read', async () => {
    const cid = 'bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy'
    const items = stream('reads', [cid])
    await items.next()
    await assert.rejects(items.next(), { code: 'CONTENT_NOT_FOUND' })
  })

  it('say what is no stream, and what there is not', async () => {
    await assert.rejects(stream('add', [1]).next(), { code: 'NOT_A_STREAM' })
    await assert.rejects(stream('nothing').next(), { code: 'NO_SUCH_FUNCTION' })
    await assert.rejects(stream('upTo', ['x']).next(), { code: 'BAD_ARGUMENTS' })
  })
})

/** Resolves when the VM closes an instance. */
function nextClose({ vm }: Host): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const { close } = vm
  vm.close = (key) => {
    vm.close = close
    return close(key).finally(resolve)
  }
  return promise
}
