import type { StoreErrorCode } from './errors.ts'
import { StoreError } from './errors.ts'

const KNOWN: Record<string, { code: StoreErrorCode; message: string }> = {
  LEVEL_LOCKED: { code: 'STORE_LOCKED', message: 'The database is in use by another process.' },
  LEVEL_CORRUPTION: { code: 'STORE_CORRUPT', message: 'The database is damaged.' },
  LEVEL_INVALID_ARGUMENT: { code: 'STORE_CORRUPT', message: 'The database was not written by this program.' },
  LEVEL_DATABASE_NOT_OPEN: { code: 'STORE_CLOSED', message: 'The database is closed.' },
  LEVEL_ITERATOR_NOT_OPEN: { code: 'STORE_CLOSED', message: 'The database is closed.' },
}

const OTHER = { code: 'STORE_UNAVAILABLE', message: 'The database could not be read or written.' } as const

/**
 * The coded error for what LevelDB threw. Its own message is left out: it holds paths of this machine.
 * A failed open says LEVEL_DATABASE_NOT_OPEN with the reason as its cause, so the cause comes first.
 */
export const fromLevelError = (error: unknown): StoreError => {
  if (error instanceof StoreError) return error
  const source = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const { code, message } = KNOWN[codeOf(source)] ?? OTHER
  return new StoreError(code, message)
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
