/** What libp2p has to know of the network that a node is on; its manifest is the registry's. */
export interface Network {
  name: string
  /** the manifest's CID */
  id: string
  /** multiaddrs, each ending in /p2p/PEERID */
  bootstrap: string[]
}

/** Prefix of the network's own DHT protocol: nodes of two networks never fill each other's tables. */
export function dhtProtocol(network: Network): string {
  return `/amigos/${network.id}/kad/1.0.0`
}
