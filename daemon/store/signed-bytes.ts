/** What is signed in a history, byte for byte: a domain, so that no signature is good for two purposes, and canonical dag-cbor. */
import * as dagCbor from '@ipld/dag-cbor'
import type { CID } from 'multiformats/cid'
import type { CommitBody } from './commit-body.ts'
import { COMMIT_DOMAIN, HANDOVER_DOMAIN } from './constants.ts'

/** What the owner puts the name to: after this commit of this service, the key `host` signs, in this epoch. */
export interface HandoverOrder {
  service: CID
  /** the last commit of the epoch before */
  parent: CID
  /** the new one: the parent's plus 1 */
  epoch: number
  /** libp2p protobuf bytes of the new host's key */
  host: Uint8Array
}

/** What the host signs of each commit: specs/history.md, "Commit". */
export const commitBytes = (body: CommitBody): Uint8Array => inDomain(COMMIT_DOMAIN, body)

/** What the owner signs: specs/history.md, "Handover". */
export const handoverBytes = ({ service, parent, epoch, host }: HandoverOrder): Uint8Array =>
  inDomain(HANDOVER_DOMAIN, { service, parent, epoch, host })

const inDomain = (domain: string, record: unknown): Uint8Array =>
  Buffer.concat([Buffer.from(domain), dagCbor.encode(record)])
