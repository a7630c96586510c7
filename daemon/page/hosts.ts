/** Which Host headers this page answers to: the defence against DNS rebinding. Pure; see specs/page.md, "Host". */
import { base36 } from 'multiformats/bases/base36'
import { base58btc } from 'multiformats/bases/base58'
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'
import type { PageNode } from './types.ts'

/** Multicodec of a public key of libp2p, which makes a peer ID a CID. */
const LIBP2P_KEY = 0x72
const HTTP_PORT = 80
const PARENT = 'amigos.localhost'

/** One label of a host name (RFC 1123), in lower case. */
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

export type Identity = Pick<PageNode, 'peerId' | 'user' | 'username'>

/** The names of loopback itself, which need no identity. */
export function loopbackHosts(port: number): Set<string> {
  return withPort(['127.0.0.1', 'localhost', '[::1]'], port)
}

/** `<username>`, `<peer ID>`, the peer ID as a base36 CID and `<user ID>`, each below `amigos.localhost`. */
export function ownHosts({ peerId, user, username }: Identity, port: number): Set<string> {
  const labels = [peerId, peerIdCid(peerId), user, username].map((name) => asciiLower(name ?? ''))
  return withPort(
    labels.filter((label) => LABEL.test(label)).map((label) => `${label}.${PARENT}`),
    port,
  )
}

/** Compares as browsers write host names: without regard to the case of ASCII letters, and of those only. */
export function isAmong(host: string, hosts: ReadonlySet<string>): boolean {
  return hosts.has(asciiLower(host))
}

/** `k51...` or `k2...`: the base36 CID of a peer ID written in base58, or undefined. */
function peerIdCid(peerId: string): string | undefined {
  try {
    return CID.createV1(LIBP2P_KEY, Digest.decode(base58btc.decode(`z${peerId}`))).toString(base36)
  } catch {
    return undefined
  }
}

function withPort(names: string[], port: number): Set<string> {
  const full = names.map((name) => `${name}:${port}`)
  // browsers leave out the default port
  return new Set(port === HTTP_PORT ? [...full, ...names] : full)
}

// toLowerCase of all Unicode would turn U+212A, the Kelvin sign, into a k
function asciiLower(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
}
