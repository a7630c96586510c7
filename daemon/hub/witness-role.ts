/** What a node does that the manifest names as a witness: it copies the book, and signs what it finds there. */
import type { Handler } from '../../protocol/types.ts'
import type { Contracts } from '../calls/contracts.ts'
import { bookContract } from './book-host.ts'
import { BOOK_START_MS } from './constants.ts'
import { createCoSign, type WitnessParts } from './witness.ts'

/** What other nodes may ask a witness, by method. */
export function createWitnessRole(
  parts: Omit<WitnessParts, 'contract'> & { contracts: Contracts; meta: Parameters<typeof bookContract>[0]['meta'] },
): Record<string, Handler> {
  const contract = async (signal: AbortSignal) => {
    const patience = AbortSignal.any([signal, AbortSignal.timeout(BOOK_START_MS)])
    return (await bookContract(parts, patience)).cid
  }
  return { 'co-sign': createCoSign({ ...parts, contract }) }
}
