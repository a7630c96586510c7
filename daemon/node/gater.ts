/** Which addresses a node dials: a stranger's record must not make it knock on doors of the local network. */
import type { Multiaddr } from '@multiformats/multiaddr'
import { type Scope, scopeOf } from './address.ts'

export interface DialGater {
  /** libp2p's connection gater: true refuses */
  denyDialMultiaddr(address: Multiaddr): boolean
  /** The user named this address: from now on addresses of its scope may be dialled. */
  allow(address: Multiaddr): void
}

/**
 * Loopback and private addresses are dialled only by a node that lives there itself: its listeners or its bootstrap peers
 * have that scope, or its user asked for it. Link-local and metadata addresses are never dialled.
 *
 * @param own addresses whose scopes are the node's own; a listener on 0.0.0.0 counts for its real interfaces
 */
export function createDialGater(own: readonly Multiaddr[]): DialGater {
  const allowed = new Set<Scope>(['public'])
  const allow = (address: Multiaddr): void => {
    const scope = scopeOf(address)
    if (scope !== 'blocked') allowed.add(scope)
  }
  for (const address of own) allow(address)
  return { allow, denyDialMultiaddr: (address) => !allowed.has(scopeOf(address)) }
}
