/** Which network a node is on. */
import * as dagCbor from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import { sha256 } from 'multiformats/hashes/sha2'

/** What makes a network: whoever shares the manifest is on the same one. */
export interface NetworkManifest {
  name: string
  /** multiaddrs, each ending in /p2p/PEERID */
  bootstrap: string[]
  /** public keys of those who may certify usernames */
  registrars: string[]
}

export interface Network {
  name: string
  /** the manifest's CID */
  id: string
  bootstrap: string[]
}

/** The network of a node that was told of no other: no registrar, nobody to start from but what the flags give. */
const AMIGOS: NetworkManifest = { name: 'amigos', bootstrap: [], registrars: [] }

/** The network of a manifest, @default the built-in one. */
export async function networkOf(manifest: NetworkManifest = AMIGOS): Promise<Network> {
  const bytes = dagCbor.encode(manifest)
  const id = CID.createV1(dagCbor.code, await sha256.digest(bytes)).toString()
  return { name: manifest.name, id, bootstrap: manifest.bootstrap }
}

/** Prefix of the network's own DHT protocol: nodes of two networks never fill each other's tables. */
export function dhtProtocol(network: Network): string {
  return `/amigos/${network.id}/kad/1.0.0`
}
