/** What specs/vectors/homes.json holds: records and blocks, valid and not, with the code of their refusal. */
import * as dagCbor from '@ipld/dag-cbor'
import { codeOf } from '../../registry/errors.ts'
import { decodeHome, encodeHome } from '../../registry/home/home.ts'
import { makeLink } from '../../registry/home/key-chain.ts'
import { decodeList, encodeList } from '../../registry/home/list.ts'
import { nodeKey, signNodeRecord, verifyNodeRecord } from '../../registry/home/node-record.ts'
import { homeKey, signHomeRecord, verifyHomeRecord } from '../../registry/home/record.ts'
import { HOUR, link, listOf, NETWORK, NOON, type Person, person, terms, version } from './helpers.ts'

export interface Vector {
  what: string
  kind: 'home-record' | 'node-record' | 'home' | 'list'
  /** DHT key, of records */
  key?: string
  hex: string
  /** of its refusal; null if it is valid */
  code: string | null
}

export interface Vectors {
  network: string
  /** milliseconds since 1970 */
  now: number
  vectors: Vector[]
}

/** How this code judges a vector. */
export async function judged({ kind, key = '', hex }: Vector, { network, now }: Vectors): Promise<string | null> {
  const bytes = Uint8Array.from(Buffer.from(hex, 'hex'))
  const context = { key: new TextEncoder().encode(key), network, now }
  const judges = {
    'home-record': () => verifyHomeRecord(bytes, context),
    'node-record': () => verifyNodeRecord(bytes, context),
    home: async () => decodeHome(bytes),
    list: async () => decodeList(bytes),
  }
  return judges[kind]().then(
    () => null,
    (error: unknown) => codeOf(error) ?? String(error),
  )
}

export async function makeVectors(): Promise<Vectors> {
  const [alice, bob] = (await Promise.all([1, 2].map(person))) as [Person, Person]
  const vectors: Vector[] = []
  const add = (what: string, kind: Vector['kind'], code: string | null, bytes: Uint8Array, key?: Uint8Array): void => {
    const named = key === undefined ? {} : { key: Buffer.from(key).toString() }
    vectors.push({ what, kind, ...named, hex: Buffer.from(bytes).toString('hex'), code })
  }
  const home = encodeHome({ nodes: [alice.peer, bob.peer], page: link('page'), usernames: ['alice'] })
  const list = encodeList({
    ...listOf('forum'),
    versions: [version('forum', '1.0.0'), { ...version('forum', '0.9.0'), yanked: true, deprecated: 'loses posts' }],
  })
  add('a home', 'home', null, home.bytes)
  add('the least home', 'home', null, encodeHome({ nodes: [], page: null, usernames: [] }).bytes)
  add(
    'a home with a field too many',
    'home',
    'HOME_INVALID',
    dagCbor.encode({ v: 2, nodes: [], page: null, usernames: [], x: 1 }),
  )
  add('a home cut off', 'home', 'HOME_INVALID', home.bytes.subarray(0, -1))
  add('a list', 'list', null, list.bytes)
  add('the least list', 'list', null, encodeList({ services: [], versions: [] }).bytes)
  const twice = [version('forum', '1.0.0'), { ...version('forum', '1.0.0'), contract: link('other') }]
  add('a list with one version twice', 'list', 'HOME_INVALID', dagCbor.encode({ v: 1, services: [], versions: twice }))

  const key = homeKey(alice.user)
  const said = terms({ home: home.cid, nodes: [alice.peer] })
  const record = await signHomeRecord(alice.signer, said)
  const one = await makeLink(alice.signer.publicKey, 1, alice.signer, bob.signer.publicKey)
  const rotated = { ...alice.signer, links: () => [one], sign: bob.signer.sign }
  const self = await makeLink(alice.signer.publicKey, 1, bob.signer, bob.signer.publicKey)
  const forged = { ...alice.signer, links: () => [self], sign: bob.signer.sign }
  const kind = 'home-record'
  add('a home record', kind, null, record, key)
  add('one after a change of keys', kind, null, await signHomeRecord(rotated, said), key)
  add('under the key of another user', kind, 'RECORD_WRONG_KEY', record, homeKey(bob.user))
  add(
    'of another network',
    kind,
    'RECORD_WRONG_NETWORK',
    await signHomeRecord(alice.signer, { ...said, network: 'other' }),
    key,
  )
  const late = { issued: NOON + HOUR, expires: NOON + 2 * HOUR }
  add('from the future', kind, 'RECORD_FROM_FUTURE', await signHomeRecord(alice.signer, { ...said, ...late }), key)
  const dead = { issued: NOON - HOUR, expires: NOON }
  add('expired', kind, 'RECORD_EXPIRED', await signHomeRecord(alice.signer, { ...said, ...dead }), key)
  add(
    'signed by another',
    kind,
    'SIGNATURE_INVALID',
    await signHomeRecord({ ...alice.signer, sign: bob.signer.sign }, said),
    key,
  )
  add('with a link that the new key signed itself', kind, 'SIGNATURE_INVALID', await signHomeRecord(forged, said), key)
  add('one byte changed', kind, 'SIGNATURE_INVALID', record.with(10, record[10]! ^ 1), key)
  add('too large', kind, 'RECORD_INVALID', new Uint8Array(2049), key)

  const at = nodeKey(bob.peer)
  const listed = { ...terms(), list: list.cid }
  const node = await signNodeRecord(bob.signer, alice.signer.publicKey, listed)
  add('a node record', 'node-record', null, node, at)
  add('under the key of another node', 'node-record', 'RECORD_WRONG_KEY', node, nodeKey(alice.peer))
  const strange = { ...listed, network: 'other' }
  add(
    'of another network',
    'node-record',
    'RECORD_WRONG_NETWORK',
    await signNodeRecord(bob.signer, alice.signer.publicKey, strange),
    at,
  )
  const byAlice = { ...bob.signer, sign: alice.signer.sign }
  add(
    'signed by the user',
    'node-record',
    'SIGNATURE_INVALID',
    await signNodeRecord(byAlice, alice.signer.publicKey, listed),
    at,
  )
  add('too large', 'node-record', 'RECORD_INVALID', new Uint8Array(513), at)
  return { network: NETWORK, now: NOON, vectors }
}
