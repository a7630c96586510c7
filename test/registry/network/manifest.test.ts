import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import * as dagCbor from '@ipld/dag-cbor'
import fc from 'fast-check'
import { builtInNetwork } from '../../../registry/network/built-in.ts'
import { MAX_MANIFEST_BYTES } from '../../../registry/network/constants.ts'
import { isInvite, readInvite, writeInvite } from '../../../registry/network/invite.ts'
import { decodeManifest, networkOf } from '../../../registry/network/manifest.ts'
import { readManifestJson } from '../../../registry/network/manifest-json.ts'
import type { Manifest } from '../../../registry/network/types.ts'
import { NOON, person } from '../helpers.ts'

interface Vectors {
  manifests: { manifest: Manifest; bytes: string; id: string }[]
  invites: { id: string; addresses: string[]; line: string }[]
}
const VECTORS = new URL('../../../specs/vectors/network.json', import.meta.url)
const vectors: Vectors = JSON.parse(readFileSync(VECTORS, 'utf8'))

const INVALID = { code: 'NETWORK_INVALID' }
const NOT_WHOLE = { code: 'INVITE_INVALID' }

describe('manifests of networks', () => {
  let peers: string[]
  const manifest = (changes: Partial<Record<keyof Manifest, unknown>> = {}): Manifest =>
    ({
      name: 'class',
      suffix: 'amigos.net',
      bootstrap: [],
      registrars: [],
      required: 0,
      created: NOON,
      ...changes,
    }) as Manifest

  before(async () => {
    peers = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8, 9].map(async (number) => (await person(number)).peer))
  })

  it('have the ID and the bytes of the vectors', () => {
    assert.equal(vectors.manifests[0]!.id, builtInNetwork().id)
    for (const { manifest: given, bytes, id } of vectors.manifests) {
      const network = networkOf(given)
      assert.deepEqual([Buffer.from(network.bytes).toString('hex'), network.id], [bytes, id])
      assert.deepEqual(decodeManifest(Buffer.from(bytes, 'hex')), { ...network, bytes: Buffer.from(bytes, 'hex') })
    }
  })

  it('make another network with every change', () => {
    const changes = [
      {},
      { name: 'klass' },
      { suffix: 'example.org' },
      { registrars: [peers[0]] },
      { registrars: peers.slice(0, 2) },
      { registrars: peers.slice(0, 2), required: 1 },
      { bootstrap: [`/ip4/192.0.2.7/tcp/4001/p2p/${peers[0]}`] },
      { bootstrap: [`/ip4/192.0.2.7/tcp/4001/p2p/${peers[0]}/p2p-circuit/p2p/${peers[1]}`] },
      { created: NOON + 1 },
    ]
    assert.equal(new Set(changes.map((change) => networkOf(manifest(change)).id)).size, changes.length)
  })

  it('are refused when a field is not as it should be', () => {
    const address = `/ip4/192.0.2.7/tcp/4001/p2p/${peers[0]}`
    const spoilt: [keyof Manifest, unknown[]][] = [
      ['name', [undefined, '', 'a', 'Class', 'a--b', 'x'.repeat(33), 'cla\u0455s', 5]],
      ['suffix', [undefined, '', 'net', 'a.land', 'github.com', 'A.net', '..', 5]],
      [
        'bootstrap',
        [undefined, {}, ['x'], ['/ip4/1.2.3.4/tcp/1'], [5], [address, address], new Array(9).fill(address)],
      ],
      [
        'bootstrap',
        [[`/ip4/192.0.2.7/tcp/04001/p2p/${peers[0]}`], [`${address}/p2p-circuit`], [`/dns4/${'a'.repeat(300)}`]],
      ],
      ['bootstrap', [[`/ip4/192.0.2.7/tcp/4001/p2p/nobody/p2p-circuit/p2p/${peers[0]}`]]],
      ['registrars', [undefined, ['k51'], [peers[0], peers[0]], peers, [`1${peers[0]}`], 'x']],
      ['required', [undefined, -1, 1, 0.5, '0', null]],
      ['created', [undefined, -1, 1.5, 2 ** 53, 'now']],
    ]
    for (const [field, values] of spoilt)
      for (const value of values)
        assert.throws(() => networkOf(manifest({ [field]: value })), INVALID, `${field}: ${String(value)}`)
    assert.throws(() => decodeManifest(dagCbor.encode({ v: 2, ...manifest() })), INVALID)
    assert.throws(() => decodeManifest(dagCbor.encode({ v: 1, ...manifest(), more: 1 })), INVALID)
  })

  it('require no witness, or more than half of them', () => {
    const accepted = (witnesses: number): number[] =>
      [0, 1, 2, 3, 4, 5, 6].filter((required) => {
        try {
          return networkOf(manifest({ registrars: peers.slice(0, witnesses + 1), required })).required === required
        } catch {
          return false
        }
      })
    assert.deepEqual([0, 1, 2, 3, 4, 5].map(accepted), [[0], [0, 1], [0, 2], [0, 2, 3], [0, 3, 4], [0, 3, 4, 5]])
  })

  it('are refused when they are large, deep, or written in another way', () => {
    const { bytes } = networkOf(manifest())
    for (const other of [
      Buffer.alloc(MAX_MANIFEST_BYTES + 1, 0x81),
      Buffer.alloc(MAX_MANIFEST_BYTES, 0x81),
      Buffer.of(0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
      Buffer.concat([bytes, Buffer.of(0)]),
      bytes.subarray(0, -1),
      Buffer.alloc(0),
    ])
      assert.throws(() => decodeManifest(other), INVALID)
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => assert.throws(() => decodeManifest(noise), INVALID)),
    )
  })

  it('are read from JSON, and from what shows one', () => {
    const { network } = readManifestJson('{"name": "class"}')
    assert.equal(network.id, networkOf(manifest({ created: 0 })).id)
    const shown = { ...network, network: network.id, created: new Date(0).toISOString(), invite: 'x', role: null }
    const text = JSON.stringify({ ...shown, bytes: undefined, addresses: [`/ip4/192.0.2.7/tcp/1/p2p/${peers[0]}`] })
    assert.equal(readManifestJson(text).network.id, network.id)
    assert.equal(readManifestJson(text).addresses.length, 1)
    const other = JSON.stringify({ ...shown, bytes: undefined, name: 'other' })
    for (const wrong of ['', 'x', '[]', 'null', '{}', '{"name": 5}', '{"name":"class","addresses":["x"]}', other])
      assert.throws(() => readManifestJson(wrong), INVALID, wrong)
  })

  describe('as invites', () => {
    const invite = () => {
      const registrars = peers.slice(0, 3)
      const network = networkOf(manifest({ registrars, required: 2 }))
      return {
        network,
        addresses: [`/ip4/192.0.2.7/tcp/4001/p2p/${peers[0]}`, `/dns4/hub.example.org/tcp/1/p2p/${peers[1]}`],
      }
    }

    it('are the lines of the vectors', () => {
      for (const { id, addresses, line } of vectors.invites) {
        const read = readInvite(line)
        assert.deepEqual([read.network.id, read.addresses, writeInvite(read)], [id, addresses, line])
      }
    })

    it('are one word that survives a message', () => {
      const line = writeInvite(invite())
      assert.match(line, /^amigo1[a-z2-7]+$/)
      assert.ok(isInvite(line))
      const mangled = `\n> ${line}`
        .slice(3)
        .toUpperCase()
        .replace(/(.{60})/g, '$1\r\n  ')
      assert.ok(isInvite(mangled))
      assert.deepEqual(readInvite(mangled).network.id, invite().network.id)
    })

    it('notice every loss', () => {
      const line = writeInvite(invite())
      for (const other of [
        '',
        'amigo1',
        line.slice(1),
        line.slice(0, -1),
        line.slice(0, -8),
        `${line}a`,
        `${line} more`,
      ])
        assert.throws(() => readInvite(other), NOT_WHOLE, other)
      assert.throws(() => readInvite(`${line}${'a'.repeat(1e6)}`), NOT_WHOLE)
      const alphabet = 'abcdefghijklmnopqrstuvwxyz234567'
      fc.assert(
        fc.property(fc.nat(line.length - 8), fc.nat(30), (at, step) => {
          const char = line[6 + at]
          if (char === undefined) return
          const other = alphabet[(alphabet.indexOf(char) + 1 + step) % 32]
          assert.throws(() => readInvite(line.slice(0, 6 + at) + other + line.slice(7 + at)))
        }),
      )
    })
  })
})
