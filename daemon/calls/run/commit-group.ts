/** Makes a group of calls durable: one commit, one synced write. The next group may run on its state while it is written. */
import * as dagCbor from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import type { CallRecord } from '../../store/commit-types.ts'
import { MAX_CONTENT_PER_COMMIT } from '../../store/constants.ts'
import type { Write } from '../../store/database-types.ts'
import { StoreError } from '../../store/errors.ts'
import { keepWrite } from '../../store/keep.ts'
import type { Appended, History, NewCommit } from '../../store/types.ts'
import type { GroupEffects, Outcome, Vm } from '../../vm/types.ts'
import { encodeEvents } from '../stream/events.ts'
import type { Executed } from '../types.ts'
import { isSealed } from './check-access.ts'
import { type ExecutedBefore, type Hosts, proofOf } from './executed-before.ts'
import type { Step } from './group-step.ts'
import type { Instance } from './instances.ts'

export interface CommitGroupParts {
  vm: Vm
  history: History
  executedBefore: ExecutedBefore
  /** tells the network that content is to be had here. @default it is not told */
  provide?: (cid: CID) => void
}

/** A call that succeeded. */
export interface Done {
  /** under which its answer is kept */
  key: string
  outcome: Outcome & { ok: true }
  record: CallRecord
}

export function doneOf(steps: readonly Step[]): Done[] {
  return steps.flatMap(({ turn, outcome }) => {
    if (!outcome?.ok) return []
    const { result, gas } = outcome
    const events = encodeEvents(outcome.events)
    return [{ key: turn.key, outcome, record: { envelope: turn.envelope, result, gas, ...(events && { events }) } }]
  })
}

/** CIDs of what the calls read and wrote, each once. */
function contentOf(done: readonly Done[]): Set<string> {
  return new Set(done.flatMap(({ outcome: { reads, writes } }) => [...reads, ...writes.map(({ cid }) => cid)]))
}

/**
 * Begins the commit: it is signed when this returns, and the instance stands at it. What each call did, in the order given, is told once it is
 * durable; if that fails nothing of it is.
 *
 * @throws StoreError COMMIT_TOO_LARGE, and all others
 */
export type CommitGroup = (
  instance: Instance,
  done: readonly Done[],
  change: NonNullable<GroupEffects['change']>,
  time: number,
) => Promise<{ answers: Promise<Executed[]> }>

export function createCommitGroup({ vm, history, executedBefore, provide }: CommitGroupParts): CommitGroup {
  return async (instance, done, { delta, root }, time) => {
    const { commit: made, entries, written } = nextCommit(instance, done, { delta, root }, { time, engine: vm.engine })
    const { durable, ...appended } = await history.begin(instance.head.service, made)
    instance.head = appended
    instance.time = time
    const { service, epoch } = appended

    const answer = async (): Promise<Executed[]> => {
      await durable
      executedBefore.lookups.note(entries)
      if (!isSealed(instance.contract)) for (const cid of written) provide?.(cid)
      instance.hosts ??= await executedBefore.hosts(service, epoch)
      return executedBy(appended, instance.hosts, done)
    }
    return { answers: answer() }
  }
}

/** A commit that is to be made, and what is to be done when it is durable. */
export interface NextCommit {
  commit: NewCommit
  /** filled when the commit is signed: under which its calls are found again */
  entries: Entry[]
  /** content that the calls wrote */
  written: CID[]
}

/** The commit of calls that succeeded on an open service. @throws StoreError COMMIT_TOO_LARGE */
export function nextCommit(
  { head }: Pick<Instance, 'head'>,
  done: readonly Done[],
  { delta, root }: NonNullable<GroupEffects['change']>,
  { time, engine }: { time: number; engine: string },
): NextCommit {
  const content = contentOf(done)
  if (content.size > MAX_CONTENT_PER_COMMIT) throw tooMuchContent(content.size)
  const written = done.flatMap(({ outcome }) => outcome.writes)
  const entries: Entry[] = []
  const commit: NewCommit = {
    parent: head.commit,
    contract: head.contract,
    engine: CID.parse(engine),
    time,
    calls: done.map(({ record }) => record),
    delta,
    root,
    content: [...content].map((cid) => CID.parse(cid)),
    also: (cid) => {
      entries.push(...done.map(({ key }, index) => entryOf(key, cid, index)))
      return [
        ...written.map((one): Write => ({ put: 'block', cid: CID.parse(one.cid), bytes: one.bytes })),
        ...[...content].map((one) => keepWrite(CID.parse(one))),
        ...entries,
      ]
    },
  }
  return { commit, entries, written: written.map(({ cid }) => CID.parse(cid)) }
}

/** What each call of a commit did, with what proves it. */
export function executedBy(appended: Appended, hosts: Hosts, done: readonly Done[]): Executed[] {
  const { commit, seq } = appended
  return done.map(({ outcome: { result, gas, logs }, record: { events } }, index) => ({
    ...{ result, gas, commit, seq, index, logs },
    ...(events && { events }),
    ...hosts,
    ...proofOf(appended, index),
  }))
}

/** Under which a call is found again. */
export type Entry = Extract<Write, { put: 'meta' }>

const entryOf = (key: string, commit: CID, index: number): Entry => ({
  put: 'meta',
  key,
  value: dagCbor.encode({ commit, index }),
})

const tooMuchContent = (count: number): StoreError =>
  new StoreError('COMMIT_TOO_LARGE', `${count} pieces of content are too many for one commit.`)
