/** Wires what looks at histories and states: those of this node, and copies that are fetched to be looked at. */
import { createReading, type Reading } from './calls/methods/reading.ts'
import type { Called } from './calls/names/called.ts'
import type { ResolveService } from './calls/names/resolve.ts'
import { createGetCopy, type GetCopy } from './calls/pull/copy.ts'
import type { Pull } from './calls/pull/pull.ts'
import type { Identity } from './calls/types.ts'
import { type CompareStates, createCompareStates } from './calls/view/compare-states.ts'
import { createNameUsage } from './calls/view/name-usage.ts'
import { createReadHistory, type ReadHistory } from './calls/view/read-history.ts'
import { createReadState, type ReadState } from './calls/view/read-state.ts'
import { createReadUsage } from './calls/view/read-usage.ts'
import { createVerify } from './calls/view/verify.ts'
import { type Hosting, verify } from './hosting.ts'
import type { Naming } from './naming.ts'
import type { PassingBlocks } from './node/passing-blocks.ts'
import type { LocalDatabase } from './store/database-types.ts'

export interface LookingParts {
  identity: Identity
  database: LocalDatabase
  passing: PassingBlocks
  hosting: Hosting
  resolveService: ResolveService
  pull: Pull
  verifyName: Naming['verifyName']
  called: Called
}

export interface Looking {
  getCopy: GetCopy
  readState: ReadState
  readHistory: ReadHistory
  compareStates: CompareStates
  reading: Reading
}

export function createLooking(parts: LookingParts): Looking {
  const { identity, database, passing, hosting, resolveService, pull, verifyName, called } = parts
  const { vm, history, contracts, instances, content, replayer } = hosting
  const getCopy = createGetCopy({ identity, history, resolveService, pull })
  const readState = createReadState({ vm, history, contracts, instances, content, passing })
  const readHistory = createReadHistory({ history, blocks: database.blocks, replayer })
  const compareStates = createCompareStates(readState)
  const reading = createReading({
    ...{ identity, getCopy, readHistory, readState, compareStates, verifyName },
    readUsage: createNameUsage(createReadUsage({ history }), called),
    verify: createVerify({ history, getCopy, replayer, verify }),
  })
  return { getCopy, readState, readHistory, compareStates, reading }
}
