import assert from 'node:assert/strict'
import { multiaddr } from '@multiformats/multiaddr'
import fc from 'fast-check'
import { type Scope, scopeOf } from '../../daemon/node/address.ts'
import { scopeOfIp } from '../../daemon/node/ip-scope.ts'

/** First and last address of a block: that of the scope. */
const SCOPES: Record<string, string[]> = {
  loopback: ['127.0.0.0', '127.255.255.255', '::1'],
  private: [
    ...['10.0.0.0', '10.255.255.255', '100.64.0.0', '100.127.255.255', '172.16.0.0', '172.31.255.255'],
    ...['192.168.0.0', '192.168.255.255', '198.18.0.0', '198.19.255.255'],
    ...['192.0.2.2', '198.51.100.1', '203.0.113.1'],
    ...['fc00::', 'fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'FD00::1'],
  ],
  public: [
    ...['1.0.0.0', '9.255.255.255', '11.0.0.0', '126.255.255.255', '128.0.0.0', '100.63.255.255', '100.128.0.0'],
    ...['172.15.255.255', '172.32.0.0', '192.0.1.0', '192.0.3.0', '192.167.255.255', '192.169.0.0', '223.255.255.255'],
    ...['198.17.255.255', '198.20.0.0', '168.63.129.15', '169.253.255.255', '169.255.0.0'],
    ...['2001:200::', '2001:db7:ffff::', '2001:db9::', '2003::', '2606:4700::1111', '3ffe:ffff::', '3fff:1000::'],
  ],
  blocked: [
    ...['0.0.0.0', '0.255.255.255', '169.254.0.0', '169.254.169.254', '169.254.255.255', '192.0.0.0', '192.0.0.192'],
    ...['192.88.99.1', '224.0.0.0', '239.255.255.255', '240.0.0.0', '255.255.255.255'],
    ...['100.100.100.200', '168.63.129.16', 'fd00:ec2::254', 'fd20:ce::254', 'fd00:c1::a9fe:a9fe', 'fd00:42::42'],
    ...['::', '::2', '::7f00:1', '::ffff:8.8.8.8', '::ffff:0:7f00:1', '64:ff9b::a9fe:a9fe', '64:ff9b:1::1', '100::1'],
    ...['1fff:ffff::', '2001::', '2001:1ff:ffff::', '2001:db8::1', '2002::', '2002:7f00:1::', '3fff::', '4000::'],
    ...['5f00::1', 'fe80::1', 'febf::1', 'fec0::1', 'ff02::1', 'ffff::', 'fe80::1%eth0'],
    ...['', 'x', '1.2.3', '1.2.3.4.5', '127.1', '0x7f000001', '2130706433', '[::1]', ' 127.0.0.1'],
  ],
}

const ALL: Scope[] = ['loopback', 'private', 'public', 'blocked']
const IP4 = 0x04
const IP6 = 0x29

const scopeOfBytes = (code: number, bytes: readonly number[]): Scope =>
  scopeOf(multiaddr(Uint8Array.of(code, ...bytes)))

const byte = fc.nat({ max: 255 })
const bytes = (length: number) => fc.array(byte, { minLength: length, maxLength: length })

/** What a stranger must never lead a node to. */
const LOCAL = fc.oneof(
  bytes(3).map((rest) => [127, ...rest]),
  bytes(3).map((rest) => [10, ...rest]),
  bytes(2).map((rest) => [192, 168, ...rest]),
  bytes(2).map((rest) => [169, 254, ...rest]),
  fc.tuple(fc.integer({ min: 16, max: 31 }), byte, byte).map((rest) => [172, ...rest]),
  fc.tuple(fc.integer({ min: 64, max: 127 }), byte, byte).map((rest) => [100, ...rest]),
  bytes(3).map((rest) => [0, ...rest]),
)

const zeros = (length: number): number[] => new Array(length).fill(0)

/** Ways to write an IPv4 address as an IPv6 one that a router, a tunnel or the kernel turns back. */
const WRAPPED: Record<string, (ip4: readonly number[]) => number[]> = {
  compatible: (ip4) => [...zeros(12), ...ip4],
  mapped: (ip4) => [...zeros(10), 0xff, 0xff, ...ip4],
  translated: (ip4) => [...zeros(8), 0xff, 0xff, 0, 0, ...ip4],
  'NAT64, well-known prefix': (ip4) => [0, 0x64, 0xff, 0x9b, ...zeros(8), ...ip4],
  'NAT64, local-use prefix': (ip4) => [0, 0x64, 0xff, 0x9b, 0, 1, ...zeros(6), ...ip4],
  'NAT64, local-use prefix of 48 bits': ([a, b, c, d]) => [0, 0x64, 0xff, 0x9b, 0, 1, a!, b!, 0, c!, d!, ...zeros(5)],
  '6to4': (ip4) => [0x20, 0x02, ...ip4, ...zeros(10)],
  'Teredo, server': (ip4) => [0x20, 0x01, 0, 0, ...ip4, ...zeros(8)],
  'Teredo, client': (ip4) => [0x20, 0x01, 0, 0, 8, 8, 8, 8, ...zeros(4), ...ip4.map((part) => part ^ 0xff)],
}

describe('the scope of an IP address', () => {
  for (const [scope, hosts] of Object.entries(SCOPES))
    it(`is ${scope} for what the registries say, to the last address`, () => {
      const found = hosts.map((host) => [host, scopeOfIp(host)])
      assert.deepEqual(
        found,
        hosts.map((host) => [host, scope]),
      )
    })

  it('is found for every pattern of bytes', () => {
    fc.assert(fc.property(bytes(4), (ip4) => ALL.includes(scopeOfBytes(IP4, ip4))))
    fc.assert(
      fc.property(bytes(16), fc.nat({ max: 16 }), (tail, from) => {
        const ip6 = [...zeros(from), ...tail.slice(from)]
        return ALL.includes(scopeOfBytes(IP6, ip6)) && ALL.includes(scopeOfBytes(IP6, tail))
      }),
    )
  })

  it('is public only within global unicast', () => {
    const prefix = fc.oneof(byte, fc.constantFrom(0x1f, 0x20, 0x3f, 0x40))
    fc.assert(
      fc.property(prefix, bytes(15), (first, rest) => {
        const scope = scopeOfBytes(IP6, [first, ...rest])
        return scope !== 'public' || (first >> 5 === 1 && !(first === 0x20 && rest[0] === 0x02))
      }),
    )
  })

  for (const [form, wrap] of Object.entries(WRAPPED))
    it(`is never public for a local IPv4 address in another form: ${form}`, () => {
      fc.assert(
        fc.property(LOCAL, (ip4) => {
          // the loopback address of IPv6 has the form of the compatible 0.0.0.1
          const scope = scopeOfBytes(IP6, wrap(ip4))
          return scope === 'blocked' || (scope === 'loopback' && ip4.join() === '0,0,0,1')
        }),
      )
    })

  it('is never public for a local IPv4 address itself', () => {
    fc.assert(fc.property(LOCAL, (ip4) => scopeOfBytes(IP4, ip4) !== 'public'))
  })
})
