/** Asks of services on other nodes: calls whose answer proves what was done, and questions, whose answer is their host's word. */
import { resending } from '../receipt/outcome.ts'
import type { CheckAnswer } from '../receipt/receipt.ts'
import type { Remote } from '../remote/remote.ts'
import type { Executed } from '../types.ts'
import { broke } from './failed-ask.ts'
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

/** @throws whatever the host refused it with; CallsError IMPORT_BROKE, ANSWER_INVALID, OUTCOME_UNKNOWN */
export type CallAway = (route: Route & { host: string }, envelope: Uint8Array, share: Share) => Promise<Executed>

export function createCallAway({ remote, checkAnswer }: AwayParts): CallAway {
  return ({ name, service, host }, envelope, { tree, most, ms, signal }) =>
    resending(
      async (onSent) => {
        const answer = await remote.call(host, envelope, { signal, onSent, tree: { time: tree.time, most, ms } })
        await checkAnswer(answer, { envelope, service, host })
        if (answer.gas > most) throw broke(name, `it used ${answer.gas} units of gas, and ${most} were left`)
        return answer
      },
      { signal },
    )
}
