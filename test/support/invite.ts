import { writeInvite } from '../../registry/network/invite.ts'
import { networkOf } from '../../registry/network/manifest.ts'
import type { Network } from '../../registry/network/types.ts'

/** A network that nobody is on. */
export function emptyNetwork(name: string, suffix: string = 'example.org'): Network {
  return networkOf({ name, suffix, bootstrap: [], registrars: [], required: 0, created: 0 })
}

/** An invite to it. */
export function inviteTo(network: Network): string {
  return writeInvite({ network, addresses: [] })
}
