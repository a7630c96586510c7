import assert from 'node:assert/strict'
import { multiaddr } from '@multiformats/multiaddr'
import { parseAddress, peerIdOf, scopeOf, sortForPeople } from '../../daemon/node/address.ts'
import { createDialGater } from '../../daemon/node/gater.ts'

const PEER = '12D3KooWALYqxyBqCy9mxGm8iSr2n6fbe4HBbXrAMhvxnL5RuBTo'

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
  '/dns4/example.com/tcp/1': 'name',
  '/dns/LOCALHOST/tcp/1': 'loopback',
  '/dns6/a.b.localhost./tcp/1': 'loopback',
  '/dns4/localhost.example/tcp/1': 'name',
  '/dns4/notlocalhost/tcp/1': 'name',
  '/dns4/localhost../tcp/1': 'name',
  '/dns4/10.0.0.1#.localhost/tcp/1/ws': 'name',
  '/dns4/127.0.0.1/tcp/1': 'name',
  '/dns4/metadata.google.internal/tcp/80': 'name',
  '/dnsaddr/example.com': 'name',
  '/ip6zone/eth0/ip6/fe80::1/tcp/1': 'blocked',
  '/ip6zone/lo/ip6/::1/tcp/1': 'loopback',
  [`/ip4/8.8.8.8/tcp/1/p2p/${PEER}/p2p-circuit`]: 'public',
  [`/ip4/127.0.0.1/tcp/1/p2p/${PEER}/p2p-circuit/p2p/${PEER}`]: 'loopback',
  [`/ip4/8.8.8.8/tcp/1/p2p/${PEER}/p2p-circuit/ip4/127.0.0.1/tcp/1`]: 'blocked',
  [`/p2p-circuit/p2p/${PEER}`]: 'blocked',
  [`/p2p/${PEER}`]: 'blocked',
  '/ip4/8.8.8.8/tcp/443/tls/ws': 'public',
  '/ip4/8.8.8.8/tcp/443/tls/sni/localhost/ws': 'blocked',
  '/dns4/example.com/tcp/443/tls/sni/internal.example.com/ws': 'blocked',
  '/dns4/example.com/tcp/443/tls/sni/Example.com/ws': 'name',
  '/tls/sni/localhost/ws': 'blocked',
  '/unix/%2Fvar%2Frun%2Fdocker.sock': 'blocked',
  '/memory/x': 'blocked',
  '/tcp/1/ip4/8.8.8.8': 'blocked',
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

  it('are wrong usage with a word in place of the peer ID, and so is a peer ID alone', () => {
    for (const text of [
      '/ip4/1.2.3.4/tcp/1/p2p/12D3KooW...',
      `/ip4/1.2.3.4/tcp/1/p2p/${PEER}/p2p-circuit/p2p/x`,
      PEER,
    ]) {
      assert.throws(() => parseAddress(text), { code: 'ADDRESS_INVALID' }, text)
    }
    for (const text of [`/ip4/1.2.3.4/tcp/1/p2p/${PEER}`, '/p2p/QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N']) {
      assert.equal(String(parseAddress(text)), text)
    }
  })

  it('name the peer at their end', () => {
    assert.equal(peerIdOf(multiaddr('/ip4/1.2.3.4/tcp/1')), undefined)
    assert.equal(peerIdOf(multiaddr(`/ip4/1.2.3.4/tcp/1/p2p/${PEER}`)), PEER)
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

  it('lets a node dial the host names that its user named, and no other', () => {
    const own = ['/dns4/Seed.example/tcp/4150']
    assert.equal(refused([], '/dns4/seed.example/tcp/4150'), true)
    assert.equal(refused(own, '/dns4/seed.example/tcp/4150'), false)
    assert.equal(refused(own, '/dns/SEED.example./tcp/4151/ws'), false)
    for (const other of ['a.seed.example', 'example', 'metadata.google.internal', 'seed.example#.localhost'])
      assert.equal(refused(own, `/dns4/${other}/tcp/4150`), true, other)
    assert.equal(refused(own, '/dns4/localhost/tcp/4150'), true)
    assert.equal(refused(own, '/ip4/10.0.0.1/tcp/4150'), true)
  })

  it('never lets a node dial what is blocked, whoever names it', () => {
    const blocked = Object.keys(SCOPES).filter((text) => SCOPES[text] === 'blocked')
    const gater = createDialGater(blocked.map((a) => multiaddr(a)))
    for (const text of blocked) {
      gater.allow(multiaddr(text))
      assert.equal(gater.denyDialMultiaddr(multiaddr(text)), true, text)
    }
  })
})
