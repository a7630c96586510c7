import assert from 'node:assert/strict'
import * as dagCbor from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'
import { MAX_HOME_BYTES, MAX_LIST_BYTES } from '../../registry/constants.ts'
import { blockLink } from '../../registry/home/block.ts'
import { decodeHome, encodeHome } from '../../registry/home/home.ts'
import { decodeList, encodeList, summaryOf } from '../../registry/home/list.ts'
import type { Home, NodeList } from '../../registry/home/types.ts'
import { link, listOf, type Person, person, service, version } from './helpers.ts'

/** Values that are no link of ours. */
const noLinks = (): unknown[] => {
  const sha512 = CID.createV1(0x71, Digest.create(0x13, new Uint8Array(64)))
  const others = [CID.createV1(0x72, link('x').multihash), CID.createV0(link('x').multihash as never)]
  return [undefined, null, 'bafy', link('x').bytes, sha512, ...others]
}

/** What is undefined is left out. */
const forge = (plain: Record<string, unknown>): Uint8Array =>
  dagCbor.encode(Object.fromEntries(Object.entries(plain).filter(([, value]) => value !== undefined)))

const refuses = (decode: (bytes: Uint8Array) => unknown, bytes: Uint8Array, why: string): void =>
  assert.throws(() => decode(bytes), { code: 'HOME_INVALID' }, why)

describe('registry homes', () => {
  let alice: Person
  let home: Home

  before(async () => {
    alice = await person(1)
    home = { nodes: [alice.peer, (await person(2)).peer], page: link('page'), usernames: ['alice', 'alice-2'] }
  })

  it('is read back as it was written, under the CID of its bytes', () => {
    const { cid, bytes } = encodeHome(home)
    assert.deepEqual(decodeHome(bytes), home)
    assert.equal(blockLink(bytes).toString(), cid.toString())
    const none = { nodes: [], page: null, usernames: [] }
    assert.deepEqual(decodeHome(encodeHome(none).bytes), none)
  })

  it('refuses every field that is not as it should be', () => {
    const whole = { v: 2, ...home }
    decodeHome(forge(whole))
    const spoilt: [string, unknown[]][] = [
      ['v', [undefined, 1, 3, '2']],
      [
        'nodes',
        [undefined, {}, 'x', ['x'], [alice.user], [alice.peer, alice.peer], [null], new Array(17).fill(alice.peer)],
      ],
      ['page', noLinks().filter((value) => value !== null)],
      [
        'usernames',
        [undefined, null, 'alice', ['a'], ['Alice'], ['al ice'], ['alice', 'alice'], [5], ['\u0430lice'], ['..']],
      ],
      ['more', [1]],
    ]
    for (const [name, values] of spoilt) {
      for (const value of values) refuses(decodeHome, forge({ ...whole, [name]: value }), `${name}: ${String(value)}`)
    }
    const names = Array.from({ length: 17 }, (_, number) => `name-${number}`)
    refuses(decodeHome, forge({ ...whole, usernames: names }), 'too many')
  })

  it('refuses a link that writes its numbers longer than needed', () => {
    const { bytes } = encodeHome(home)
    const at = Buffer.from(bytes).indexOf(Buffer.of(0x58, 0x25, 0x00, 0x01, 0x71, 0x12, 0x20))
    assert.ok(at > 0)
    const longer = Buffer.of(0x58, 0x26, 0x00, 0x01, 0x71, 0x92, 0x00, 0x20)
    refuses(decodeHome, Buffer.concat([bytes.subarray(0, at), longer, bytes.subarray(at + 7)]), 'longer')
  })

  it('does not write what it would not read', () => {
    assert.throws(() => encodeHome({ ...home, nodes: ['x'] }), { code: 'HOME_INVALID' })
    assert.throws(() => encodeHome({ ...home, page: undefined as never }), { code: 'HOME_INVALID' })
  })
})

describe('registry lists', () => {
  let list: NodeList

  before(() => {
    list = listOf('forum', 'chat')
    list.versions.push({ ...version('forum', '0.9.0'), yanked: true, deprecated: 'loses posts' })
  })

  it('is read back as it was written, under the CID of its bytes', () => {
    const { cid, bytes } = encodeList(list)
    assert.deepEqual(decodeList(bytes), list)
    assert.equal(blockLink(bytes).toString(), cid.toString())
    assert.deepEqual(encodeList({ versions: list.versions, services: list.services }).bytes, bytes)
    assert.deepEqual(decodeList(encodeList({ services: [], versions: [] }).bytes), { services: [], versions: [] })
  })

  it('refuses every field that is not as it should be', () => {
    const whole = { v: 1, ...list }
    const lines = ['x'.repeat(281), 'a\nb', '\u001b[31m', '\u202egnp', 5]
    const wholes: [string, unknown[]][] = [
      ['v', [undefined, 0, 2, '1']],
      ['services', [undefined, {}, [1], [null], [[]], [link('x')], new Array(2001).fill(0)]],
      ['services', [[list.services[0], list.services[0]]]],
      ['versions', [undefined, {}, [1], [list.versions[0], { ...list.versions[0], contract: link('y') }]]],
      ['more', [1]],
    ]
    const named: [string, unknown[]][] = [
      ['name', [undefined, '', 'Forum', 'for um', '..', 'a/b', 'x'.repeat(65), 5, '__proto__']],
      ['version', [undefined, '', '1', '1.0', 'v1.0.0', '01.0.0', '1.0.0+x', `1.0.0-${'x'.repeat(64)}`, 1]],
      ['contract', noLinks()],
      ['more', [1]],
    ]
    const services: [string, unknown[]][] = [
      ...named,
      ['service', noLinks()],
      ['head', noLinks()],
      ['description', [undefined, null, ...lines]],
      ['host', ['12D3']],
    ]
    const versions: [string, unknown[]][] = [
      ...named,
      ['yanked', [undefined, null, 0, 'no']],
      ['deprecated', [undefined, false, ...lines]],
    ]
    decodeList(forge(whole))
    for (const [name, values] of wholes) {
      for (const value of values) refuses(decodeList, forge({ ...whole, [name]: value }), name)
    }
    const spoil = (part: 'services' | 'versions', rows: [string, unknown[]][]): void => {
      for (const [name, values] of rows) {
        for (const value of values) {
          const first = { ...list[part][0], [name]: value } as Record<string, unknown>
          if (value === undefined) delete first[name]
          refuses(decodeList, forge({ ...whole, [part]: [first] }), `${part} ${name}: ${String(value)}`)
        }
      }
    }
    spoil('services', services)
    spoil('versions', versions)
  })

  it('refuses what is large, deep, doubled or cut off', () => {
    for (const [decode, bytes, most] of [
      [decodeList, encodeList(list).bytes, MAX_LIST_BYTES],
      [decodeHome, encodeHome({ nodes: [], page: null, usernames: [] }).bytes, MAX_HOME_BYTES],
    ] as const) {
      const wide = Buffer.concat([Buffer.of(0x99, 0x0f, 0x00), Buffer.alloc(0x0f00)])
      const doubled = Buffer.concat([Buffer.of(bytes[0]! + 1), bytes.subarray(1), Buffer.from('\x61v\x01', 'latin1')])
      for (const hostile of [
        Buffer.alloc(most + 1),
        Buffer.alloc(most, 0x81),
        wide,
        doubled,
        bytes.subarray(0, -1),
        Buffer.concat([bytes, bytes]),
        Buffer.alloc(0),
      ]) {
        refuses(decode, hostile, `${hostile.length} bytes`)
      }
    }
  })

  it('holds 1,000 services, each in one version, and refuses to write more than it would read', () => {
    const names = Array.from({ length: 1_000 }, (_, number) => `service-${number}`)
    assert.equal(decodeList(encodeList(listOf(...names)).bytes).services.length, 1_000)
    const many = Array.from({ length: 2_001 }, (_, number) => `service-${number}`)
    assert.throws(() => encodeList(listOf(...many)), { code: 'HOME_INVALID' })
    const headless = { ...service('x', '1.0.0'), head: undefined } as never
    assert.throws(() => encodeList({ services: [headless], versions: [] }), { code: 'HOME_INVALID' })
  })

  it('makes one short line of any text', () => {
    assert.equal(summaryOf(' A forum\n\tfor \u001b all\u202e '), 'A forum for all')
    for (const text of ['x'.repeat(1000), '\u{1f600}'.repeat(500), `a${'\u{1f600}'.repeat(500)}`, '\ud800']) {
      const described = { ...service('x', '1.0.0'), description: summaryOf(text) }
      decodeList(encodeList({ services: [described], versions: [] }).bytes)
    }
  })
})
