/** What this node tells of the network that it is on, and how others join it. */
import { MAX_INVITE_ADDRESSES } from '../../../registry/network/constants.ts'
import { writeInvite } from '../../../registry/network/invite.ts'
import { isPeerAddress } from '../../../registry/network/manifest.ts'
import type { Invite, Network } from '../../../registry/network/types.ts'
import type { Methods } from '../../api/vocabulary.ts'
import { parseAddress, scopeOf } from '../../node/address.ts'

type Answer = Methods['network']['result']

export interface NetworkParts {
  /** the network, and the addresses by which this node joined it */
  joined: Invite
  peerId: string
  /** where this node can be dialled at present, the most widely dialable first */
  addresses: () => string[]
  /** of a witness: what it caught the hub at */
  proofs: () => Promise<Answer['proofs']>
}

export function createNetwork({ joined, peerId, addresses, proofs }: NetworkParts): () => Promise<Answer> {
  return async () => ({
    ...describeNetwork({ ...joined, addresses: together(addresses(), joined.addresses) }, peerId),
    proofs: await proofs(),
  })
}

/** @param joined with the addresses that an invite is to name */
export function describeNetwork({ network, addresses }: Invite, peerId: string): Answer {
  const { id, name, suffix, bootstrap, registrars, required, created } = network
  return {
    network: id,
    ...{ name, suffix, bootstrap, registrars, required },
    created: new Date(created).toISOString(),
    role: roleOf(network, peerId),
    addresses,
    invite: writeInvite({ network, addresses }),
    proofs: [],
  }
}

function roleOf({ registrars }: Network, peerId: string): Answer['role'] {
  const place = registrars.indexOf(peerId)
  return place < 0 ? null : place === 0 ? 'hub' : 'witness'
}

/** Own addresses first. Those of this machine alone only if there are no others: to everybody else they mean themselves. */
function together(own: readonly string[], others: readonly string[]): string[] {
  const all = [...new Set([...own, ...others])].filter(isPeerAddress)
  const wide = all.filter((address) => scopeOf(parseAddress(address)) !== 'loopback')
  return (wide.length > 0 ? wide : all).slice(0, MAX_INVITE_ADDRESSES)
}
