import type { LocalDatabase } from '../../daemon/store/database-types.ts'

/** The next write of a database, held back. */
export interface HeldCommit {
  /** resolves when somebody wants to write */
  begun: Promise<void>
  /** Lets it be written; or fail with this. */
  release(failure?: Error): void
}

/** Holds back the next write, and no other: what is made meanwhile is made on something that is not durable. */
export function holdNextCommit(database: LocalDatabase): HeldCommit {
  const { commit } = database
  const [begun, held] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  database.commit = async (writes) => {
    database.commit = commit
    begun.resolve()
    await held.promise
    return commit(writes)
  }
  return {
    begun: begun.promise,
    release: (failure) => (failure ? held.reject(failure) : held.resolve()),
  }
}
