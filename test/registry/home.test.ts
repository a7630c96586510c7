import assert from 'node:assert/strict'
import * as dagCbor from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'
import { MAX_HOME_BYTES } from '../../registry/constants.ts'
import { decodeHome, encodeHome, homeLink, withSummary } from '../../registry/home/home.ts'
import type { Home } from '../../registry/types.ts'
import { homeOf, link, type Person, person, service } from './helpers.ts'

describe('registry homes', () => {
  let alice: Person
  let home: Home

  before(async () => {
    alice = await person(1)
    home = homeOf(alice, 'forum', 'chat')
  })

  /** The plain form of a home, with changes to it and to its first service. */
  const forge = (changes: Record<string, unknown>, first: Record<string, unknown> = {}): Uint8Array => {
    const services = home.services.map((entry, index) => ({ ...entry, ...(index === 0 ? first : {}) }))
    const plain: Record<string, unknown> = { v: 1, nodes: home.nodes, services, ...changes }
    for (const map of [plain, ...services]) {
      for (const [name, value] of Object.entries(map))
        if (value === undefined) delete (map as Record<string, unknown>)[name]
    }
    return dagCbor.encode(plain)
  }

  it('is read back as it was written, under the CID of its bytes', () => {
    const { cid, bytes } = encodeHome(home)
    assert.deepEqual(decodeHome(bytes), home)
    assert.equal(homeLink(bytes).toString(), cid.toString())
    assert.deepEqual(encodeHome({ services: home.services, nodes: home.nodes }).bytes, bytes)
    assert.deepEqual(decodeHome(encodeHome({ nodes: [], services: [] }).bytes), { nodes: [], services: [] })
  })

  it('refuses every field that is not as it should be', () => {
    decodeHome(forge({}))
    const wholes: [string, unknown[]][] = [
      ['v', [undefined, 0, 2, '1']],
      [
        'nodes',
        [undefined, {}, 'x', ['x'], [alice.user], [alice.peer, alice.peer], [null], new Array(17).fill(alice.peer)],
      ],
      [
        'services',
        [undefined, {}, [1], [null], [[]], [link('x')], new Array(501).fill(0), [home.services[0], home.services[0]]],
      ],
      ['more', [1]],
    ]
    const sha512 = CID.createV1(0x71, Digest.create(0x13, new Uint8Array(64)))
    const links = [
      undefined,
      null,
      'bafy',
      link('x').bytes,
      sha512,
      CID.createV1(0x72, link('x').multihash),
      CID.createV0(link('x').multihash as never),
    ]
    const services: [string, unknown[]][] = [
      ['name', [undefined, '', 'Forum', 'for um', '..', 'a/b', 'x'.repeat(65), 5, '__proto__']],
      ['version', [undefined, '', '1', '1.0', 'v1.0.0', '01.0.0', '1.0.0+x', `1.0.0-${'x'.repeat(64)}`, 1]],
      ['service', links],
      ['contract', links],
      ['head', links],
      ['host', [undefined, '', alice.user, 'localhost', 5]],
      ['description', [undefined, 'x'.repeat(281), 'a\nb', '\u001b[31m', '\u202egnp', 5, null]],
      ['more', [1]],
    ]
    for (const [name, values] of wholes) {
      for (const value of values)
        assert.throws(() => decodeHome(forge({ [name]: value })), { code: 'HOME_INVALID' }, name)
    }
    for (const [name, values] of services) {
      for (const value of values) {
        assert.throws(
          () => decodeHome(forge({}, { [name]: value })),
          { code: 'HOME_INVALID' },
          `${name}: ${String(value)}`,
        )
      }
    }
  })

  it('refuses a link that writes its numbers longer than needed', () => {
    const { bytes } = encodeHome(home)
    const at = Buffer.from(bytes).indexOf(Buffer.of(0x58, 0x25, 0x00, 0x01, 0x71, 0x12, 0x20))
    assert.ok(at > 0)
    const longer = Buffer.concat([
      bytes.subarray(0, at),
      Buffer.of(0x58, 0x26, 0x00, 0x01, 0x71, 0x92, 0x00, 0x20),
      bytes.subarray(at + 7),
    ])
    assert.throws(() => decodeHome(longer), { code: 'HOME_INVALID' })
  })

  it('refuses what is large, deep, doubled or cut off', () => {
    const { bytes } = encodeHome(home)
    const deep = Buffer.alloc(MAX_HOME_BYTES, 0x81)
    const wide = Buffer.concat([Buffer.of(0x99, 0xf0, 0x00), Buffer.alloc(0xf000)])
    const doubled = Buffer.concat([Buffer.of(0xa4), bytes.subarray(1), Buffer.from('\x61v\x01', 'latin1')])
    for (const hostile of [
      Buffer.alloc(MAX_HOME_BYTES + 1),
      deep,
      wide,
      doubled,
      bytes.subarray(0, -1),
      Buffer.concat([bytes, bytes]),
      Buffer.alloc(0),
    ]) {
      assert.throws(() => decodeHome(hostile), { code: 'HOME_INVALID' })
    }
  })

  it('does not write what it would not read', () => {
    const many = Array.from({ length: 400 }, (_, number) => service(`service-${number}`, '1.0.0', alice.peer))
    assert.throws(() => encodeHome({ nodes: [], services: many }), { code: 'HOME_INVALID' })
    assert.throws(() => encodeHome({ nodes: ['x'], services: [] }), { code: 'HOME_INVALID' })
    assert.throws(() => encodeHome({ nodes: [], services: [{ ...many[0], head: undefined } as never] }), {
      code: 'HOME_INVALID',
    })
  })

  it('holds 200 services of usual size', () => {
    const many = Array.from({ length: 200 }, (_, number) => service(`service-${number}`, '1.0.0', alice.peer))
    assert.equal(decodeHome(encodeHome({ nodes: [alice.peer], services: many }).bytes).services.length, 200)
  })

  it('makes one short line of any description', () => {
    const summarise = (description: string) =>
      withSummary({ ...service('x', '1.0.0', alice.peer), description }).description
    assert.equal(summarise(' A forum\n\tfor \u001b all\u202e '), 'A forum for all')
    for (const text of ['x'.repeat(1000), '\u{1f600}'.repeat(500), `a${'\u{1f600}'.repeat(500)}`, '\ud800']) {
      decodeHome(
        encodeHome({ nodes: [], services: [{ ...service('x', '1.0.0', alice.peer), description: summarise(text) }] })
          .bytes,
      )
    }
  })
})
