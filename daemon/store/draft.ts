/** Commits of several services that become durable together, or not at all: each is signed on the one before it, and nothing is written until the end. */
import type { CID } from 'multiformats/cid'
import type { SignedRow } from './append-commit.ts'
import type { HeadRow } from './bookkeeping.ts'
import type { Write } from './database-types.ts'
import type { Appended, Draft, NewCommit } from './types.ts'

export interface DraftParts {
  /** Nobody else writes to the service from here on. Gives its head, if that is known. @throws StoreError APPEND_CONFLICT */
  take(service: CID): HeadRow | undefined
  /** Others may again. @param row where it stands now; undefined: where it stood */
  release(service: CID, row: HeadRow | undefined): void
  sign(service: CID, commit: NewCommit, known: HeadRow | undefined): Promise<SignedRow>
  write(writes: readonly Write[]): Promise<void>
  show(signed: SignedRow): Appended
}

export const createDraft = ({ take, release, sign, write, show }: DraftParts): Draft => {
  /** by service, as they stood before */
  const taken = new Map<string, { service: CID; before: HeadRow | undefined }>()
  let signed: SignedRow[] = []

  const rowOf = (key: string): HeadRow | undefined => signed.findLast(({ row }) => row.service.toString() === key)?.row

  const end = (isWritten: boolean): void => {
    for (const [key, { service }] of taken) release(service, isWritten ? rowOf(key) : undefined)
    taken.clear()
    signed = []
  }

  return {
    get length() {
      return signed.length
    },
    async add(service, commit) {
      const key = service.toString()
      const { before } = taken.get(key) ?? { before: take(service) }
      taken.set(key, { service, before })
      const next = await sign(service, commit, rowOf(key) ?? before)
      signed.push(next)
      return show(next)
    },
    keep(length) {
      signed = signed.slice(0, length)
    },
    async write() {
      const all = signed
      try {
        await write(all.flatMap(({ writes }) => writes))
      } catch (error) {
        end(false)
        throw error
      }
      for (const { written } of all) written()
      end(true)
    },
    drop: () => end(false),
  }
}
