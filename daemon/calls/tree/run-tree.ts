/** Runs a call that asks others, and begins anew where it has to give way to an older one. */
import { MAX_TREE_MS, MAX_TREE_TRIES } from '../constants.ts'
import { CallsError } from '../errors.ts'
import type { SignedCall } from '../receipt/signed-call.ts'
import { createPauses } from '../remote/again.ts'
import type { Asking, Executed } from '../types.ts'
import { type AnswerAsksParts, createAnswerAsks } from './answer-asks.ts'
import { causeOf, endsTree } from './failed-ask.ts'
import { createTree, type TreeParts } from './tree.ts'

/** @throws CallsError CALL_BUSY, and all that a call can be refused with: then nothing of it happened on this node */
export type RunTree = (call: SignedCall, envelope: Uint8Array, asking: Asking) => Promise<Executed>

export function createRunTree(parts: TreeParts & AnswerAsksParts): RunTree {
  const { now } = parts
  return async (call, envelope, asking) => {
    const started = now()
    const { tree: share } = asking
    // how old it is, as others say, counts for its turn: nobody is older than a tree can become
    const time = Math.min(started, Math.max(share?.time ?? started, started - 2 * MAX_TREE_MS))
    const name = { id: call.tree, time }
    const deadline = started + Math.min(MAX_TREE_MS, share?.ms ?? MAX_TREE_MS)
    const signal = AbortSignal.any([asking.signal, AbortSignal.timeout(deadline - started)])
    const next = createPauses(call.chain.length === 0 ? MAX_TREE_TRIES : 0, { signal })
    for (;;) {
      const tree = createTree(parts, name, (made) => createAnswerAsks(parts, made, name))
      try {
        const done = await tree.run(call, envelope, { ...asking, signal, most: share?.most, deadline })
        await tree.commit()
        return done
      } catch (error) {
        await tree.drop()
        if (endsTree(error) && (await next())) continue
        asking.signal.throwIfAborted()
        throw signal.aborted ? tookTooLong(error) : causeOf(error)
      }
    }
  }
}

function tookTooLong(cause: unknown): CallsError {
  const message = `The call, with what it asked others for, took longer than it may.`
  return new CallsError('TIMED_OUT', message, 'nothing was changed on its host: try again, or ask for less', { cause })
}
