import assert from 'node:assert/strict'
import { peerIdFromString } from '@libp2p/peer-id'
import fc from 'fast-check'
import { base36 } from 'multiformats/bases/base36'
import { isAmong, loopbackHosts, ownHosts } from '../../daemon/page/hosts.ts'
import { PEER_ID, USER_ID } from './fake-source.ts'

const own = ownHosts({ peerId: PEER_ID, user: USER_ID, username: 'alice' }, 4152)
const loopback = loopbackHosts(4152)
const cid = peerIdFromString(PEER_ID).toCID().toString(base36)

function isOurs(host: string): boolean {
  return isAmong(host, loopback) || isAmong(host, own)
}

describe('page: host names', () => {
  const good = [
    '127.0.0.1:4152',
    'localhost:4152',
    'LocalHost:4152',
    '[::1]:4152',
    'alice.amigos.localhost:4152',
    `${PEER_ID}.amigos.localhost:4152`,
    `${PEER_ID.toLowerCase()}.amigos.localhost:4152`,
    `${cid}.amigos.localhost:4152`,
    `${USER_ID}.amigos.localhost:4152`,
  ]
  for (const host of good) it(`takes ${host}`, () => assert.ok(isOurs(host)))

  const bad = [
    '',
    'localhost',
    'localhost:4153',
    'localhost:04152',
    'localhost.:4152',
    ' localhost:4152',
    'localhost:4152 ',
    'localhost:4152,evil.example',
    '127.0.0.1.nip.io:4152',
    '127.1:4152',
    '0.0.0.0:4152',
    '[::ffff:127.0.0.1]:4152',
    '::1:4152',
    'evil.example:4152',
    'amigos.localhost:4152',
    'bob.amigos.localhost:4152',
    'alice.amigos.localhost.evil.example:4152',
    'x.alice.amigos.localhost:4152',
    'alice.amigos.net:4152',
    'alice@localhost:4152',
    'loc\u0131lhost:4152',
    'loca\u006chost\0:4152',
    `${USER_ID.replace('k', '\u212a')}.amigos.localhost:4152`,
  ]
  for (const host of bad) it(`refuses ${JSON.stringify(host)}`, () => assert.ok(!isOurs(host)))

  it('refuses everything that is not in the list', () => {
    const listed = new Set(good.map((host) => host.toLowerCase()))
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.domain(),
          fc.domain().map((name) => `${name}:4152`),
        ),
        (host) => {
          assert.equal(isOurs(host), listed.has(host.toLowerCase()))
        },
      ),
    )
  })

  it('leaves the port out on port 80, as browsers do', () => {
    assert.ok(isAmong('localhost', loopbackHosts(80)))
    assert.ok(isAmong('localhost:80', loopbackHosts(80)))
  })

  it('makes no host of a name that is no label', () => {
    assert.deepEqual([...ownHosts({ peerId: 'not a peer', user: 'a.b', username: 'x:1/..' }, 1)], [])
    assert.deepEqual([...ownHosts({ peerId: '0OIl', user: '', username: null }, 1)], ['0oil.amigos.localhost:1'])
    assert.deepEqual([...ownHosts({ peerId: '', user: '', username: null }, 1)], [])
  })
})
