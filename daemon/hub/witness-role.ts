/** What a node does that the manifest names as a witness: it copies the book, and signs what it finds there. */
import type { CID } from 'multiformats/cid'
import type { Handler } from '../../protocol/types.ts'
import { bookContract } from './book-host.ts'
import { BOOK_START_MS } from './constants.ts'
import { createCoSign, type WitnessParts } from './witness.ts'

export interface WitnessRole {
  /** what the hub may ask, by method */
  handlers: Record<string, Handler>
  /** Compiles the book in the background, so that the first who registers need not wait for it. */
  start(): void
  stop(): void
}

export function createWitnessRole(
  parts: Omit<WitnessParts, 'contract'> & Parameters<typeof bookContract>[0],
): WitnessRole {
  const stopping = new AbortController()
  let compiling: Promise<CID> | undefined

  const contract = (): Promise<CID> => {
    const patience = AbortSignal.any([stopping.signal, AbortSignal.timeout(BOOK_START_MS)])
    compiling ??= bookContract(parts, patience).then(({ cid }) => cid)
    compiling.catch(() => {
      compiling = undefined
    })
    return compiling
  }

  return {
    handlers: { 'co-sign': createCoSign({ ...parts, contract }) },
    start: () =>
      void contract().catch(() => parts.log('the book of usernames could not be compiled; it is tried again')),
    stop: () => stopping.abort(),
  }
}
