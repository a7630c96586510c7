import assert from 'node:assert/strict'
import { multiaddr } from '@multiformats/multiaddr'
import { parseAddress, peerIdOf, scopeOf, sortForPeople } from '../../daemon/node/address.ts'
import { createDialGater } from '../../daemon/node/gater.ts'

const SCOPES: Record<string, string> = {
  '/ip4/127.0.0.1/tcp/1': 'loopback',
  '/ip4/127.9.9.9/tcp/1': 'loopback',
  '/ip6/::1/tcp/1': 'loopback',
  '/dns4/localhost/tcp/1': 'loopback',
  '/ip4/10.1.2.3/tcp/1': 'private',
  '/ip4/172.16.0.1/tcp/1': 'private',
  '/ip4/172.32.0.1/tcp/1': 'public',
  '/ip4/192.168.1.1/tcp/1': 'private',
  '/ip4/100.64.0.1/tcp/1': 'private',
  '/ip6/fd00::1/tcp/1': 'private',
  '/ip6/::ffff:192.168.1.1/tcp/1': 'blocked',
  '/ip4/169.254.169.254/tcp/80': 'blocked',
  '/ip6/fe80::1/tcp/1': 'blocked',
  '/ip6/::ffff:169.254.169.254/tcp/1': 'blocked',
  '/ip4/0.0.0.0/tcp/1': 'blocked',
  '/ip4/224.0.0.1/tcp/1': 'blocked',
  '/ip4/8.8.8.8/tcp/1': 'public',
  '/dns4/example.com/tcp/1': 'public',
}

describe('addresses', () => {
  it('have a scope', () => {
    const found = Object.keys(SCOPES).map((text) => [text, scopeOf(multiaddr(text))])
    assert.deepEqual(Object.fromEntries(found), SCOPES)
  })

  it('are checked', () => {
    for (const text of ['', 'x', '/ip4/1.2.3', '/ip4/1.2.3.4/tcp/99999', `/dns4/${'a'.repeat(600)}/tcp/1`]) {
      assert.throws(() => parseAddress(text), { code: 'ADDRESS_INVALID' }, text)
    }
  })

  it('name the peer at their end', () => {
    const relay = '12D3KooWALYqxyBqCy9mxGm8iSr2n6fbe4HBbXrAMhvxnL5RuBTo'
    assert.equal(peerIdOf(multiaddr('/ip4/1.2.3.4/tcp/1')), undefined)
    assert.equal(peerIdOf(multiaddr(`/ip4/1.2.3.4/tcp/1/p2p/${relay}`)), relay)
  })

  it('are shown with the most widely dialable first', () => {
    const shown = sortForPeople(
      ['/ip4/127.0.0.1/tcp/1', '/ip4/10.0.0.1/tcp/1', '/ip4/8.8.8.8/tcp/1'].map((a) => multiaddr(a)),
    )
    assert.deepEqual(shown, ['/ip4/8.8.8.8/tcp/1', '/ip4/10.0.0.1/tcp/1', '/ip4/127.0.0.1/tcp/1'])
  })
})

describe('the dial gater', () => {
  const refused = (own: string[], target: string): boolean =>
    createDialGater(own.map((a) => multiaddr(a))).denyDialMultiaddr(multiaddr(target))

  it('lets a public node dial public addresses only', () => {
    assert.equal(refused(['/ip4/8.8.8.8/tcp/1'], '/ip4/9.9.9.9/tcp/1'), false)
    assert.equal(refused(['/ip4/8.8.8.8/tcp/1'], '/ip4/127.0.0.1/tcp/22'), true)
    assert.equal(refused(['/ip4/8.8.8.8/tcp/1'], '/ip4/192.168.1.1/tcp/80'), true)
  })

  it('lets a node dial where it lives itself', () => {
    assert.equal(refused(['/ip4/127.0.0.1/tcp/1'], '/ip4/127.0.0.1/tcp/2'), false)
    assert.equal(refused(['/ip4/192.168.1.2/tcp/1'], '/ip4/192.168.1.1/tcp/2'), false)
    assert.equal(refused(['/ip4/192.168.1.2/tcp/1'], '/ip4/127.0.0.1/tcp/2'), true)
  })

  it('follows its user, but never to link-local addresses', () => {
    const gater = createDialGater([])
    const metadata = multiaddr('/ip4/169.254.169.254/tcp/80')
    gater.allow(multiaddr('/ip4/127.0.0.1/tcp/1'))
    gater.allow(metadata)
    assert.equal(gater.denyDialMultiaddr(multiaddr('/ip4/127.0.0.1/tcp/9')), false)
    assert.equal(gater.denyDialMultiaddr(metadata), true)
  })
})
