import assert from 'node:assert/strict'
import { signHomeRecord } from '../../../registry/home/record.ts'
import { createValidation } from '../../../registry/home/validator.ts'
import { NAME_FRESH_MS } from '../../../registry/names/constants.ts'
import { createNameValidation } from '../../../registry/names/name-validator.ts'
import { encodeNameValue } from '../../../registry/names/name-value.ts'
import { createUsernames } from '../../../registry/names/service.ts'
import type { AskHub, Usernames } from '../../../registry/names/types.ts'
import type { RecordNetwork } from '../../../registry/types.ts'
import { HOUR, link, live, type MapMemory, mapMemory, NETWORK, NOON } from '../helpers.ts'
import { type Cast, cast, DAY, signed } from './kit.ts'

describe('usernames', () => {
  let all: Cast
  let memory: MapMemory
  let time: number
  /** what the peers of the DHT answer */
  let values: Uint8Array[]
  let puts: Uint8Array[]
  let peers: number
  let stored: number
  let gets: number
  let hub: AskHub | undefined
  let home: Uint8Array | undefined
  let extended: string[]
  let met: () => void
  let usernames: Usernames

  const network: RecordNetwork = {
    size: () => peers,
    keep: (_key, value) => void puts.push(value),
    onPeer(listener) {
      met = listener
      return () => {}
    },
    async put(_key, value) {
      puts.push(value)
      return stored
    },
    async *get() {
      gets++
      yield* values
    },
  }
  const create = (user = all.bob.user): Usernames => {
    const homes = createValidation({ memory, now: () => time }, { networkId: NETWORK })
    const validation = createNameValidation({ memory, homes, now: () => time }, all.simple)
    const extend = async (username: string) => void extended.push(username)
    const components = { network, memory, validation, hub, extend, ownHome: () => home, user, now: () => time }
    return createUsernames({ ...components, timer: manual }, { onError: (error) => assert.fail(String(error)) })
  }
  /** beats of the background, by hand */
  let due: (() => void) | undefined
  const manual = (callback: () => void): (() => void) => {
    due = callback
    return () => {
      due = undefined
    }
  }
  const resolve = (username = 'alice') => usernames.resolve(username, { signal: live() })
  const asValue = (name: Uint8Array): Uint8Array => encodeNameValue({ name, home: null })

  beforeEach(async () => {
    all = await cast()
    memory = mapMemory()
    time = NOON
    values = []
    puts = []
    peers = 3
    stored = 3
    gets = 0
    hub = undefined
    home = undefined
    extended = []
    usernames = create()
  })

  describe('of others', () => {
    it('come from the DHT, with the home that is beside them', async () => {
      const name = await signed(all.hub, { user: all.alice.user })
      values = [encodeNameValue({ name, home: Uint8Array.of(1) })]
      const found = await resolve()
      assert.deepEqual([found.user, found.source, found.home, found.age], [all.alice.user, 'dht', Uint8Array.of(1), 0])
    })

    it('are the newest of what is valid, whatever else is answered', async () => {
      values = [
        Buffer.from('noise'),
        asValue(await signed(all.mallory, { seq: 99, user: all.mallory.user })),
        asValue(await signed(all.hub, { seq: 98, user: all.mallory.user, network: 'other' })),
        asValue(await signed(all.hub, { seq: 97, user: all.mallory.user, username: 'alicia' })),
        asValue(await signed(all.hub, { seq: 5, user: all.bob.user })),
        asValue(await signed(all.hub, { seq: 6, user: all.alice.user })),
      ]
      assert.equal((await resolve()).user, all.alice.user)
    })

    it('are taken from the disk for an hour, and from the network after', async () => {
      values = [asValue(await signed(all.hub, { user: all.alice.user }))]
      await resolve()
      usernames = create()
      time += NAME_FRESH_MS - 1
      const { source, age } = await resolve()
      assert.deepEqual([source, age, gets], ['cache', NAME_FRESH_MS - 1, 1])
      time += 1
      values = [asValue(await signed(all.hub, { user: all.bob.user, seq: 8 }))]
      const later = await resolve()
      assert.deepEqual([later.user, later.source, gets], [all.bob.user, 'dht', 2])
    })

    it('never lead back to an older owner', async () => {
      const [older, newer] = [
        await signed(all.hub, { user: all.alice.user, seq: 5 }),
        await signed(all.hub, { user: all.bob.user, seq: 6 }),
      ]
      values = [asValue(newer)]
      await resolve()
      time += NAME_FRESH_MS
      values = [asValue(older), asValue(older), asValue(older)]
      const found = await resolve()
      assert.deepEqual([found.user, found.source], [all.bob.user, 'cache'])
    })

    it('are asked of the hub when nobody else knows, and it has the last word', async () => {
      const asked: string[] = []
      const record = await signed(all.hub, { user: all.alice.user })
      hub = async (username) => {
        asked.push(username)
        return username === 'alice' ? record : null
      }
      usernames = create()
      assert.deepEqual([(await resolve()).source, asked], ['hub', ['alice']])
      await assert.rejects(resolve('nobody'), { code: 'NAME_NOT_FOUND' })
      peers = 0
      time += NAME_FRESH_MS
      hub = async () => Promise.reject(new Error('away'))
      usernames = create()
      assert.equal((await resolve()).source, 'cache')
    })

    it('are refused when the hub signs something else than its manifest says', async () => {
      const forged = await signed(all.mallory, { user: all.mallory.user })
      hub = async () => forged
      usernames = create()
      await assert.rejects(resolve(), { code: 'RECORD_UNKNOWN_REGISTRAR' })
      peers = 0
      await assert.rejects(resolve(), { code: 'NO_PEERS' })
    })

    it('are open as long as nobody knows and the hub does not say', async () => {
      hub = async () => Promise.reject(new Error('away'))
      usernames = create()
      await assert.rejects(resolve(), { code: 'NO_ANSWER' })
      hub = async () => Promise.reject(Object.assign(new Error('two have to sign'), { code: 'WITNESSES_MISSING' }))
      usernames = create()
      await assert.rejects(resolve(), { code: 'WITNESSES_MISSING' })
    })

    it('are nobody when they were released', async () => {
      values = [asValue(await signed(all.hub, { user: null }))]
      await assert.rejects(resolve(), { code: 'NAME_NOT_FOUND' })
    })

    it('are not found any more when their record has expired', async () => {
      values = [asValue(await signed(all.hub, { user: all.alice.user }))]
      await resolve()
      time += 30 * DAY
      await assert.rejects(resolve(), { code: 'NAME_EXPIRED' })
    })

    it('share one query', async () => {
      values = [asValue(await signed(all.hub, { user: all.alice.user }))]
      await Promise.all([resolve(), resolve(), resolve()])
      assert.equal(gets, 1)
    })
  })

  describe('of this user', () => {
    const beat = async (): Promise<void> => {
      const now = due
      due = undefined
      now?.()
      while (due === undefined) await new Promise(setImmediate)
    }
    const publish = async (name: Uint8Array): Promise<number> => usernames.publish('alice', name, { signal: live() })

    beforeEach(async () => {
      usernames = create(all.alice.user)
      await usernames.start()
    })
    afterEach(() => usernames.stop())

    it('are put beside the home, answered from memory, and known after a restart', async () => {
      home = await signHomeRecord(
        { ...all.alice.signer, links: () => [] },
        {
          ...{ network: NETWORK, seq: 1, issued: time, expires: time + 48 * HOUR, home: link('home'), nodes: [] },
        },
      )
      const name = await signed(all.hub, { user: all.alice.user })
      assert.equal(await publish(name), 3)
      assert.deepEqual(puts, [encodeNameValue({ name, home: home ?? null })])
      assert.deepEqual([(await resolve()).source, gets], ['own', 0])
      const again = create(all.alice.user)
      await again.start()
      assert.equal((await again.resolve('alice', { signal: live() })).source, 'own')
      assert.equal(again.own()[0]!.record.username, 'alice')
      await again.stop()
    })

    it('are put again when there is another home, when a peer appears, and every four hours', async () => {
      await publish(await signed(all.hub, { user: all.alice.user }))
      await beat()
      assert.equal(puts.length, 1)
      home = Uint8Array.of(1)
      await beat()
      assert.equal(puts.length, 2)
      time += 4 * HOUR
      await beat()
      assert.equal(puts.length, 3)
      peers = 9
      time += HOUR
      met()
      await beat()
      assert.equal(puts.length, 4)
    })

    it('are asked for anew from the hub while there is time, and dropped when it says that they are not', async () => {
      await publish(await signed(all.hub, { user: all.alice.user }))
      const later = await signed(all.hub, {
        user: all.alice.user,
        seq: 9,
        issued: NOON + 16 * DAY,
        expires: NOON + 40 * DAY,
      })
      let answer: Uint8Array | null = later
      hub = async () => answer
      await usernames.stop()
      usernames = create(all.alice.user)
      await usernames.start()
      time += 16 * DAY
      await beat()
      assert.equal(usernames.own()[0]!.record.seq, 9)
      time += 20 * DAY
      answer = await signed(all.hub, { user: all.bob.user, seq: 10, issued: time, expires: time + DAY })
      await beat()
      assert.deepEqual(usernames.own(), [])
    })

    it('are renewed in the book when its term ends, and the hub is asked once an hour for that', async () => {
      let asked = 0
      const ending = NOON + 35 * DAY
      hub = async () => {
        asked++
        return signed(all.hub, {
          user: all.alice.user,
          seq: 7 + asked,
          issued: time,
          expires: Math.min(ending, time + 30 * DAY),
        })
      }
      await usernames.stop()
      usernames = create(all.alice.user)
      await usernames.start()
      await publish(await signed(all.hub, { user: all.alice.user }))
      time += 16 * DAY
      await beat()
      assert.deepEqual([asked, extended], [1, []], 'it lives 19 days more')
      time += 5 * DAY
      for (let i = 0; i < 20; i++) {
        time += 60_000
        await beat()
      }
      assert.deepEqual([asked, extended], [2, ['alice']])
      time += HOUR
      await beat()
      assert.deepEqual([asked, extended], [3, ['alice', 'alice']])
    })

    it('are kept while the hub is silent', async () => {
      hub = async () => Promise.reject(new Error('away'))
      await usernames.stop()
      usernames = create(all.alice.user)
      await usernames.start()
      await publish(await signed(all.hub, { user: all.alice.user }))
      time += 29 * DAY
      await beat()
      await beat()
      assert.equal(usernames.own().length, 1)
    })

    it('are told of nobody once they are given up', async () => {
      await publish(await signed(all.hub, { user: all.alice.user }))
      const gone = await signed(all.hub, { user: null, seq: 8 })
      await publish(gone)
      assert.deepEqual(usernames.own(), [])
      assert.deepEqual(puts.at(-1), encodeNameValue({ name: gone, home: null }))
    })

    it('are refused when they are not what the manifest says', async () => {
      await assert.rejects(publish(await signed(all.mallory, { user: all.alice.user })), {
        code: 'RECORD_UNKNOWN_REGISTRAR',
      })
      assert.deepEqual([usernames.own(), puts], [[], []])
    })
  })
})
