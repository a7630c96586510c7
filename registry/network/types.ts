/** What makes a network: whoever shares the manifest is on the same one. See specs/network.md. */
export interface Manifest {
  /** a label, 2 to 32 characters; several networks may have the same one */
  name: string
  /** what follows a username in a name: `amigos.net` */
  suffix: string
  /** multiaddrs that hold for good, each ending in /p2p/PEERID */
  bootstrap: string[]
  /** peer IDs: first the hub that writes the book of usernames, then its witnesses; none: nobody certifies usernames */
  registrars: string[]
  /** how many of the witnesses have to sign a name record beside the hub: none, or more than half of them */
  required: number
  /** milliseconds since 1970; it keeps apart two networks of one name */
  created: number
}

export interface Network extends Manifest {
  /** CID of the manifest */
  id: string
  /** the manifest, canonical dag-cbor */
  bytes: Uint8Array
}

/** How somebody joins: the whole manifest, and where to find somebody at present. */
export interface Invite {
  network: Network
  /** multiaddrs, each ending in /p2p/PEERID; they are no part of the network's ID */
  addresses: string[]
}
