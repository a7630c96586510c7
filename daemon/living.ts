/** Wires how services begin, change and are split off on this node. */
import { createSerial, type Serial } from '../registry/serial.ts'
import { createDeploy, type Deploy } from './calls/life/deploy.ts'
import { createFork, type Fork } from './calls/life/fork.ts'
import { createImportForks, type ImportForks, type ImportForksParts } from './calls/life/import-forks.ts'
import { createMerge, type Merge } from './calls/life/merge.ts'
import { createRollback, type Rollback } from './calls/life/rollback.ts'
import { createUpgrade, type Upgrade } from './calls/life/upgrade.ts'
import { createCopies } from './calls/names/names.ts'
import { createCarry } from './calls/run/orders.ts'
import { createForkRows } from './calls/tree/fork-rows.ts'
import { createForkOf } from './calls/tree/forks.ts'
import type { ForkOf } from './calls/tree/route.ts'
import type { Identity } from './calls/types.ts'
import { createStartLine } from './calls/versions/start-line.ts'
import { createTryCode } from './calls/versions/try-code.ts'
import type { Hosting } from './hosting.ts'
import type { LocalDatabase } from './store/database-types.ts'

export interface LivingParts extends Pick<ImportForksParts, 'pull'> {
  identity: Identity
  database: Pick<LocalDatabase, 'meta'>
  hosting: Hosting
  now: () => number
  log: (line: string) => void
}

export interface Living {
  deploy: Deploy
  upgrade: Upgrade
  rollback: Rollback
  fork: Fork
  merge: Merge
  forks: ImportForks
  forkOf: ForkOf
  /** a name is read and written by one at a time */
  naming: Serial
}

export function createLiving({ identity, database, hosting, pull, now, log }: LivingParts): Living {
  const { vm, history, contracts, names, replayer, instances, content } = hosting
  const naming = createSerial()
  const carry = createCarry({ identity, instances, now })
  const tryCode = createTryCode({ vm, contracts, content })
  const copies = createCopies(database.meta)
  const rows = createForkRows(database.meta)
  const forks = createImportForks({ rows, history, contracts, names, copies, identity, replayer, pull, now, log })
  const upgrade = createUpgrade({ vm, history, contracts, names, carry, tryCode, forks })
  const startLine = createStartLine({ vm, history, contracts, names, identity, tryCode, forks, now })
  return {
    deploy: createDeploy({ vm, history, contracts, names, identity, upgrade, startLine, forks, naming, now }),
    async upgrade(local, contract, options) {
      await forks.fetch(contract, local.service, options)
      return naming(identity.user, () => upgrade(local, contract, options))
    },
    rollback: createRollback({ history, contracts, carry, forks }),
    fork: createFork({ vm, history, contracts, names, identity, replayer, tryCode, forks, naming, now }),
    merge: createMerge({ vm, history, carry, tryCode, replayer }),
    forks,
    forkOf: createForkOf({ rows, history }),
    naming,
  }
}
