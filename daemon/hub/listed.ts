/** What the book says of a name, as it comes out of the virtual machine. */
import type { CID } from 'multiformats/cid'
import { CallsError } from '../calls/errors.ts'
import type { Ask } from '../calls/run/question.ts'
import type { Answered } from '../calls/types.ts'
import { decodeResult, encodeArguments } from '../calls/values.ts'

/** The book's answer about a name, at one of its commits. */
export interface Listed {
  state: 'held' | 'grace' | 'free' | 'reserved'
  /** user ID */
  user: string | null
  /** milliseconds since 1970 */
  expires: number | null
  commit: CID
}

export interface Lookup {
  book: CID
  username: string
  /** a commit of the book; @default its last durable one */
  at?: CID
}

export async function lookUp(
  ask: Ask,
  { book, username, at }: Lookup,
  asking: { from: string; signal: AbortSignal },
): Promise<Listed> {
  const question = { service: book, method: 'lookup', args: encodeArguments([username]), caller: '', at }
  const answered = await ask(question, asking)
  return { ...readListed(answered), commit: answered.commit }
}

const STATES: ReadonlySet<unknown> = new Set(['held', 'grace', 'free', 'reserved'])

/** @throws CallsError ANSWER_INVALID: a book is code, and code may be another than it should be */
export function readListed({ result }: Pick<Answered, 'result'>): Omit<Listed, 'commit'> {
  const { state, user, expires } = (decodeResult(result) ?? {}) as Record<string, unknown>
  const isHeld = state === 'held' || state === 'grace'
  if (STATES.has(state) && (isHeld ? typeof user === 'string' && Number.isSafeInteger(expires) : user === null))
    return { state, user, expires: expires ?? null } as Listed
  throw new CallsError('ANSWER_INVALID', 'The book of usernames gave no valid answer.', 'its code is not ours')
}
