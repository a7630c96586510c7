/** Wires how histories and contracts are brought here from other nodes. */
import type { Pulls } from '../protocol/pull/types.ts'
import type { Resolve } from './calls/names/resolve.ts'
import { createMend } from './calls/pull/mend.ts'
import { createPull, type Pull, type PullParts } from './calls/pull/pull.ts'
import { createPullBulk } from './calls/pull/pull-bulk.ts'
import { createPullHistory } from './calls/pull/pull-history.ts'
import { createPullSealed } from './calls/pull/pull-sealed.ts'
import type { LocalDatabase } from './store/database-types.ts'
import type { LocalHistory } from './store/types.ts'

export interface PullingParts extends Pick<PullParts, 'identity' | 'remote' | 'fetcher' | 'replayer' | 'contracts'> {
  history: LocalHistory
  pulls: Pick<Pulls, 'pull'>
  database: LocalDatabase
}

/** @returns how to pull by names that are resolved in one way or another */
export function createPulling(parts: PullingParts): (resolve: Resolve) => Pull {
  const { identity, history, fetcher, remote, pulls, database } = parts
  const pullBulk = createPullBulk({ pulls, identity, scope: database.scope })
  const pullSealed = createPullSealed({ remote, fetcher, scope: database.scope })
  const pullHistory = createPullHistory({ pullBulk, pullSealed, remote, fetcher })
  const mend = createMend({ identity, history, fetcher, remote })
  return (resolve) => createPull({ ...parts, pullBulk, pullHistory, mend, resolve })
}
