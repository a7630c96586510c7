import type { Database, History } from '../../store/types.ts'
import type { Vm } from '../../vm/types.ts'
import type { Contracts } from '../contracts.ts'
import type { Identity } from '../types.ts'

export interface ReplayParts {
  /** of its own, so that the services in use do not wait for it */
  vm: Vm
  history: History
  database: Database
  contracts: Contracts
  identity: Identity
}
