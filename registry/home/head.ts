/** Says that a service has moved on: signed with the key of the node that runs it. specs/registry.md, "Pushing". */
import type { CID } from 'multiformats/cid'
import { fieldsOf } from '../codec.ts'
import { HEAD_DOMAIN, MAX_CLOCK_SKEW_MS, MAX_HEAD_BYTES, MAX_LIFETIME_MS, MAX_RECORD_DEPTH } from '../constants.ts'
import { isCborLink } from '../link.ts'
import type { Signer } from '../types.ts'
import { peerIdOfKey } from '../user-id.ts'
import { checkTerms, isSignedBy, judgeTerms, openRecord, readingRecord, sealRecord } from './signed.ts'
import type { HeadNews } from './types.ts'

const LIMITS = { bytes: MAX_HEAD_BYTES, depth: MAX_RECORD_DEPTH, items: 32 }
const FIELDS = ['v', 'network', 'node', 'service', 'commit', 'seq', 'time'] as const

/** @throws {RegistryError} RECORD_INVALID for fields out of bounds */
export async function signHead(signer: Signer, news: Omit<HeadNews, 'node'>): Promise<Uint8Array> {
  const { network, service, commit, seq, time } = news
  const body = { v: 1, network, node: signer.publicKey, service, commit, seq, time }
  const bytes = await sealRecord(signer, HEAD_DOMAIN, body)
  open(bytes)
  return bytes
}

/**
 * Reads and judges it. Whether the node runs that service for anybody is in lists.
 * @throws {RegistryError} RECORD_INVALID, RECORD_WRONG_NETWORK, RECORD_FROM_FUTURE, SIGNATURE_INVALID, RECORD_EXPIRED
 */
export async function verifyHead(
  bytes: Uint8Array,
  { network, now }: { network: string; now: number },
): Promise<HeadNews> {
  const { news, parts, publicKey } = open(bytes)
  const terms = { network: news.network, seq: news.seq, issued: news.time, expires: news.time + MAX_LIFETIME_MS }
  const context = { key: new Uint8Array(), network, now }
  await judgeTerms(terms, context, () => isSignedBy(publicKey, HEAD_DOMAIN, parts))
  return news
}

function open(bytes: Uint8Array) {
  return readingRecord(() => {
    const parts = openRecord(bytes, LIMITS)
    const { v, network, node, service, commit, seq, time } = fieldsOf(parts.body, FIELDS)
    if (v !== 1) throw new Error('its version is not 1')
    if (!(node instanceof Uint8Array)) throw new Error('its node is not a key')
    if (!isCborLink(service) || !isCborLink(commit)) throw new Error('its links are not CIDs of dag-cbor blocks')
    if (typeof time !== 'number' || time > Number.MAX_SAFE_INTEGER - MAX_LIFETIME_MS - MAX_CLOCK_SKEW_MS)
      throw new Error('its time is no time')
    const terms = checkTerms({ network, seq, issued: time, expires: time + MAX_LIFETIME_MS })
    const news = { network: terms.network, node: peerIdOfKey(node), seq: terms.seq, time: terms.issued }
    return { news: { ...news, service: service as CID, commit: commit as CID }, parts, publicKey: node }
  })
}
