import assert from 'node:assert/strict'
import * as dagCbor from '@ipld/dag-cbor'
import fc from 'fast-check'
import { MAX_HOME_RECORD_BYTES } from '../../registry/constants.ts'
import { codeOf } from '../../registry/errors.ts'
import { makeLink } from '../../registry/home/key-chain.ts'
import { homeKey, signHomeRecord, verifyHomeRecord } from '../../registry/home/record.ts'
import type { KeyLink, UserSigner } from '../../registry/home/types.ts'
import { HOUR, link, NETWORK, NOON, type Person, person, terms } from './helpers.ts'

const SIG = new Uint8Array(64)

describe('registry home records', () => {
  let alice: Person
  let bob: Person
  const judge = (bytes: Uint8Array, now = NOON, user = alice.user) => {
    return verifyHomeRecord(bytes, { key: homeKey(user), network: NETWORK, now })
  }

  /** A record whose body was changed before it was signed: only the changed field can be the reason to refuse it. */
  const forge = async (changes: Record<string, unknown>, extra: Record<string, unknown> = {}): Promise<Uint8Array> => {
    const body: Record<string, unknown> = { v: 2, user: alice.signer.publicKey, links: [], ...terms(), ...changes }
    for (const [name, value] of Object.entries(changes)) if (value === undefined) delete body[name]
    const signed = Buffer.concat([Buffer.from('amigos/home/2\0'), dagCbor.encode(body)])
    return dagCbor.encode({ body, sig: await alice.signer.sign(signed), ...extra })
  }

  before(async () => {
    alice = await person(1)
    bob = await person(2)
  })

  it('is read back as it was signed', async () => {
    const peers = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(async (number) => (await person(number)).peer))
    const given = terms({ nodes: peers, network: 'n'.repeat(64) })
    const bytes = await signHomeRecord(alice.signer, given)
    assert.ok(bytes.byteLength <= MAX_HOME_RECORD_BYTES, `${bytes.byteLength} bytes at most`)
    const record = await verifyHomeRecord(bytes, { key: homeKey(alice.user), network: given.network, now: NOON })
    assert.deepEqual(
      { ...record, home: record.home.toString() },
      { user: alice.user, keys: [alice.signer.publicKey], links: [], ...given, home: given.home.toString() },
    )
  })

  it('is bound to its key, its network and its time', async () => {
    const bytes = await signHomeRecord(alice.signer, terms())
    await judge(bytes, NOON + 48 * HOUR - 1)
    await judge(bytes, NOON - 10 * 60_000)
    await assert.rejects(judge(bytes, NOON + 48 * HOUR), { code: 'RECORD_EXPIRED' })
    await assert.rejects(judge(bytes, NOON - 10 * 60_000 - 1), { code: 'RECORD_FROM_FUTURE' })
    await assert.rejects(judge(bytes, NOON, bob.user), { code: 'RECORD_WRONG_KEY' })
    const elsewhere = { key: homeKey(alice.user), network: 'other', now: NOON }
    await assert.rejects(verifyHomeRecord(bytes, elsewhere), { code: 'RECORD_WRONG_NETWORK' })
  })

  it('refuses keys that do not name exactly one user', async () => {
    const bytes = await signHomeRecord(alice.signer, terms())
    const text = `/amigos-home/${alice.user}`
    for (const key of [
      '',
      '/',
      text.slice(1),
      `${text}/`,
      `${text}x`,
      text.toUpperCase(),
      `/amigos-name/${alice.user}`,
      `/amigos-home//${alice.user}`,
      `${text}${'x'.repeat(1e6)}`,
    ]) {
      const context = { key: new TextEncoder().encode(key), network: NETWORK, now: NOON }
      await assert.rejects(verifyHomeRecord(bytes, context), { code: 'RECORD_WRONG_KEY' }, key.slice(0, 80))
    }
  })

  it('refuses every field that is not as it should be, however well signed', async () => {
    await judge(await forge({}))
    const spoilt: [string, unknown[]][] = [
      ['v', [undefined, 0, 1, 3, '2', null]],
      ['user', [undefined, '', 'k51', new Uint8Array(36), alice.signer.publicKey.subarray(4), [1]]],
      ['network', [undefined, '', 'n'.repeat(65), 'a b', 'ü', 5, null]],
      ['seq', [undefined, 0, -1, 1.5, 2 ** 53, 2n ** 60n, '7', null]],
      ['issued', [undefined, -1, NOON + 0.5, NOON - 1, '0', NOON + 48 * HOUR]],
      ['expires', [undefined, NOON, NOON - 1, NOON + 48 * HOUR + 1, 2 ** 53, null]],
      ['home', [undefined, 'bafy', link('home').bytes, link('home', 0x55), null, 5]],
      [
        'nodes',
        [undefined, {}, ['x'], [alice.user], [alice.peer, alice.peer], [5], new Array(9).fill(alice.peer), 'x'],
      ],
      ['links', [undefined, null, {}, [1], [{ key: bob.signer.publicKey }], [{ key: new Uint8Array(36), sig: SIG }]]],
      [
        'links',
        [[{ key: alice.signer.publicKey, sig: SIG }], [{ key: bob.signer.publicKey, sig: new Uint8Array(63) }]],
      ],
      ['more', [1, null]],
    ]
    for (const [name, values] of spoilt) {
      for (const value of values) {
        await assert.rejects(
          judge(await forge({ [name]: value })),
          { code: 'RECORD_INVALID' },
          `${name}: ${String(value)}`,
        )
      }
    }
    await assert.rejects(judge(await forge({}, { more: 1 })), { code: 'RECORD_INVALID' })
    for (const sig of [undefined, null, 'x', new Uint8Array(63), new Uint8Array(65)]) {
      await assert.rejects(judge(await forge({}, { sig: sig ?? null })), { code: 'RECORD_INVALID' })
    }
  })

  it('refuses a signature by somebody else, over something else, or for another purpose', async () => {
    const body = { v: 2, user: alice.signer.publicKey, links: [], ...terms() }
    const sign = async (who: Person, prefix: string) => {
      return dagCbor.encode({
        body,
        sig: await who.signer.sign(Buffer.concat([Buffer.from(prefix), dagCbor.encode(body)])),
      })
    }
    await judge(await sign(alice, 'amigos/home/2\0'))
    for (const bytes of [
      await sign(bob, 'amigos/home/2\0'),
      await sign(alice, ''),
      await sign(alice, 'amigos/call/1\0'),
    ]) {
      await assert.rejects(judge(bytes), { code: 'SIGNATURE_INVALID' })
    }
  })

  it('refuses every change of one bit', async () => {
    const bytes = await signHomeRecord(alice.signer, terms({ nodes: [alice.peer] }))
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.byteLength * 8 - 1), async (bit) => {
        const spoilt = Uint8Array.from(bytes)
        spoilt[bit >> 3] = (spoilt[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        const code = await judge(spoilt).then(() => 'accepted', codeOf)
        assert.match(String(code), /^(RECORD_(INVALID|WRONG_KEY|WRONG_NETWORK|FROM_FUTURE|EXPIRED)|SIGNATURE_INVALID)$/)
      }),
    )
  })

  it('refuses other ways to write the same record', async () => {
    const bytes = Buffer.from(await signHomeRecord(alice.signer, terms()))
    const at = bytes.indexOf(Buffer.from('\x63seq\x07', 'latin1'))
    assert.ok(at > 0)
    const padded = Buffer.concat([bytes.subarray(0, at + 4), Buffer.of(0x18, 0x07), bytes.subarray(at + 5)])
    const others = [
      padded,
      Buffer.concat([bytes, Buffer.of(0)]),
      bytes.subarray(0, -1),
      Buffer.alloc(0),
      Buffer.concat([Buffer.of(0xd9, 0xd9, 0xf7), bytes]),
    ]
    for (const other of others) await assert.rejects(judge(other), { code: 'RECORD_INVALID' })
  })

  it('refuses what is large, deep or full of elements before it builds anything of it', async () => {
    const hostile = [
      Buffer.alloc(MAX_HOME_RECORD_BYTES + 1, 0x81),
      Buffer.alloc(MAX_HOME_RECORD_BYTES, 0x81),
      Buffer.alloc(MAX_HOME_RECORD_BYTES, 0xd8),
      Buffer.concat([Buffer.of(0x99, 0x03, 0x00), Buffer.alloc(768)]),
      Buffer.of(0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
      Buffer.of(0x5b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
      Buffer.of(0x9f, 0xff),
      Buffer.of(0xbf, 0xff),
      Buffer.of(0xf7),
    ]
    for (const bytes of hostile) await assert.rejects(judge(bytes), { code: 'RECORD_INVALID' })
  })

  it('never fails in another way on noise', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2500 }), async (bytes) => {
        await assert.rejects(judge(bytes), { code: 'RECORD_INVALID' })
      }),
    )
  })

  it('does not sign what nobody would accept', async () => {
    for (const changes of [{ seq: 0 }, { expires: NOON + 49 * HOUR }, { network: '' }, { nodes: ['x'] }]) {
      await assert.rejects(signHomeRecord(alice.signer, terms(changes)), { code: 'RECORD_INVALID' })
    }
    const signer = { ...alice.signer, publicKey: new Uint8Array(36) }
    await assert.rejects(signHomeRecord(signer, terms()), { code: 'RECORD_INVALID' })
  })

  describe('with changed keys', () => {
    let people: Person[]
    before(async () => {
      people = await Promise.all(Array.from({ length: 10 }, (_, number) => person(20 + number)))
    })

    /** A user whose key was changed so often, each time properly. */
    const rotated = async (times: number): Promise<UserSigner> => {
      const [first] = people as [Person]
      const links: KeyLink[] = []
      for (let number = 1; number <= times; number++) {
        const [old, next] = [people[number - 1]!.signer, people[number]!.signer]
        links.push(await makeLink(first.signer.publicKey, number, old, next.publicKey))
      }
      return { ...first.signer, links: () => links, sign: people[times]!.signer.sign }
    }

    it('is the same user’s, at most eight times', async () => {
      const { user } = people[0]!
      const nodes = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(async (number) => (await person(number)).peer))
      for (const times of [1, 2, 8]) {
        const bytes = await signHomeRecord(await rotated(times), terms({ nodes, network: NETWORK.padEnd(64, 'x') }))
        assert.ok(bytes.byteLength <= MAX_HOME_RECORD_BYTES, `${bytes.byteLength} bytes at most`)
        const context = { key: homeKey(user), network: NETWORK.padEnd(64, 'x'), now: NOON }
        const record = await verifyHomeRecord(bytes, context)
        assert.deepEqual([record.user, record.keys.length], [user, times + 1])
      }
      await assert.rejects(
        rotated(9).then((signer) => signHomeRecord(signer, terms())),
        { code: 'RECORD_INVALID' },
      )
    })

    it('is refused if a link is missing, turned round, of another user, or signed by another key', async () => {
      const { user, signer } = people[0]!
      const good = await rotated(3)
      const [one, two, three] = good.links() as [KeyLink, KeyLink, KeyLink]
      const { key } = three
      const stranger = people[9]!.signer
      const chains = {
        'without the first': [two, three],
        'without the second': [one, three],
        'in another order': [one, three, two],
        'with a link of a stranger': [one, two, await makeLink(signer.publicKey, 3, stranger, key)],
        'with a link of another number': [one, two, await makeLink(signer.publicKey, 2, people[2]!.signer, key)],
        'with a link of another user': [one, two, await makeLink(stranger.publicKey, 3, people[2]!.signer, key)],
      }
      for (const [what, links] of Object.entries(chains)) {
        const last = people.find((one) => Buffer.from(one.signer.publicKey).equals(links.at(-1)!.key))!
        const bytes = await signHomeRecord({ ...signer, links: () => links, sign: last.signer.sign }, terms())
        await assert.rejects(judge(bytes, NOON, user), { code: 'SIGNATURE_INVALID' }, what)
      }
      const byOld = await signHomeRecord({ ...good, sign: people[2]!.signer.sign }, terms())
      await assert.rejects(judge(byOld, NOON, user), { code: 'SIGNATURE_INVALID' })
    })

    it('does not go back to a key that was given up', async () => {
      const good = await rotated(2)
      const [first] = people as [Person]
      const back = await makeLink(first.signer.publicKey, 3, people[2]!.signer, people[1]!.signer.publicKey)
      const signer = { ...good, links: () => [...good.links(), back], sign: people[1]!.signer.sign }
      await assert.rejects(signHomeRecord(signer, terms()), { code: 'RECORD_INVALID' })
    })
  })
})
