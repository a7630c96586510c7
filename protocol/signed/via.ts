/** What a call says that a service makes rather than a user; specs/imports.md. */
import type { CID } from 'multiformats/cid'
import { MAX_CHAIN, MAX_PROOF_BLOCK_BYTES, MAX_PROOF_BLOCKS, TREE_BYTES } from '../constants.ts'
import type { Via } from '../types.ts'
import { hasExactly, isBytes, isListOf } from '../wire/fields.ts'
import { isServiceId } from './service-id.ts'
import { isUserId } from './user-id.ts'

const FIELDS = ['origin', 'tree', 'chain', 'proof']

/** Only the form is checked: that the signer is the host of the last service of the chain is for whoever can read the proof. */
export function isVia(value: unknown): value is Via {
  if (!hasExactly(value, FIELDS)) return false
  const { origin, tree, chain, proof } = value
  return (
    typeof origin === 'string' &&
    isUserId(origin) &&
    isBytes(tree, TREE_BYTES, TREE_BYTES) &&
    isListOf(chain, MAX_CHAIN, isServiceId) &&
    chain.length > 0 &&
    // a service that stands twice in a chain called itself
    new Set(chain.map((service: CID) => service.toString())).size === chain.length &&
    isListOf(proof, MAX_PROOF_BLOCKS, isProofBlock) &&
    proof.length > 0
  )
}

const isProofBlock = (value: unknown): value is Uint8Array => isBytes(value, 1, MAX_PROOF_BLOCK_BYTES)
