/** Parameters of the local API that are written as text. */
import { CID } from 'multiformats/cid'
import { CallsError } from '../errors.ts'
import { notACommit } from '../view/commit-of.ts'

/** @throws CallsError NOT_A_COMMIT */
export function parseCommit(text: string): CID {
  try {
    return CID.parse(text)
  } catch {
    throw notACommit(text)
  }
}

/** @throws CallsError REQUEST_FIELD_INVALID */
export function parseTime(text: string): number {
  const time = Date.parse(text)
  if (!Number.isNaN(time)) return time
  const message = `"${text.slice(0, 64)}" is not a time.`
  throw new CallsError('REQUEST_FIELD_INVALID', message, 'write it like 2026-01-31T12:00:00Z')
}
