/** Calls of services on other nodes: what they answer proves what was done. */
import { createRecent } from '../../../registry/home/recent.ts'
import { MAX_KNOWN_LIARS } from '../constants.ts'
import { beforeSending, resending } from '../receipt/outcome.ts'
import type { CheckAnswer } from '../receipt/receipt.ts'
import type { Remote } from '../remote/remote.ts'
import type { Executed } from '../types.ts'
import type { Abroad } from './abroad.ts'
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
  abroad: Abroad
  checkAnswer: CheckAnswer
  now: () => number
}

export interface DoneAway {
  /** by the word of its host */
  done: Executed
  /** Checks the proof. @throws CallsError ANSWER_INVALID */
  prove(): Promise<void>
}

/** @throws whatever the host refused it with; CallsError OUTCOME_UNKNOWN */
export type CallAway = (route: Route & { host: string }, envelope: Uint8Array, share: Share) => Promise<DoneAway>

export function createCallAway({ remote, abroad, checkAnswer, now }: AwayParts): CallAway {
  /** when hosts did not prove what they said: they are not believed any more before they do */
  const liars = createRecent(MAX_KNOWN_LIARS)

  return async ({ service, host, abroad: network }, envelope, { tree, most, ms, signal }) => {
    const share = { time: tree.time, most, ms }
    const callBy = (by: Pick<Remote, 'call'>): Promise<Executed> =>
      resending((onSent) => by.call(host, envelope, { signal, onSent, tree: share }), { signal })
    // nobody calls in the name of a service but its host; what a call says of its outcome counts
    const done = await (network === undefined
      ? callBy(remote)
      : beforeSending(abroad(network, { signal, byInvite: true }, (there) => callBy(there.remote))))
    const prove = async (): Promise<void> => {
      try {
        await checkAnswer(done, { envelope, service, host })
      } catch (error) {
        liars.note(host, now())
        throw error
      }
    }
    if (liars.at(host) !== undefined) await prove()
    return { done, prove }
  }
}
