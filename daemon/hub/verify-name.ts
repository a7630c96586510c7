/** Checks a username to the ground: its record against the manifest, the book executed again, its entry compared. */
import { parseName } from '../../registry/grammar/name.ts'
import { decodeName } from '../../registry/names/name-record.ts'
import type { ResolvedName, Usernames } from '../../registry/names/types.ts'
import type { Methods } from '../api/vocabulary.ts'
import type { Ask } from '../calls/run/question.ts'
import type { Identity, Waiting } from '../calls/types.ts'
import type { VerifyUseCase } from '../calls/view/verify.ts'
import { differenceOf } from './entry.ts'
import { lookUp } from './listed.ts'

type Answer = Methods['verify']['result']

export interface VerifyNameParts {
  identity: Identity
  usernames: Pick<Usernames, 'resolve'>
  /** of the book, whose name is `CID@COMMIT` */
  verifyBook: VerifyUseCase['service']
  ask: Ask
}

/** Undefined if the text is no username: a service, a commit, a user ID. */
export type VerifyName = (text: string, waiting: Waiting) => Promise<Answer | undefined>

export function createVerifyName({ identity, usernames, verifyBook, ask }: VerifyNameParts): VerifyName {
  const { suffix, registrars } = identity.network

  const compare = async (found: ResolvedName, verified: Answer, { signal }: Waiting): Promise<Answer['mismatch']> => {
    const { username, book, commit } = found.record
    const listed = await lookUp(ask, { book, username, at: commit }, { from: 'local', signal })
    const difference = differenceOf(found.record, listed)
    if (difference === undefined) return undefined
    const place = { commit: commit.toString(), seq: verified.commits - 1, call: null }
    return { ...place, what: 'entry', expected: `${found.user}`, found: difference }
  }

  return async (text, waiting) => {
    const name = parseName(text, { suffix })
    if (name.kind !== 'page' || name.network !== null || 'key' in name.owner || registrars.length === 0)
      return undefined
    const found = await usernames.resolve(name.owner.username, waiting)
    const { book, commit, ...record } = found.record
    const username: Answer['username'] = {
      ...{ username: record.username, user: found.user, seq: record.seq },
      issued: new Date(record.issued).toISOString(),
      expires: new Date(record.expires).toISOString(),
      ...{ book: book.toString(), commit: commit.toString(), registrar: registrars[0]! },
      witnesses: decodeName(found.bytes).sigs.length - 1,
      ...{ source: found.source, age: found.age },
    }
    const verified = await verifyBook(`${book}@${commit}`, waiting)
    const mismatch = verified.mismatch ?? (await compare(found, verified, waiting))
    return { ...verified, ok: mismatch === undefined, ...(mismatch && { mismatch }), username }
  }
}
