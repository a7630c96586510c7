/** The book of usernames on a node that is not its host: brought here up to a commit, and executed again. */
import type { CID } from 'multiformats/cid'
import { CallsError } from '../calls/errors.ts'
import type { Pull } from '../calls/pull/pull.ts'
import { DAMAGED } from '../calls/replay/replayer.ts'
import type { Replayer, Waiting } from '../calls/types.ts'
import type { Commit } from '../store/commit-types.ts'
import type { History } from '../store/types.ts'

export interface BookCopy {
  /**
   * The commit, once it and everything below it was executed again here.
   *
   * @throws CallsError COMMIT_NOT_FOUND if it is none of the book, REPLAY_MISMATCH; StoreError EQUIVOCATION, BROKEN_CHAIN, ...
   */
  upTo(book: CID, commit: CID, waiting: Waiting): Promise<Commit>
}

export interface BookCopyParts {
  history: Pick<History, 'head' | 'at' | 'commit'>
  /** from the hub, by the CID of the service */
  pull: Pull
  replayer: Pick<Replayer, 'now'>
}

export function createBookCopy({ history, pull, replayer }: BookCopyParts): BookCopy {
  /** If it is here, and lies below the head. */
  const find = async (book: CID, cid: CID): Promise<Commit | undefined> => {
    if ((await history.head(book)) === undefined) return undefined
    const commit = await history.commit(cid).catch(() => undefined)
    if (commit === undefined || !(commit.service ?? cid).equals(book)) return undefined
    return (await history.at(book, commit.seq))?.equals(cid) ? commit : undefined
  }

  return {
    async upTo(book, cid, waiting) {
      const known = await find(book, cid)
      if (known === undefined) await pull(book.toString(), waiting)
      const commit = known ?? (await find(book, cid))
      if (commit === undefined) {
        const message = `The book of usernames has no commit ${cid}.`
        throw new CallsError('COMMIT_NOT_FOUND', message, 'the hub signed what its book does not say: keep the record')
      }
      const { mismatch } = await replayer.now(book, waiting)
      if (mismatch === undefined || mismatch.seq > commit.seq) return commit
      if (mismatch.what === DAMAGED) {
        const hint = `fetch it again: amigo pull ${book} --check`
        throw new CallsError('BLOCK_DAMAGED', 'The copy of the book on this node is damaged.', hint)
      }
      const message = `Commit ${mismatch.seq} of the book of usernames is not what its code computes: ${mismatch.what}.`
      throw new CallsError('REPLAY_MISMATCH', message, 'do not rely on the hub of this network')
    },
  }
}
