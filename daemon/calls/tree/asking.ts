/** All that calls and queries need to ask other services, put together. */
import type { CID } from 'multiformats/cid'
import type { History } from '../../store/types.ts'
import type { Vm } from '../../vm/types.ts'
import type { ResolveService } from '../names/resolve.ts'
import type { CheckAnswer } from '../receipt/receipt.ts'
import type { Remote } from '../remote/remote.ts'
import type { ContentSource } from '../run/content.ts'
import type { ExecutedBefore } from '../run/executed-before.ts'
import type { Instances } from '../run/instances.ts'
import type { AnswerQueries, Ask } from '../run/question.ts'
import type { Identity } from '../types.ts'
import type { Abroad } from './abroad.ts'
import { createAnswerQueries } from './answer-queries.ts'
import { createCallAway } from './ask-away.ts'
import { createAskQuery } from './ask-query.ts'
import { type CheckEpoch, createCheckEpoch } from './epochs-seen.ts'
import { createLines } from './lines.ts'
import { createFindRoute, type ForkOf } from './route.ts'
import { createRunTree, type RunTree } from './run-tree.ts'

export interface AskingParts {
  vm: Vm
  history: History
  instances: Instances
  content: ContentSource
  executedBefore: ExecutedBefore
  identity: Identity
  now: () => number
  /** questions to services of this node, which may ask in turn */
  ask: Ask
  remote: Pick<Remote, 'call' | 'query'>
  checkAnswer: CheckAnswer
  resolveService: ResolveService
  forkOf: ForkOf
  abroad: Abroad
  provide?: ((cid: CID) => void) | undefined
}

export interface Asking {
  runTree: RunTree
  answerQueries: AnswerQueries
  checkEpoch: CheckEpoch
  /** whether a call has the service that waits for others */
  isHeld(service: string): boolean
  /** Calls back when a call gets a service that may wait for others with it. Answers how to end it. */
  watchHeld(service: string, onTaken: () => void): () => void
}

export function createAsking(parts: AskingParts): Asking {
  const lines = createLines()
  const findRoute = createFindRoute(parts)
  const askQuery = createAskQuery(parts)
  const callAway = createCallAway(parts)
  return {
    runTree: createRunTree({ ...parts, lines, findRoute, askQuery, callAway }),
    answerQueries: createAnswerQueries({ findRoute, askQuery }),
    checkEpoch: createCheckEpoch(parts),
    isHeld: lines.isHeld,
    watchHeld: lines.watch,
  }
}
