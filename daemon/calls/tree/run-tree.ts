/** Runs a call that asks others, and begins anew where it has to give way to an older one. */
import { MAX_TREE_MS, MAX_TREE_TRIES, RETRY_TIME_SHARE, TREE_PAUSE_SHARE } from '../constants.ts'
import { CallsError } from '../errors.ts'
import type { SignedCall } from '../receipt/signed-call.ts'
import { createPauses, type PauseOptions, pause } from '../remote/again.ts'
import type { Asking, Executed } from '../types.ts'
import { type AnswerAsksParts, createAnswerAsks } from './answer-asks.ts'
import { createEffectsAway } from './effects-away.ts'
import { causeOf, cycle, endsTree } from './failed-ask.ts'
import { createTree, type TreeParts } from './tree.ts'

/** @throws CallsError CALL_BUSY, CALL_CYCLE, and all that a call can be refused with: then nothing of it happened on this node */
export type RunTree = (call: SignedCall, envelope: Uint8Array, asking: Asking) => Promise<Executed>

export function createRunTree(parts: TreeParts & AnswerAsksParts): RunTree {
  const { now } = parts
  return async (call, envelope, asking) => {
    const key = call.service.toString()
    if (call.chain.includes(key)) throw cycle([...call.chain, key])
    const started = now()
    const { tree: share } = asking
    // all nodes have to see the same order of trees: the time is that of whoever took the first call, however wrong its clock is
    const name = { id: call.tree, time: share?.time ?? started }
    const ms = Math.min(MAX_TREE_MS, share?.ms ?? MAX_TREE_MS)
    const deadline = started + ms
    const signal = AbortSignal.any([asking.signal, AbortSignal.timeout(ms)])
    const wait: PauseOptions['wait'] = (longest) => pause(longest * TREE_PAUSE_SHARE, signal)
    const next = createPauses(MAX_TREE_TRIES, { signal, wait })
    // a part of a tree gives way as a whole, to whoever began it
    const isFirst = call.chain.length === 0
    const { callAway, told } = createEffectsAway(parts.callAway)
    for (let tries = 1; ; tries++) {
      const isLastTry = isFirst && (tries > MAX_TREE_TRIES || now() > started + ms * RETRY_TIME_SHARE)
      const tree = createTree(parts, name, (made) => createAnswerAsks({ ...parts, callAway }, made, name))
      try {
        const done = await tree.run(call, envelope, { ...asking, signal, most: share?.most, deadline, isLastTry })
        asking.trace?.lap('commit')
        await tree.commit()
        asking.trace?.lap('durable')
        return done
      } catch (error) {
        await tree.drop()
        if (isFirst && !isLastTry && endsTree(error) && (await next())) continue
        asking.signal.throwIfAborted()
        throw told(signal.aborted ? tookTooLong(error) : causeOf(error))
      }
    }
  }
}

function tookTooLong(cause: unknown): CallsError {
  const message = `The call, with what it asked others for, took longer than it may.`
  return new CallsError('TIMED_OUT', message, 'nothing was changed on its host: try again, or ask for less', { cause })
}
