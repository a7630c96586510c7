/** Which addresses a node dials: a stranger's record must not make it knock on doors of the local network. */
import type { Multiaddr } from '@multiformats/multiaddr'
import { hostOf, parseAddress, type Scope, scopeOf } from './address.ts'

export interface DialGater {
  /** libp2p's connection gater: true refuses */
  denyDialMultiaddr(address: Multiaddr): boolean
  /** The opposite, of an address as somebody wrote it: none is dialled that cannot be read. */
  mayDial(text: string): boolean
  /** The user named this address: from now on addresses of its scope, or of its host name, may be dialled. */
  allow(address: Multiaddr): void
}

/**
 * Public addresses are dialled by every node. Loopback and private ones only by a node that lives there itself: its
 * listeners or its bootstrap peers have that scope, or its user asked for it. A DNS name only if it was itself named that
 * way: another name, or the same one's subdomain, may lead anywhere. Blocked addresses never, whoever names them.
 *
 * @param own addresses whose scopes and names are the node's own; a listener on 0.0.0.0 counts for its real interfaces
 */
export function createDialGater(own: readonly Multiaddr[]): DialGater {
  const scopes = new Set<Scope>(['public'])
  const names = new Set<string>()
  const nameOf = (address: Multiaddr): string => hostOf(address)?.host ?? ''
  const allow = (address: Multiaddr): void => {
    const scope = scopeOf(address)
    if (scope === 'name') names.add(nameOf(address))
    else if (scope !== 'blocked') scopes.add(scope)
  }
  const denyDialMultiaddr = (address: Multiaddr): boolean => {
    const scope = scopeOf(address)
    return scope === 'name' ? !names.has(nameOf(address)) : !scopes.has(scope)
  }
  for (const address of own) allow(address)
  return {
    allow,
    denyDialMultiaddr,
    mayDial(text) {
      try {
        return !denyDialMultiaddr(parseAddress(text))
      } catch {
        return false
      }
    },
  }
}
