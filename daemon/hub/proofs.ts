/** What proves that the hub lied: kept for whoever is to see it. */
import * as dagCbor from '@ipld/dag-cbor'
import type { CID } from 'multiformats/cid'
import type { Meta } from '../store/database-types.ts'
import { MAX_PROOFS } from './constants.ts'

const PREFIX = 'hub/proof/'

/** Codes of what only a hub can have made. */
const PROVES: ReadonlySet<string> = new Set([
  'BOOK_REPLACED',
  'RECORD_CONFLICT',
  'COMMIT_NOT_FOUND',
  'EQUIVOCATION',
  'REPLAY_MISMATCH',
  'BROKEN_CHAIN',
  'BAD_SIGNATURE',
])

export const isProof = (error: unknown): boolean => PROVES.has((error as { code?: string }).code ?? '')

export interface Proof {
  time: number
  code: string
  why: string
  /** the name record that the hub signed */
  record: Uint8Array
  /** commits that contradict each other */
  commits: string[]
}

export interface Proofs {
  /** The first so many: one would do. */
  keep(record: Uint8Array, error: unknown): Promise<void>
  all(): Promise<Proof[]>
}

export function createProofs(meta: Pick<Meta, 'put' | 'list'>, now: () => number): Proofs {
  const all = async (): Promise<Proof[]> => {
    const found: Proof[] = []
    for await (const { value } of meta.list(PREFIX)) found.push(dagCbor.decode<Proof>(value))
    return found
  }
  return {
    all,
    async keep(record, error) {
      const { length } = await all()
      if (length >= MAX_PROOFS) return
      const { code, message, cids = [] } = error as { code: string; message: string; cids?: CID[] }
      const proof: Proof = { time: now(), code, why: message, record, commits: cids.map(String) }
      await meta.put(`${PREFIX}${String(length).padStart(3, '0')}`, dagCbor.encode(proof))
    },
  }
}
