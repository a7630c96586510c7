/** Orders that several services have a part in, whatever becomes of what they ask of each other: all of it is done, or nothing. */
import assert from 'node:assert/strict'
import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import type { CID } from 'multiformats/cid'
import type { Remote } from '../../daemon/calls/remote/remote.ts'
import { ProtocolError } from '../../protocol/errors.ts'
import { callIdOf } from '../../protocol/signed/envelope.ts'
import { resultOf, startHost } from '../support/host.ts'
import { createKit, never, pullInto } from './lifecycle-kit.ts'
import { linkedShop, POST, STOCK, TILL, VAN } from './making-good.ts'
import { createPeers, newKeys, type Peer, type Peers } from './tree-nodes.ts'

interface Work {
  id: string
  state: string
  steps: { kind: string; args: unknown[]; state: string }[]
}
type Call = Remote['call']

const TEA = 20
const COFFEE = 5
const shop = linkedShop()

/** What may become of an ask on its way. */
const FAULTS: Record<string, (call: Call, late: (() => Promise<unknown>)[]) => Call> = {
  none: (call) => call,
  'not sent': () => async () => {
    throw new ProtocolError('PEER_UNREACHABLE', 'Nobody is there.', { party: 'local' })
  },
  'answer lost': (call) => async (host, envelope, options) => {
    await call(host, envelope, options).catch(() => undefined)
    throw new ProtocolError('TIMED_OUT', 'No answer came.', { party: 'local' })
  },
  'answer broken': (call) => async (host, envelope, options) => {
    const answer = await call(host, envelope, options)
    return { ...answer, result: Buffer.from('7') }
  },
  'on its way for long': (call, late) => async (host, envelope, options) => {
    options.onSent?.()
    late.push(() => call(host, envelope, { signal: never, tree: options.tree }))
    throw new ProtocolError('TIMED_OUT', 'No answer came.', { party: 'local' })
  },
}

describe('an order that several services have a part in', () => {
  let peers: Peers
  let first: Peer
  let others: Peer[]
  let folder: string
  let services: Record<string, CID>
  const as = newKeys()
  let faults: string[] = []
  const late: (() => Promise<unknown>)[] = []
  let onAnswer: (() => Promise<void>) | undefined

  const faulty = (remote: Remote): Remote => ({
    ...remote,
    call: (...asked) => FAULTS[faults.shift() ?? 'none']!(remote.call, late)(...asked),
  })
  const heldUp = (remote: Remote): Remote => ({
    ...remote,
    async call(...asked) {
      const done = await remote.call(...asked)
      await onAnswer?.()
      return done
    },
  })
  const joinFirst = async (): Promise<Peer> =>
    peers.join({ as: await as, folder, wrapRemote: (remote) => faulty(heldUp(remote)) })

  before(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'amigos-good-')))
    peers = createPeers()
    others = [await peers.join(), await peers.join({ wrapRemote: faulty })]
    first = await joinFirst()
    const [one, two] = others as [Peer, Peer]
    const stock = await one.serve('stock', STOCK)
    const van = await one.serve('van', VAN)
    const till = await two.serve('till', TILL)
    const post = await two.serve('post', POST, ['van'])
    services = { stock, van, till, post, shop: await first.serve('shop', shop.source, shop.imports) }
  })
  after(async () => {
    await peers.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const call = async (method: string, ...args: (string | number)[]): Promise<unknown> =>
    resultOf(await first.host.call(services['shop']!, method, args))
  const all = async (): Promise<Work[]> => (await first.host.query(services['shop']!, 'all')) as never
  const arrive = async (): Promise<void> => {
    for (const one of late.splice(0)) await one().catch(() => undefined)
  }
  const settle = async (): Promise<void> => {
    faults = []
    const goOn = async (id: string) => !['done', 'given up'].includes(`${await call('goOn', id)}`)
    for (const { id } of await all()) while (await goOn(id)) {}
  }
  /** What stands on the other side, and what should. */
  const compare = async (): Promise<void> => {
    const works = await all()
    const done = works.filter(({ state }) => state === 'done')
    for (const { state, steps } of works) {
      assert(state === 'done' || state === 'given up', state)
      assert(steps.every((step) => (state === 'done' ? step.state === 'done' : /undone|later/.test(step.state))))
    }
    const [one, two] = others as [Peer, Peer]
    const sold = (item: string) => done.filter(({ steps }) => steps[0]!.args[0] === item).length
    const kit = createKit(one.host)
    try {
      const { left } = (await kit.state(services['stock']!)) as { left: { '/': { map: [string, number][] } } }
      assert.deepEqual(left['/'].map, [
        ['tea', TEA - sold('tea')],
        ['coffee', COFFEE - sold('coffee')],
      ])
    } finally {
      await kit.stop()
    }
    const prices = done.map(({ steps }) => steps[1]!.args[1] as number)
    assert.equal(
      await two.host.query(services['till']!, 'total'),
      prices.reduce((sum, n) => sum + n, 0),
    )
    assert.equal(await two.host.query(services['post']!, 'count'), done.length)
    assert.equal(await one.host.query(services['van']!, 'count'), done.length)
  }

  it('is known by the ID of the call that made it, for whoever lost the answer', async () => {
    const envelope = await first.host.sign(services['shop']!, 'order', ['tea', 1])
    const send = () => first.host.execute(envelope, { from: 'local', signal: never })
    const id = (await callIdOf(envelope)).toString()
    assert.deepEqual([resultOf(await send()), resultOf(await send())], [id, id])
    assert((await all()).some((work) => work.id === id))
  })

  it('is given up also for a step that arrives after that', async () => {
    const id = `${await call('order', 'tea', 1)}`
    faults = ['on its way for long']
    assert.equal(await call('goOn', id), 'wanted')
    await call('cancel', id)
    assert.equal(await call('goOn', id), 'given up')
    await assert.rejects(late.pop()!(), { code: 'CONTRACT_THREW', message: /^UndoneError/ })
  })

  it('is done by all, or by none, whatever fails on the way, is lost, or comes late', async () => {
    const fault = fc.constantFrom(...Object.keys(FAULTS), 'none', 'none')
    const how = fc.oneof(
      { weight: 9, arbitrary: fc.constant('goOn') },
      { weight: 3, arbitrary: fc.constantFrom('goOnInVain', 'arrive') },
      { weight: 2, arbitrary: fc.constant('cancel') },
    )
    const step = fc.record({ how, which: fc.nat(3), faults: fc.array(fault, { maxLength: 3 }) })
    const wish = fc.tuple(fc.constantFrom('tea', 'coffee', 'soap'), fc.integer({ min: 1, max: 100 }))
    const course = fc.record({
      wishes: fc.array(wish, { minLength: 2, maxLength: 4 }),
      steps: fc.array(step, { minLength: 15, maxLength: 30 }),
    })
    await fc.assert(
      fc.asyncProperty(course, async ({ wishes, steps }) => {
        const ids: string[] = []
        for (const wish of wishes) ids.push(`${await call('order', ...wish)}`)
        for (const { how, which, faults: some } of steps) {
          faults = [...some]
          const id = ids[which % ids.length]!
          if (how === 'arrive') await arrive()
          else await call(how, id).catch((error: { code?: string }) => assert.equal(error.code, 'CONTRACT_THREW'))
        }
        await settle()
        await arrive()
        await compare()
      }),
      { numRuns: 6, seed: 7, endOnFailure: true },
    )
  })

  it('goes on after its host was ended between the answer of another and its own commit', async () => {
    for (let steps = 0; steps < 3; steps++) {
      const id = `${await call('order', 'tea', 10)}`
      for (let i = 0; i < steps; i++) await call('goOn', id)
      const reached = Promise.withResolvers<void>()
      onAnswer = () => {
        reached.resolve()
        return new Promise(() => undefined)
      }
      call('goOn', id).catch(() => undefined)
      await reached.promise
      await reached.promise
      onAnswer = undefined
      await peers.leave(first)
      first = await joinFirst()
      if (steps === 1) await call('cancel', id)
      await settle()
      assert.equal((await all()).find((work) => work.id === id)!.state, steps === 1 ? 'given up' : 'done')
    }
    await compare()
  })

  it('is the same to everybody who executes it again', async () => {
    const copy = await startHost()
    const kit = createKit(copy)
    const [one, two] = others as [Peer, Peer]
    try {
      const hosts = { stock: one, van: one, till: two, post: two, shop: first }
      for (const [name, peer] of Object.entries(hosts)) {
        const head = await pullInto(copy, peer.host, services[name]!)
        const found = await kit.replay(head.commit, { again: true, signal: never })
        assert.equal(found.mismatch, undefined, name)
      }
    } finally {
      await kit.stop()
      await copy.stop()
    }
  })
})
