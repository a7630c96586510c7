import { CID } from 'multiformats/cid'
import { notACommit } from './ask.ts'

/** A commit as somebody typed it. @throws CallsError NOT_A_COMMIT */
export function parseCommit(text: string): CID {
  try {
    return CID.parse(text)
  } catch {
    throw notACommit(text)
  }
}
