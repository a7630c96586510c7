/** The calls of a group on their way: from those whose turn it is to what the VM is to run. */
import type { CallRequest, Outcome } from '../../vm/types.ts'
import { MAX_GROUP_BYTES } from '../constants.ts'
import { CallsError } from '../errors.ts'
import type { SignedCall } from '../receipt/signed-call.ts'
import type { Executed } from '../types.ts'
import { admit } from './admit.ts'
import type { ContentNeeded, ContentSource, Needed } from './content.ts'
import type { ExecutedBefore } from './executed-before.ts'
import type { Instance } from './instances.ts'
import type { Lookup } from './lookups.ts'
import type { LapName, Stopwatch } from './stopwatch.ts'

/** A call whose signature was checked, as it waits for its turn. */
export interface Turn {
  call: SignedCall
  envelope: Uint8Array
  /** under which its answer is kept */
  key: string
  /** whether it was executed before */
  lookup: Lookup
  from: string
  /** Aborted when its caller does not wait for it any more: it is dropped, or ended in the middle. */
  signal: AbortSignal
  /** it may not begin later, in milliseconds since 1970 */
  deadline: number
  /** the content it reads, as far as that is known */
  needed: Needed
  trace?: Stopwatch | undefined
}

/** A call that is to come back with more content, or asks other services, and is no call for a group. */
export type Unfinished = ContentNeeded | { asks: true }

/** What comes of a turn. */
export type TurnResult = PromiseSettledResult<Executed | Unfinished>

/** A call of a group, until it is known what became of it. */
export interface Step {
  turn: Turn
  request?: CallRequest
  outcome?: Outcome
  settled?: TurnResult
}

export interface GatherParts {
  executedBefore: ExecutedBefore
  content: ContentSource
  now: () => number
}

/** The steps of the first turns: as many as fit together, and none of them the same call twice. */
export type Gather = (instance: Instance, turns: readonly Turn[], time: number) => Promise<Step[]>

export function createGather({ executedBefore, content, now }: GatherParts): Gather {
  /** The step of a call that need not, or must not, be run; or the step with what to run. */
  const prepare = async (instance: Instance, turn: Turn, time: number) => {
    const { call, envelope, from, deadline, needed } = turn
    try {
      const entry = await executedBefore.lookups.end(turn.key, turn.lookup)
      if (entry !== undefined) return settled(turn, await executedBefore.read(entry))
      if (!instance.head.hosted) throw notTheHost()
      if (now() > deadline) throw waitedTooLong()
      const request = admit(instance, { call, envelope, from, time })
      if (needed.size > 0) request.content = await content.read(needed)
      return { turn, request }
    } catch (reason) {
      return { turn, settled: { status: 'rejected', reason } } satisfies Step
    }
  }

  return async (instance, turns, time) => {
    const taken = new Map<string, Turn>()
    let bytes = 0
    // whether that call is executed now is about to be known
    if (turns[0] && instance.writing?.keys.has(turns[0].key)) await instance.writing.ended
    for (const turn of turns) {
      if (instance.writing?.keys.has(turn.key)) break
      bytes += turn.envelope.length
      for (const length of turn.needed.values()) bytes += length
      if (taken.has(turn.key) || (bytes > MAX_GROUP_BYTES && taken.size > 0)) break
      taken.set(turn.key, turn)
    }
    return Promise.all([...taken.values()].map((turn) => prepare(instance, turn, time)))
  }
}

/** What the time of those was spent on that are traced. */
export function lap(steps: readonly Step[], name: LapName): void {
  for (const { turn } of steps) turn.trace?.lap(name)
}

export const settled = (turn: Turn, value: Executed | ContentNeeded): Step => ({
  turn,
  settled: { status: 'fulfilled', value },
})

export function notTheHost(): CallsError {
  const hint = 'ask the host; amigo resolve NAME says who that is'
  return new CallsError('NOT_THE_HOST', 'This node only holds a copy of the service.', hint)
}

function waitedTooLong(): CallsError {
  const message = 'The call waited longer than its caller allowed.'
  return new CallsError('SERVICE_BUSY', message, 'nothing was changed: try again')
}
