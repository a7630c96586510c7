/** Multiaddrs from flags and peers: checked, told apart by scope, sorted for people. */
import { isIPv4, isIPv6 } from 'node:net'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { NodeError } from './errors.ts'

/** How far an address reaches. `blocked` is never dialled: link-local addresses include cloud metadata services. */
export type Scope = 'loopback' | 'private' | 'public' | 'blocked'

const MAX_ADDRESS_LENGTH = 512

/** @throws NodeError ADDRESS_INVALID */
export function parseAddress(text: string): Multiaddr {
  try {
    const address = text.length <= MAX_ADDRESS_LENGTH ? multiaddr(text) : undefined
    if (address !== undefined && address.getComponents().length > 0) return address
  } catch {
    // told below
  }
  const hint = 'an address looks like /ip4/203.0.113.7/tcp/4150/p2p/12D3KooW...'
  throw new NodeError('ADDRESS_INVALID', `"${text.slice(0, 80)}" is not a multiaddr.`, hint)
}

/** The peer ID an address ends in: of several (a relayed address), the last. */
export function peerIdOf(address: Multiaddr): string | undefined {
  return address.getComponents().findLast((c) => c.name === 'p2p')?.value
}

export function scopeOf(address: Multiaddr): Scope {
  const [first] = address.getComponents()
  const host = first?.value ?? ''
  if (first?.name === 'ip4' && isIPv4(host)) return scopeOfIPv4(host)
  if (first?.name === 'ip6' && isIPv6(host)) return scopeOfIPv6(host)
  return host === 'localhost' ? 'loopback' : 'public'
}

function scopeOfIPv4(host: string): Scope {
  const [a = 0, b = 0] = host.split('.').map(Number)
  if (a === 127) return 'loopback'
  if (a === 169 && b === 254) return 'blocked'
  if (a === 0 || a >= 224) return 'blocked'
  if (a === 10 || (a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168) || (a === 100 && b >= 64 && b < 128))
    return 'private'
  return 'public'
}

function scopeOfIPv6(host: string): Scope {
  const lower = host.toLowerCase()
  if (lower === '::1') return 'loopback'
  if (lower === '::' || /^fe[89ab]/.test(lower) || lower.startsWith('ff') || lower.startsWith('::ffff:'))
    return 'blocked'
  if (/^f[cd]/.test(lower)) return 'private'
  return 'public'
}

const ORDER: Record<Scope, number> = { public: 0, private: 1, loopback: 2, blocked: 3 }

/** Those that others can most likely dial come first. */
export function sortForPeople(addresses: readonly Multiaddr[]): string[] {
  return [...addresses].sort((a, b) => ORDER[scopeOf(a)] - ORDER[scopeOf(b)]).map(String)
}
