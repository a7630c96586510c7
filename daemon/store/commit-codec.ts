import type { CID } from 'multiformats/cid'
import type { Block } from './block.ts'
import { cborBlock } from './block.ts'
import { decodeCanonical } from './canonical.ts'
import type { CommitBody } from './commit-body.ts'
import { MAX_COMMIT_BYTES, SIGNATURE_BYTES } from './constants.ts'
import type { Signer, Verify } from './database-types.ts'
import { StoreError } from './errors.ts'
import { fieldsOf } from './fields.ts'
import { asCommitBody } from './read-commit-body.ts'
import { commitBytes } from './signed-bytes.ts'

export interface SignedCommit {
  cid: CID
  body: CommitBody
  /** by the key in `body.host`, over the domain and the canonical bytes of the body */
  sig: Uint8Array
}

/** Signs a body and makes its block. @throws StoreError COMMIT_TOO_LARGE, STATE_INVALID */
export const sealCommit = async (body: CommitBody, signer: Signer): Promise<Block> => {
  try {
    asCommitBody(body)
  } catch {
    // better refused here than found unreadable later
    throw new StoreError('STATE_INVALID', 'What was handed over for a commit is out of range.')
  }
  const sig = await signer.sign(commitBytes(body))
  const block = cborBlock({ body, sig })
  if (block.bytes.length > MAX_COMMIT_BYTES) {
    throw new StoreError('COMMIT_TOO_LARGE', `A commit block of ${block.bytes.length} bytes is too large.`)
  }
  return block
}

/** Reads a commit block without checking who signed it. @throws StoreError BLOCK_INVALID, BLOCK_TOO_LARGE */
export const decodeCommit = (cid: CID, bytes: Uint8Array): SignedCommit => {
  const fields = fieldsOf(decodeCanonical(bytes, MAX_COMMIT_BYTES), 'commit block')
  const sig = fields.bytes('sig', { min: SIGNATURE_BYTES, max: SIGNATURE_BYTES })
  const body = asCommitBody(fields.take('body'))
  fields.end()
  return { cid, body, sig }
}

/** @throws StoreError BAD_SIGNATURE */
export const checkSignature = async ({ cid, body, sig }: SignedCommit, verify: Verify): Promise<void> => {
  let holds = false
  try {
    holds = await verify(body.host, commitBytes(body), sig)
  } catch {
    // a key that is no point of the curve, for example: as good as a wrong signature
  }
  if (!holds) throw new StoreError('BAD_SIGNATURE', 'A commit is not signed by the host it names.', [cid])
}
