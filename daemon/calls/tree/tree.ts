/** A call with all that it has other services do. What of it happens on this node is one batch on the disk, or nothing. specs/imports.md. */

import type { CID } from 'multiformats/cid'
import { StoreError } from '../../store/errors.ts'
import type { History } from '../../store/types.ts'
import type { CallRequest, Content, Effects, Outcome, Vm } from '../../vm/types.ts'
import { MAX_TREE_BYTES, MAX_TREE_CALLS } from '../constants.ts'
import { callFailed } from '../errors.ts'
import type { SignedCall } from '../receipt/signed-call.ts'
import { admit } from '../run/admit.ts'
import { limitsFor } from '../run/call-limits.ts'
import { isSealed } from '../run/check-access.ts'
import { type Done, executedBy, type NextCommit, nextCommit } from '../run/commit-group.ts'
import type { ContentNeeded, ContentSource, Needed } from '../run/content.ts'
import type { ExecutedBefore } from '../run/executed-before.ts'
import { entryKey } from '../run/executed-before.ts'
import { notTheHost } from '../run/group-step.ts'
import type { Instances } from '../run/instances.ts'
import { turnCame } from '../run/stopwatch.ts'
import { encodeEvents } from '../stream/events.ts'
import type { Asking, Executed } from '../types.ts'
import { contentInTree } from './content-in-tree.ts'
import { TreeCallFailed } from './failed-ask.ts'
import { type Held, hold } from './held.ts'
import { encodeInputs } from './inputs.ts'
import type { Lines, TreeName } from './lines.ts'
import { correct, type Unproven } from './unproven.ts'

/** For what a call may take of its tree. */
export interface TreeAsking extends Asking {
  /** units of gas, of it and all below it; undefined: what its contract gives */
  most?: bigint | undefined
  /** when it has to be over, in milliseconds since 1970 */
  deadline: number
  /** the tree will not begin anew: what is busy is told to whoever asked for it */
  isLastTry: boolean
}

/** A call that asks others. */
export interface Asker {
  call: SignedCall
  held: Held
  asking: TreeAsking
}

/** Makes what a call asks for. @param first the place of the first of these asks. Rejects where the whole tree is to end. */
export type AnswerAsks = (
  asker: Asker,
  asks: NonNullable<(Outcome & { ok: false })['error']['asks']>,
  first: number,
) => Promise<Unproven[]>

export interface TreeParts {
  vm: Vm
  history: History
  instances: Instances
  content: ContentSource
  executedBefore: ExecutedBefore
  lines: Lines
  now: () => number
  /** tells the network that content is to be had here. @default it is not told */
  provide?: ((cid: CID) => void) | undefined
}

export interface Tree {
  /** Makes a call; durable only when the tree is. @throws TreeCallFailed, and whatever went wrong: then the call left no trace */
  run(call: SignedCall, envelope: Uint8Array, asking: TreeAsking): Promise<Executed>
  /** The same, and what it did is undone if `check` throws. */
  attempt<T>(make: () => Promise<T>): Promise<T>
  /** For what its calls read, and its questions. */
  readonly content: ContentSource
  /** A service that the tree has already. */
  heldOf(service: CID): Held | undefined
  /** Ends the tree: all that was done is durable when it returns. */
  commit(): Promise<void>
  /** Ends the tree: nothing was done. */
  drop(): Promise<void>
}

export function createTree(parts: TreeParts, name: TreeName, answerAsks: (tree: Tree) => AnswerAsks): Tree {
  const { vm, history, executedBefore, now, provide } = parts
  const draft = history.draft()
  const held = new Map<string, Held>()
  let part: readonly string[] | undefined
  /** `bytes` are those of all so far */
  let made: { next: NextCommit; held: Held; writes: readonly Content[]; bytes: number }[] = []
  const written = (cid: string): Uint8Array | undefined =>
    made.flatMap(({ writes }) => writes).find((one) => one.cid === cid)?.bytes
  const content = contentInTree(parts.content, written)

  const holding = async (call: SignedCall, asking: Asking): Promise<Held> => {
    const key = call.service.toString()
    const known = held.get(key)
    if (known !== undefined) return known
    const id = call.id.toString()
    part ??= [...call.chain, key]
    const holds = held.size > 0 || call.chain.length > 0
    const one = await hold(parts, call.service, { tree: name, part, call: id, chain: call.chain, holds }, asking)
    held.set(key, one)
    return one
  }

  /** The call is part of the tree from here on. */
  const keep = async (one: Held, done: Done, request: CallRequest, change: Parameters<typeof nextCommit>[2]) => {
    const { instance } = one
    const { time } = request.context
    const { service } = instance.head
    try {
      const bytes = (made.at(-1)?.bytes ?? 0) + bytesOf(done, change)
      if (bytes > MAX_TREE_BYTES) throw tooMuch()
      const next = nextCommit(instance, [done], change, { time, engine: vm.engine })
      const head = await draft.add(service, next.commit)
      one.kept.push({ at: made.length, request, root: change.root, head, time })
      made.push({ next, held: one, writes: done.outcome.writes, bytes })
      instance.head = head
      instance.time = time
      instance.hosts ??= await executedBefore.hosts(service, head.epoch)
      return executedBy(head, instance.hosts, [done])[0]!
    } catch (error) {
      await one.reopen()
      throw error
    }
  }

  const backTo = async (commits: number): Promise<void> => {
    draft.keep(commits)
    made = made.slice(0, commits)
    for (const one of held.values()) await one.backTo(commits)
  }

  const end = async (isDurable: boolean): Promise<void> => {
    // what is on the disk is there, whatever becomes of what the VM holds
    await Promise.allSettled([...held.values()].map((one) => one.release(isDurable)))
    held.clear()
  }

  const tree: Tree = {
    async run(call, envelope, asking) {
      const entry = entryKey(call.id)
      const lookup = executedBefore.lookups.begin(entry)
      const one = await holding(call, asking)
      const { instance } = one
      const { from, signal, most, trace } = asking
      if (trace !== undefined) turnCame(trace, instance.opening)
      const before = await executedBefore.lookups.end(entry, lookup)
      if (before !== undefined) return executedBefore.read(before)
      if (!instance.head.hosted) throw notTheHost()
      const admitted = admit(instance, { call, envelope, from, time: Math.max(now(), instance.time) })
      const inputs: Unproven[] = []
      trace?.lap('admit')

      const attempt = async (needed: Needed): Promise<Executed | ContentNeeded> => {
        for (;;) {
          signal.throwIfAborted()
          // before it is made: undoing it would take as long as all that was made before
          if (made.length >= MAX_TREE_CALLS) throw tooMuch()
          const request: CallRequest = {
            ...admitted,
            answers: inputs.map(({ answer }) => answer),
            ...(needed.size > 0 && { content: await content.read(needed) }),
          }
          const running = one.inVm((open) => vm.call(open, request, { signal, asks: inputs.length === 0 }))
          const [{ outcome, change }, isWrong] = await Promise.all([running, correct(inputs)])
          trace?.lap('run')
          if (isWrong) {
            if (outcome.ok) await one.reopen()
            continue
          }
          if (!outcome.ok) {
            const { error, gas } = outcome
            if (error.needs !== undefined) return { needs: error.needs }
            if (error.code === 'CANCELLED') signal.throwIfAborted()
            if (error.asks === undefined)
              throw new TreeCallFailed(callFailed(error, limitsFor(instance.contract.manifest.limits, from)), gas)
            inputs.push(...(await answers({ call, held: one, asking }, error.asks, inputs.length)))
            trace?.lap('asked')
            continue
          }
          if (most !== undefined && outcome.gas > most) {
            await one.reopen()
            throw new TreeCallFailed(tooMuchGas(most), outcome.gas)
          }
          const { result, gas } = outcome
          const events = encodeEvents(outcome.events)
          const record = { envelope, result, gas, ...(events && { events }) }
          const recorded = inputs.length === 0 ? record : { ...record, inputs: encodeInputs(inputs) }
          return keep(one, { key: entry, outcome, record: recorded }, request, change!)
        }
      }
      return content.supply(attempt, asking)
    },
    async attempt(make) {
      const commits = made.length
      try {
        return await make()
      } catch (error) {
        if (made.length > commits) await backTo(commits)
        throw error
      }
    },
    content,
    heldOf: (service) => held.get(service.toString()),
    async commit() {
      try {
        if (draft.length > 0) await draft.write()
        else draft.drop()
      } catch (error) {
        await end(false)
        throw error
      }
      executedBefore.lookups.note(made.flatMap(({ next }) => next.entries))
      for (const { next, held: one } of made) {
        if (!isSealed(one.instance.contract)) for (const cid of next.written) provide?.(cid)
      }
      await end(true)
    },
    async drop() {
      draft.drop()
      await end(false)
    },
  }
  const answers = answerAsks(tree)
  return tree
}

/** What is kept in memory of a call until its tree ends. */
function bytesOf({ record, outcome }: Done, { delta }: NonNullable<Effects['change']>): number {
  const { envelope, result, inputs, events } = record
  const written = outcome.writes.reduce((sum, one) => sum + one.bytes.length, 0)
  return envelope.length + result.length + (inputs?.length ?? 0) + (events?.length ?? 0) + delta.bytes.length + written
}

const tooMuch = (): StoreError =>
  new StoreError(
    'COMMIT_TOO_LARGE',
    `A call and what it asks for make at most ${MAX_TREE_CALLS} commits of ${MAX_TREE_BYTES} bytes on one node.`,
  )

const tooMuchGas = (most: bigint) =>
  callFailed({
    code: 'OUT_OF_GAS',
    message: `The call used more than the ${most} units of gas that were left to whoever asked for it.`,
  })
