/** Multiaddrs from flags and peers: checked, told apart by scope, sorted for people. */
import { peerIdFromString } from '@libp2p/peer-id'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { NodeError } from './errors.ts'
import { type IpScope, scopeOfIp } from './ip-scope.ts'

/** How far an address reaches. `name`: where a DNS name leads is known only once it is resolved. `blocked` is never dialled. */
export type Scope = IpScope | 'name'

const MAX_ADDRESS_LENGTH = 512

/** @throws NodeError ADDRESS_INVALID */
export function parseAddress(text: string): Multiaddr {
  const address = readMultiaddr(text)
  if (address === undefined) {
    const what = isPeerId(text) ? 'is a peer ID, which does not say where the node is.' : 'is not a multiaddr.'
    throw invalid(`"${text.slice(0, 80)}" ${what}`)
  }
  // the library takes any word for a peer ID
  const wrong = address.getComponents().find(({ name, value }) => name === 'p2p' && !isPeerId(value ?? ''))
  if (wrong !== undefined) throw invalid(`"${wrong.value?.slice(0, 80)}" in the address is not a peer ID.`)
  return address
}

function readMultiaddr(text: string): Multiaddr | undefined {
  try {
    const address = text.length <= MAX_ADDRESS_LENGTH ? multiaddr(text) : undefined
    return address?.getComponents().length ? address : undefined
  } catch {
    return undefined
  }
}

function isPeerId(text: string): boolean {
  try {
    peerIdFromString(text)
    return true
  } catch {
    return false
  }
}

function invalid(message: string): NodeError {
  const hint = 'an address looks like /ip4/203.0.113.7/tcp/4150/p2p/12D3KooW...; amigo id on that node shows its own'
  return new NodeError('ADDRESS_INVALID', message, hint)
}

/** The peer ID an address ends in: of several (a relayed address), the last. */
export function peerIdOf(address: Multiaddr): string | undefined {
  return address.getComponents().findLast((c) => c.name === 'p2p')?.value
}

/** Over another node, which passes on what it cannot read. */
export function isRelayed(address: Multiaddr): boolean {
  return address.getComponents().some((c) => c.name === 'p2p-circuit')
}

/** The relay's part of a relayed address; undefined for /p2p-circuit alone, which leaves the choice of the relay open. */
export function relayOf(address: Multiaddr): Multiaddr | undefined {
  const relay = address.decapsulate('/p2p-circuit')
  return relay.getComponents().length > 0 ? relay : undefined
}

/** Components that name the host to connect to. A WebSocket dial goes to `sni`, if there is one, whatever stands before it. */
const HOSTS: ReadonlySet<string> = new Set(['ip4', 'ip6', 'dns', 'dns4', 'dns6', 'dnsaddr', 'sni'])

/** RFC 6761. Strict, as `10.0.0.1#.localhost` leads to 10.0.0.1 when it becomes part of a URL. */
const LOCALHOST = /^([a-z0-9_-]+\.)*localhost$/

/**
 * The one host that an address leads to: an IP address, or a DNS name in lower case without its last dot. Of a relayed
 * address the relay. Undefined for an address with none (a Unix socket, a peer ID alone) and for one that names two.
 */
export function hostOf(address: Multiaddr): { isName: boolean; host: string } | undefined {
  const parts = address.getComponents()
  const hosts = parts.filter((part) => HOSTS.has(part.name))
  const first = parts.find((part) => part.name !== 'ip6zone')
  if (first === undefined || first !== hosts[0] || first.name === 'sni') return undefined
  const [host = '', ...others] = hosts.map((part) => (part.value ?? '').toLowerCase().replace(/\.$/, ''))
  return others.every((other) => other === host) ? { isName: first.name.startsWith('dns'), host } : undefined
}

/** From where an address can be reached; `blocked` where it names no host that is dialled. */
export function scopeOf(address: Multiaddr): Scope {
  const found = hostOf(address)
  if (found === undefined) return 'blocked'
  if (!found.isName) return scopeOfIp(found.host)
  return LOCALHOST.test(found.host) ? 'loopback' : 'name'
}

const ORDER: Record<Scope, number> = { public: 0, name: 1, private: 2, loopback: 3, blocked: 4 }

/** Those that others can most likely dial come first; of two that reach as far, the one without a relay. */
export function sortForPeople(addresses: readonly Multiaddr[]): string[] {
  const rank = (address: Multiaddr): number => ORDER[scopeOf(address)] * 2 + (isRelayed(address) ? 1 : 0)
  return [...addresses].sort((a, b) => rank(a) - rank(b)).map(String)
}
