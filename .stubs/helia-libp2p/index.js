// `helia` names this in its all-inclusive `createHelia`, which Amigos never calls: the daemon builds its own libp2p node.
// The real package brings WebRTC, UPnP, ACME, HTTP and mDNS with it.
export const withLibp2p = () => {
  throw new Error('@helia/libp2p is left out of this installation: build the libp2p node in daemon/node')
}
