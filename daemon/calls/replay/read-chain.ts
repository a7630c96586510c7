/** The commits of a history as a replay reads them: each has the hash it is named by, and its host's signature. */
import type { CID } from 'multiformats/cid'
import { verifyBlock } from '../../store/block.ts'
import { decodeCommit } from '../../store/commit-codec.ts'
import type { Commit } from '../../store/types.ts'
import { CallsError } from '../errors.ts'
import { type Compare, createCompare } from './mismatch.ts'
import type { ReplayParts } from './types.ts'

/** A commit by its place in the history. */
export interface Place {
  cid: CID
  seq: number
}

/**
 * The commits up to `to`, oldest first, from the genesis on or from the one after `after`. Each takes some 100 bytes of memory.
 *
 * @throws ReplayMismatch `block`; CallsError NOT_A_COMMIT
 */
export async function readChain(
  parts: ReplayParts,
  to: Place,
  after: CID | undefined,
  signal: AbortSignal,
): Promise<Place[]> {
  const found: Place[] = []
  for (let next: Place | undefined = to; next !== undefined; ) {
    signal.throwIfAborted()
    if (after !== undefined && next.cid.equals(after)) break
    found.push(next)
    const { parent } = decoded(createCompare(next), next.cid, await blockOf(parts, next)) as { parent?: CID }
    next = parent && { cid: parent, seq: next.seq - 1 }
  }
  return found.reverse()
}

/** @throws ReplayMismatch `block`, `signature` */
export async function readCommit(parts: ReplayParts, place: Place): Promise<Commit> {
  const compare = createCompare(place)
  decoded(compare, place.cid, await blockOf(parts, place))
  try {
    return await parts.history.commit(place.cid)
  } catch (error) {
    const { code } = error as { code?: string }
    if (code === 'BAD_SIGNATURE') compare.same('signature', "its host's", 'another')
    if (code === 'BLOCK_INVALID') compare.same('block', 'well-formed', 'malformed')
    throw error
  }
}

function decoded(compare: Compare, cid: CID, bytes: Uint8Array) {
  try {
    verifyBlock(cid, bytes)
    return decodeCommit(cid, bytes).body
  } catch (error) {
    compare.same('block', 'a commit with this hash', 'other bytes')
    throw error
  }
}

async function blockOf({ database }: ReplayParts, { cid }: Place): Promise<Uint8Array> {
  const bytes = await database.blocks.get(cid)
  if (bytes !== undefined) return bytes
  throw new CallsError('NOT_A_COMMIT', `The commit ${cid} is not on this node.`, 'pull the service again')
}
