/** Calls of services on other nodes: what they answer proves what was done. */
import { resending } from '../receipt/outcome.ts'
import type { CheckAnswer } from '../receipt/receipt.ts'
import type { Remote } from '../remote/remote.ts'
import type { Executed } from '../types.ts'
import type { TreeName } from './lines.ts'
import type { Route } from './route.ts'

/** What another node may take for its part of a tree. */
export interface Share {
  tree: TreeName
  /** units of gas */
  most: bigint
  /** milliseconds */
  ms: number
  signal: AbortSignal
}

export interface AwayParts {
  remote: Pick<Remote, 'call'>
  checkAnswer: CheckAnswer
}

/** @throws whatever the host refused it with; CallsError ANSWER_INVALID, OUTCOME_UNKNOWN */
export type CallAway = (route: Route & { host: string }, envelope: Uint8Array, share: Share) => Promise<Executed>

export function createCallAway({ remote, checkAnswer }: AwayParts): CallAway {
  return ({ service, host }, envelope, { tree, most, ms, signal }) =>
    resending(
      async (onSent) => {
        const answer = await remote.call(host, envelope, { signal, onSent, tree: { time: tree.time, most, ms } })
        await checkAnswer(answer, { envelope, service, host })
        return answer
      },
      { signal },
    )
}
