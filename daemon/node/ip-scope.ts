/** How far an IP address reaches, after IANA's registries of special-purpose addresses (RFC 6890). */
import { BlockList, type IPVersion, isIPv4, isIPv6 } from 'node:net'

/** `blocked` is never dialled: link-local, metadata, multicast, unspecified, reserved, and forms that stand for another address. */
export type IpScope = 'loopback' | 'private' | 'public' | 'blocked'

type Rule = readonly [IpScope, BlockList]

/** One list a family: a list with IPv4 rules would answer for IPv4-mapped IPv6 addresses, too. */
function rules(family: IPVersion, table: readonly (readonly [IpScope, ...string[]])[]): Rule[] {
  return table.map(([scope, ...subnets]) => {
    const list = new BlockList()
    for (const subnet of subnets) {
      const [network = '', prefix] = subnet.split('/')
      list.addSubnet(network, Number(prefix), family)
    }
    return [scope, list]
  })
}

/** The first rule that holds the address decides. */
const IPV4: readonly Rule[] = rules('ipv4', [
  // metadata and host services of clouds that are not link-local: Alibaba, Azure
  ['blocked', '100.100.100.200/32', '168.63.129.16/32'],
  ['loopback', '127.0.0.0/8'],
  ['private', '10.0.0.0/8', '100.64.0.0/10', '172.16.0.0/12', '192.168.0.0/16'],
  // made for benchmarks and for documentation: in use within test networks, routed nowhere else
  ['private', '198.18.0.0/15', '192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24'],
  // 192.0.0.0/24: protocol assignments (Oracle's metadata, too); 192.88.99.0/24: 6to4 relays; 224.0.0.0/3: multicast, reserved
  ['blocked', '0.0.0.0/8', '169.254.0.0/16', '192.0.0.0/24', '192.88.99.0/24', '224.0.0.0/3'],
  ['public', '0.0.0.0/0'],
])

/** What no rule holds is blocked: IPv4-mapped, -compatible and -translated (NAT64) addresses, site-local, link-local, multicast. */
const IPV6: readonly Rule[] = rules('ipv6', [
  ['loopback', '::1/128'],
  // metadata services of AWS, Google, Oracle, Scaleway
  ['blocked', 'fd00:ec2::/32', 'fd20:ce::254/128', 'fd00:c1::a9fe:a9fe/128', 'fd00:42::42/128'],
  ['private', 'fc00::/7'],
  // 2001::/23: protocol assignments, Teredo among them; 2002::/16: 6to4, which wraps any IPv4 address; the rest: documentation
  ['blocked', '2001::/23', '2002::/16', '2001:db8::/32', '3fff::/20'],
  ['public', '2000::/3'],
])

/** @param host an address without a zone; anything else is `blocked` */
export function scopeOfIp(host: string): IpScope {
  const family = isIPv4(host) ? 'ipv4' : isIPv6(host) ? 'ipv6' : undefined
  if (family === undefined) return 'blocked'
  const table = family === 'ipv4' ? IPV4 : IPV6
  return table.find(([, list]) => list.check(host, family))?.[0] ?? 'blocked'
}
