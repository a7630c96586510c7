import type { CID } from 'multiformats/cid'
import { cidFrom, DAG_CBOR, sameBytes } from './block.ts'
import { type CommitBody, isFirst } from './commit-body.ts'
import type { SignedCommit } from './commit-codec.ts'
import { checkSignature, decodeCommit } from './commit-codec.ts'
import type { Blocks, Verify } from './database-types.ts'
import { StoreError } from './errors.ts'
import type { SignedFirst } from './handover.ts'
import { need } from './payload.ts'

export interface ChainComponents {
  blocks: Blocks
  verify: Verify
}

export interface WalkOptions {
  signal?: AbortSignal | undefined
  /** commits to read at most */
  budget: number
}

/** A commit of this service, or of any if none is given, its signature checked. @throws StoreError BLOCK_MISSING, BLOCK_INVALID, BAD_SIGNATURE, BROKEN_CHAIN */
export const readCommit = async (
  { blocks, verify }: ChainComponents,
  service: CID | undefined,
  cid: CID,
): Promise<SignedCommit> => {
  const commit = decodeCommit(cid, await need(blocks, cid))
  await checkSignature(commit, verify)
  if (service && !serviceOf(commit).equals(service)) throw broken('belongs to another service', cid)
  return commit
}

/**
 * The parent of a commit, which must be what the child says: one before it, of the same service, and of the same
 * host and epoch, unless the child is a handover. Whether the owner gave a handover its word is not asked here.
 * The hash in the child vouches for it, so its own signature is asked only when `verify` is given.
 */
export const readParent = async (child: SignedCommit, blocks: Blocks, verify?: Verify): Promise<SignedCommit> => {
  if (isFirst(child.body)) throw broken('is the first and has no parent', child.cid)
  const { body } = child
  const parent = decodeCommit(body.parent, await need(blocks, body.parent))
  if (verify) await checkSignature(parent, verify)
  const follows =
    parent.body.seq === body.seq - 1 &&
    sameBytes(parent.body.root, body.before) &&
    (body.kind === 'handover' ? parent.body.epoch === body.epoch - 1 : isSameHost(body, parent.body)) &&
    (NEW_CODE.has(body.kind) || isSameCode(body, parent.body)) &&
    serviceOf(parent).equals(body.service)
  if (!follows) throw broken('does not follow its parent', child.cid)
  return parent
}

/** What runs changes with these kinds alone. */
const NEW_CODE: ReadonlySet<CommitBody['kind']> = new Set<CommitBody['kind']>(['upgrade', 'rollback'])

const isSameHost = (a: CommitBody, b: CommitBody): boolean => a.epoch === b.epoch && sameBytes(a.host, b.host)

/** Whether contract and engine are the same: one engine makes nothing of another's memory. */
export const isSameCode = (a: CommitBody, b: CommitBody): boolean =>
  a.contract.equals(b.contract) && a.engine.equals(b.engine)

/** The first commit of a service, which is always kept: it says who owns it and whose key signs first. */
export const readFirst = async (components: ChainComponents, service: CID): Promise<SignedFirst> => {
  const { body, ...commit } = await readCommit(components, undefined, service)
  if (isFirst(body)) return { ...commit, body }
  throw broken('is not the first of a service', service)
}

/** A genesis names itself: it cannot hold its own hash. */
export const serviceOf = ({ cid, body }: SignedCommit): CID => (isFirst(body) ? cid : body.service)

/** A list of CIDs of commits that holds 32 bytes for each, however long it gets. */
export interface CommitList {
  readonly length: number
  push(cid: CID): void
  at(index: number): CID
}

/** An empty list; 32 bytes for each commit in it. */
export const createCommitList = (): CommitList => {
  const digests: Uint8Array[] = []
  return {
    get length() {
      return digests.length
    },
    // a copy: the digest of a decoded link is a view that would keep its whole block in memory
    push: (cid) => void digests.push(Uint8Array.from(cid.multihash.digest)),
    at: (index) => cidFrom(DAG_CBOR, digests[index]!),
  }
}

/** BROKEN_CHAIN. @param what completes "A commit" */
export const broken = (what: string, cid: CID): StoreError => new StoreError('BROKEN_CHAIN', `A commit ${what}.`, [cid])
