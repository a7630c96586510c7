/** Following what a service commits. */
import assert from 'node:assert/strict'
import type { CID } from 'multiformats/cid'
import type { Followed } from '../../daemon/calls/stream/follow.ts'
import { createHeadFeed } from '../../daemon/calls/stream/head-feed.ts'
import type { History } from '../../daemon/store/types.ts'
import { type Host, newIdentity, startHost } from '../support/host.ts'

const SOURCE = `
import { emit } from 'amigos:events'
let n = 0
export function add(by: number): number { n += by; emit('added', by); return n }
export function quiet(): number { return ++n }
export function loud(): void { for (let i = 0; i < 20; i++) emit('loud', 'x'.repeat(3000)) }
`
const never = new AbortController().signal

describe('following a service', () => {
  let host: Host
  let service: CID
  beforeEach(async () => {
    host = await startHost({ followers: { behind: 3, perSource: 2 } })
    service = await host.serve(SOURCE)
  })
  afterEach(() => host.stop())

  const follow = (from?: number, signal: AbortSignal = never, source = 'local') =>
    host.follow({ service, user: host.identity.user, from }, { from: source, signal })[Symbol.asyncIterator]()
  const shown = ({ value }: IteratorResult<Followed>) => {
    const { seq, events, skipped } = value as Followed
    return [seq, events.map((text) => JSON.parse(Buffer.from(text).toString())), skipped]
  }

  it('tells what is there from a commit on, then what comes', async () => {
    await host.call(service, 'add', [1])
    await host.call(service, 'quiet')
    const commits = follow(0)
    assert.deepEqual(shown(await commits.next()), [0, [], 0])
    assert.deepEqual(shown(await commits.next()), [1, [[['added', 1]]], 0])
    assert.deepEqual(shown(await commits.next()), [2, [], 0])
    const next = commits.next()
    const { commit } = await host.call(service, 'add', [5])
    assert.deepEqual(shown(await next), [3, [[['added', 5]]], 0])
    assert.equal(String((await next).value.commit), String(commit))
    await commits.return?.()
  })

  it('begins with the next commit where nothing is said', async () => {
    await host.call(service, 'add', [1])
    const commits = follow()
    const next = commits.next()
    // it has to have begun: whoever follows is asked for the head first
    await host.query(service, 'quiet')
    await host.call(service, 'add', [2])
    assert.deepEqual(shown(await next), [2, [[['added', 2]]], 0])
    await commits.return?.()
  })

  it('ends when the service is removed', async () => {
    const commits = follow()
    const next = commits.next()
    await host.query(service, 'quiet')
    await host.history.retire(service)
    await assert.rejects(next, { code: 'SERVICE_NOT_FOUND' })
  })

  it('gives one who is slow the newest, and says how many there were between', async () => {
    const commits = follow(0)
    await commits.next()
    for (let i = 1; i <= 10; i++) await host.call(service, 'quiet')
    const found = [shown(await commits.next()), shown(await commits.next()), shown(await commits.next())]
    assert.deepEqual(found, [
      [8, [], 7],
      [9, [], 0],
      [10, [], 0],
    ])
    await commits.return?.()
  })

  it('gives what was there when it began whole, however much', async () => {
    for (let i = 1; i <= 10; i++) await host.call(service, 'quiet')
    const commits = follow(2)
    for (let seq = 2; seq <= 10; seq++) assert.deepEqual(shown(await commits.next()), [seq, [], 0])
    await commits.return?.()
  })

  it('says how many events there was no room for', async () => {
    const calls = Array.from({ length: 20 }, () => host.call(service, 'loud'))
    await Promise.all(calls)
    const commits = follow(1)
    let told = 0
    let omitted = 0
    while (told + omitted < 20) {
      const { value } = await commits.next()
      told += value.events.length
      omitted += value.omitted
      assert(value.events.length <= 17)
    }
    await commits.return?.()
  })

  it('hears of upgrades', async () => {
    const commits = follow()
    const next = commits.next()
    await host.query(service, 'quiet')
    await host.serve(`${SOURCE}\nexport function more(): number { return 1 }`)
    assert.deepEqual(shown(await next), [1, [], 0])
    await commits.return?.()
  })

  it('ends with its signal, and is refused where too many follow', async () => {
    const controller = new AbortController()
    const commits = follow(undefined, controller.signal)
    const next = commits.next()
    const other = follow(0)
    await other.next()
    await assert.rejects(follow(0).next(), { code: 'SERVICE_BUSY' })
    controller.abort(Object.assign(new Error('gone'), { code: 'GONE' }))
    await assert.rejects(next, { code: 'GONE' })
    const again = follow(0)
    await again.next()
    await again.return?.()
    await other.return?.()
  })

  it('is for those who may read the history', async () => {
    const eve = (await newIdentity()).user
    const shut = 'name: sample\nversion: 0.2.0\nmain: main.ts\naccess: { history: owner }\n'
    const closed = await host.serve(SOURCE, { as: 'closed', manifest: shut })
    const hers = host.follow({ service: closed, user: eve, from: 0 }, { from: 'eve', signal: never })
    await assert.rejects(hers[Symbol.asyncIterator]().next(), { code: 'ACCESS_DENIED' })
  })
})

describe('the feed of heads', () => {
  it('forgets who does not watch any more, and misses nothing between two looks', async () => {
    const service = { toString: () => 'a' } as CID
    const history = { append: async () => ({}), begin: async () => ({ durable: Promise.resolve() }) }
    const feed = createHeadFeed(history as unknown as History)
    const watch = feed.watch(service)
    await feed.history.append(service, {} as never)
    await watch.moved(never)
    const next = watch.moved(never)
    await feed.history.begin(service, {} as never)
    await next
    watch.stop()
    watch.stop()
    await assert.rejects(watch.moved(AbortSignal.abort(new Error('gone'))), /gone/)
  })
})
