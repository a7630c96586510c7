/** Which other networks a node asks on, whom it dials for that, and how many at a time. The nodes there are stand-ins. */
import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Core, startCore } from '../../daemon/core.ts'
import { MAX_VISITS, VISIT_AGAIN_MS } from '../../daemon/node/constants.ts'
import { createOutposts, type Outposts } from '../../daemon/outposts.ts'
import { createVisits, type Visits } from '../../daemon/visits.ts'
import { raceSignal } from '../../registry/deadline.ts'
import { readInvite, writeInvite } from '../../registry/network/invite.ts'
import type { Invite } from '../../registry/network/types.ts'
import { emptyNetwork } from '../support/invite.ts'

const PEER = '12D3KooWBmAwcd4PJNJvfV89HwE48nwkRmAgo8Vy3uQEyNNHBox2'
const PUBLIC = `/ip4/8.8.8.8/tcp/1/p2p/${PEER}`
const PRIVATE = `/ip4/192.168.1.1/tcp/1/p2p/${PEER}`
const signal = new AbortController().signal
const inviteOf = (name: string, addresses: string[] = [PUBLIC]): Invite => ({ network: emptyNetwork(name), addresses })

describe('nodes on other networks', () => {
  const userKey = generateKeyPair('Ed25519')
  let time: number
  /** addresses that were dialled, and networks whose nodes run */
  let dialled: string[]
  let running: string[]
  let bootstrap: string[]
  let isReachable: boolean
  let onDial: () => void | Promise<void>
  let onEnd: () => void | Promise<void>
  let outposts: Outposts
  let visits: Visits
  let known: Map<string, Uint8Array>

  /** A node that is connected when the test says so. */
  const begin: typeof startCore = async ({ network, mayDial }, parts) => {
    const text = network ?? ''
    readInvite(text)
    assert(!running.includes(text), 'two at a time cannot use one folder')
    running.push(text)
    await parts.start(
      () => undefined,
      async () => {
        await onEnd()
        running.splice(running.indexOf(text), 1)
      },
    )
    bootstrap = [PUBLIC, PRIVATE].filter((address) => mayDial?.(address))
    const connect = async (address: string, options: { signal: AbortSignal }): Promise<string> => {
      dialled.push(address)
      await raceSignal(Promise.resolve(onDial()), options.signal)
      if (!isReachable) throw new Error('nobody')
      return PEER
    }
    const identity = { network: { suffix: 'example.org' } }
    return { node: { peerId: PEER, connect }, identity, useCases: { abroad: {} } } as unknown as Core
  }

  beforeEach(async () => {
    time = 1
    dialled = []
    running = []
    bootstrap = []
    isReachable = true
    onDial = () => undefined
    onEnd = () => undefined
    known = new Map()
    const parts = { home: '/nowhere', userKey: await userKey, startCore: begin, log: () => {}, now: () => time }
    outposts = createOutposts(parts)
    const meta = {
      get: async (key: string) => known.get(key),
      put: async (key: string, value: Uint8Array) => void known.set(key, value),
      delete: async (key: string) => void known.delete(key),
      async *list(prefix: string) {
        for (const [key, value] of known) if (key.startsWith(prefix)) yield { key, value }
      },
    }
    visits = createVisits({
      ...{ ...parts, meta: meta as never, offline: false },
      mayDial: (address) => !address.includes('192.168.'),
    })
  })
  afterEach(async () => {
    await outposts.stop()
    await visits.stop()
    assert.deepEqual(running, [])
  })

  const use = (invite: Invite, work: () => Promise<unknown> = async () => 'done', isUrgent = false) =>
    outposts.use({ invite, title: invite.network.name, signal, isUrgent, mayDial: () => true }, work)
  const reach = (invite: Invite, byInvite = true) => visits.reach(invite, { signal, byInvite }, async () => 'done')

  it('are one for each network, which all who ask there share', async () => {
    await Promise.all([use(inviteOf('one')), use(inviteOf('one')), use(inviteOf('two'))])
    assert.equal(running.length, 2)
    await outposts.release(inviteOf('one').network.id)
    assert.equal(running.length, 1)
  })

  it('are so many at a time: one that nobody uses gives way, and if there is none, who comes is refused', async () => {
    const ends: (() => void)[] = []
    const held = Array.from({ length: MAX_VISITS }, (_, i) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
      ends.push(resolve)
      const work = (): Promise<void> => {
        begin()
        return promise
      }
      return { begun, done: use(inviteOf(`net-${i}`), work) }
    })
    await Promise.all(held.map(({ begun }) => begun))
    await assert.rejects(use(inviteOf('more')), { code: 'SERVICE_BUSY' })
    assert.equal(running.length, MAX_VISITS)
    ends[0]!()
    await held[0]!.done
    assert.equal(await use(inviteOf('more')), 'done')
    assert.equal(running.length, MAX_VISITS)
    for (const end of ends) end()
    await Promise.all(held.map(({ done }) => done))
  })

  it('are not more, when many are started at once', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const all = Array.from({ length: MAX_VISITS + 2 }, (_, i) => use(inviteOf(`net-${i}`), () => promise))
    await Promise.race(all.map((one) => one.catch(() => undefined)))
    resolve()
    const refused = (await Promise.allSettled(all)).filter(({ status }) => status === 'rejected')
    assert.equal(refused.length, 2)
  })

  it('are not tried again at once for a service, where nobody was there', async () => {
    isReachable = false
    await assert.rejects(use(inviteOf('one')), { code: 'NETWORK_UNREACHABLE' })
    await assert.rejects(use(inviteOf('one')), { code: 'NETWORK_UNREACHABLE' })
    assert.equal(dialled.length, 1)
    await assert.rejects(
      use(inviteOf('one'), async () => 'done', true),
      { code: 'NETWORK_UNREACHABLE' },
      'whoever typed it may try',
    )
    assert.equal(dialled.length, 2)
    isReachable = true
    time += VISIT_AGAIN_MS
    assert.equal(await use(inviteOf('one')), 'done')
  })

  it('are not tried again at once either where there was no time to the end', async () => {
    const controller = new AbortController()
    const wanted = { invite: inviteOf('one'), title: 'one', isUrgent: false, mayDial: () => true }
    onDial = () => controller.abort(new Error('late'))
    isReachable = false
    await assert.rejects(
      outposts.use({ ...wanted, signal: controller.signal }, async () => 'done'),
      /late/,
    )
    await assert.rejects(use(inviteOf('one')), { code: 'NETWORK_UNREACHABLE' })
    assert.equal(dialled.length, 1)
  })

  it('are waited for by all who ask there first, also where one of them does not wait', async () => {
    const controller = new AbortController()
    const { promise, resolve } = Promise.withResolvers<void>()
    const dials = Promise.withResolvers<void>()
    onDial = () => {
      dials.resolve()
      return promise
    }
    const wanted = { invite: inviteOf('one'), title: 'one', isUrgent: false, mayDial: () => true }
    const first = outposts.use({ ...wanted, signal: controller.signal }, async () => 'done')
    const second = use(inviteOf('one'))
    await dials.promise
    controller.abort(new Error('enough'))
    await assert.rejects(first, /enough/)
    // who forgets the network does not wait for those who do
    await outposts.release(inviteOf('one').network.id)
    resolve()
    assert.equal(await second, 'done')
    assert.equal(dialled.length, 1)
  })

  it('begin anew only when the one before has ended', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const ends = Promise.withResolvers<void>()
    for (let i = 0; i < MAX_VISITS; i++) await use(inviteOf(`net-${i}`))
    onEnd = () => {
      ends.resolve()
      return promise
    }
    const more = use(inviteOf('more'))
    await ends.promise
    const again = use(inviteOf('net-0'))
    // whoever began it too early has done so by now
    await use(inviteOf('net-1'))
    assert(running.length <= MAX_VISITS)
    resolve()
    assert.deepEqual(await Promise.all([more, again]), ['done', 'done'])
  })

  it('end before their own node has', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const ends = Promise.withResolvers<void>()
    for (let i = 0; i < MAX_VISITS; i++) await use(inviteOf(`net-${i}`))
    onEnd = () => {
      ends.resolve()
      return promise
    }
    const refused = assert.rejects(use(inviteOf('more')), { code: 'NETWORK_UNREACHABLE' })
    await ends.promise
    const stopped = outposts.stop()
    resolve()
    await stopped
    assert.deepEqual(running, [])
    await refused
    assert.deepEqual(running, [])
  })

  it('are left alone by who stops waiting, and end with the node', async () => {
    const controller = new AbortController()
    const { promise, resolve } = Promise.withResolvers<void>()
    const begun = Promise.withResolvers<void>()
    const first = use(inviteOf('one'), async () => {
      begun.resolve()
      await promise
    })
    await begun.promise
    controller.abort(new Error('enough'))
    const wanted = { invite: inviteOf('one'), title: 'one', isUrgent: false, mayDial: () => true }
    await assert.rejects(
      outposts.use({ ...wanted, signal: controller.signal }, async () => 'done'),
      /enough/,
    )
    resolve()
    await first
    await outposts.stop()
    assert.deepEqual(running, [])
    await assert.rejects(use(inviteOf('one')), { code: 'NETWORK_UNREACHABLE' })
  })

  it('end with the node while they are started', async () => {
    let ended: Promise<void> | undefined
    onDial = () => {
      ended = outposts.stop()
    }
    await use(inviteOf('one')).catch(() => undefined)
    await ended
    assert.deepEqual(running, [])
  })

  it('dial for a contract what this node would dial for anybody', async () => {
    assert.equal(await reach(inviteOf('one', [PRIVATE, PUBLIC])), 'done')
    assert.deepEqual([dialled, bootstrap], [[PUBLIC], [PUBLIC]])
    assert.deepEqual(readInvite(running[0]!).addresses, [PUBLIC], 'nor is it kept for later')
    await assert.rejects(reach(inviteOf('two', [PRIVATE])), { code: 'NETWORK_UNREACHABLE' })
    assert.equal(running.length, 1, 'none is started for that')
  })

  it('dial what their user has named, for a contract as well', async () => {
    const invite = inviteOf('one', [PRIVATE])
    await visits.add(writeInvite(invite), 'preview')
    await visits.add(writeInvite(invite), 'stage')
    assert.equal(await reach(invite), 'done')
    assert.deepEqual([dialled, bootstrap], [[PRIVATE], [PUBLIC, PRIVATE]])
  })

  it('dial at once what their user names anew', async () => {
    const NEWER = PUBLIC.replace('8.8.8.8', '9.9.9.9')
    isReachable = false
    await assert.rejects(reach(inviteOf('one')), { code: 'NETWORK_UNREACHABLE' })
    isReachable = true
    await visits.add(writeInvite(inviteOf('one')), undefined)
    assert.equal(await reach(inviteOf('one')), 'done')
    await visits.add(writeInvite(inviteOf('one', [NEWER])), undefined)
    assert.equal(await reach(inviteOf('one')), 'done')
    assert.deepEqual(dialled, [PUBLIC, PUBLIC, NEWER])
  })

  it('are asked for who is not hosted here only where their user knows the network', async () => {
    await assert.rejects(reach(inviteOf('one'), false), { code: 'NETWORK_UNKNOWN' })
    await visits.add(writeInvite(inviteOf('one')), undefined)
    assert.equal(await reach(inviteOf('one', [`${PUBLIC.replace('8.8.8.8', '9.9.9.9')}`]), false), 'done')
    assert.deepEqual(dialled, [PUBLIC])
  })

  it('are not asked by a node that is offline', async () => {
    const parts = { home: '/nowhere', userKey: await userKey, startCore: begin, log: () => {}, now: () => time }
    const meta = { async *list() {} } as never
    const offline = createVisits({ ...parts, meta, mayDial: () => true, offline: true })
    const asked = offline.reach(inviteOf('one'), { signal, byInvite: true }, async () => 'done')
    await assert.rejects(asked, { code: 'NETWORK_UNREACHABLE' })
    assert.deepEqual(running, [])
  })
})
