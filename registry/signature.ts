import { publicKeyFromProtobuf } from '@libp2p/crypto/keys'

/** Whether a signature is of this key (libp2p protobuf); bytes that are no point of the curve sign nothing. */
export async function isSignedBy(publicKey: Uint8Array, signed: Uint8Array, sig: Uint8Array): Promise<boolean> {
  try {
    return await publicKeyFromProtobuf(publicKey).verify(signed, sig)
  } catch {
    return false
  }
}
