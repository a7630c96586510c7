/** Wires how histories and contracts are brought here from other nodes. */
import type { Pulls } from '../protocol/pull/types.ts'
import type { Implementation } from './api/vocabulary.ts'
import type { Resolve } from './calls/names/resolve.ts'
import { createFetchContract } from './calls/pull/fetch-contract.ts'
import { createMend } from './calls/pull/mend.ts'
import { createPull, type Pull, type PullParts } from './calls/pull/pull.ts'
import { createPullBulk } from './calls/pull/pull-bulk.ts'
import { createPullContract } from './calls/pull/pull-contract.ts'
import { createPullHistory } from './calls/pull/pull-history.ts'
import { createPullSealed } from './calls/pull/pull-sealed.ts'
import type { Fetcher } from './node/fetch.ts'
import type { LocalDatabase } from './store/database-types.ts'
import type { LocalHistory } from './store/types.ts'

export interface PullingParts extends Pick<PullParts, 'identity' | 'remote' | 'replayer' | 'contracts'> {
  fetcher: Fetcher
  history: LocalHistory
  pulls: Pick<Pulls, 'pull'>
  database: LocalDatabase
}

export interface Pulling {
  /** how to pull by names that are resolved in one way or another */
  pullBy(resolve: Resolve): Pull
  /** the same for contracts alone, as others are compiled against them */
  contractBy(resolve: Resolve): Implementation['contract']
}

export function createPulling(parts: PullingParts): Pulling {
  const { identity, history, fetcher, remote, pulls, database } = parts
  const pullBulk = createPullBulk({ pulls, identity, scope: database.scope })
  const pullSealed = createPullSealed({ remote, fetcher, scope: database.scope })
  const pullHistory = createPullHistory({ pullBulk, pullSealed, remote, fetcher })
  const mend = createMend({ identity, history, fetcher, remote })
  const pullContract = createPullContract({ ...parts, pullBulk })
  return {
    pullBy: (resolve) => createPull({ ...parts, pullContract, pullHistory, mend, resolve }),
    contractBy: (resolve) => createFetchContract({ ...parts, pullContract, resolve }),
  }
}
