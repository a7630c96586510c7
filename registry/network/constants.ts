/** Every bound of manifests and invites. Source: specs/network.md. */

/** small enough to go into one line of text whole */
export const MAX_MANIFEST_BYTES = 2048
export const MAX_MANIFEST_DEPTH = 3
/** heads of CBOR items: 7 fields, 8 addresses, 8 registrars, and the frame */
export const MAX_MANIFEST_ITEMS = 64
export const MAX_BOOTSTRAP = 8
/** the hub and seven witnesses */
export const MAX_REGISTRARS = 8
/** a multiaddr, in characters: a DNS name, a port, and two peer IDs for a relayed one */
export const MAX_ADDRESS_LENGTH = 255

/** where somebody is at present, as an invite says */
export const MAX_INVITE_ADDRESSES = 8
/** manifest and addresses */
export const MAX_INVITE_BYTES = 4096
/** a word of its own, so that a line says what it is; its number is the format's version */
export const INVITE_PREFIX = 'amigo1'
/** of sha-256: a line that was cut or mistyped is noticed, all but one in four thousand million */
export const CHECKSUM_BYTES = 4
/** longest text that is looked at as an invite: 4,100 bytes in base32, and line breaks from an e-mail */
export const MAX_INVITE_LENGTH = 8192
