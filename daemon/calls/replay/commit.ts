/** Executes one commit again on the state before it, and compares everything that its host signed of it. */
import type { CID } from 'multiformats/cid'
import { heapBytesOf } from '../../contract/limits.ts'
import { sameBytes } from '../../store/block.ts'
import type { Commit, CommitKind } from '../../store/commit-types.ts'
import type { Verify } from '../../store/database-types.ts'
import { isOrdered } from '../../store/handover.ts'
import type { Vm } from '../../vm/types.ts'
import { REPLAY_WATCHDOG_MS } from '../constants.ts'
import { MERGE, migrate, NO_RESULT, ROLLBACK, serviceOf, UPGRADE } from '../life/lifecycle.ts'
import { type MergeOrder, mergeArguments, mergeOrderOf } from '../life/merge-order.ts'
import { contextOf, genesisRequest } from '../run/context.ts'
import { type Callee, compareContent, ended, type ReplayCalls } from './calls.ts'
import { compareCall, compareDelta, type Difference, difference, hex } from './compare.ts'
import { replayMerge } from './merge.ts'
import type { ReplaySource } from './source.ts'

/** A service in the VM of the replay, as a commit left it. */
export interface Stage extends Callee {
  /** the last commit that was executed */
  last: Commit
}

export interface ReplayCommitParts {
  vm: Vm
  source: ReplaySource
  calls: ReplayCalls
  verify: Verify
  /** a name in the VM that nobody else uses */
  newKey: () => string
}

/** @param before what the commit was made on; absent for the first commit of all */
export type ReplayCommit = (commit: Commit, before: Stage | undefined) => Promise<Stage | Difference>

/** Whether a replay ended in a difference rather than in the next state. */
export const isDifference = (found: object): found is Difference => 'what' in found

const NONE = new Uint8Array(0)

type ByKind = { [K in CommitKind]: (commit: Commit, before: Stage) => Promise<Stage | Difference> }

export function createReplayCommit({ vm, source, calls, verify, newKey }: ReplayCommitParts): ReplayCommit {
  /** The order of the owner that such a commit has in place of calls: the difference, if it is another one. */
  const checkOrder = async (
    commit: Commit,
    method: string,
    args: unknown[],
    owner: string,
  ): Promise<Difference | undefined> => {
    if (commit.calls.length !== 1) return difference('calls', null, 'one order of the owner', commit.calls.length)
    const opened = await calls.open(commit)
    if (!Array.isArray(opened)) return opened
    const order = opened[0]!
    const said = [order.caller, order.method, Buffer.from(order.args).toString()].join(' ')
    const wanted = [owner, method, JSON.stringify(args)].join(' ')
    return said === wanted ? undefined : difference('envelope', 0, wanted, said)
  }

  const merge = async (commit: Commit, before: Stage, order: MergeOrder): Promise<Stage | Difference> => {
    const wrong = await checkOrder(commit, MERGE, mergeArguments(order), before.owner)
    if (wrong) return wrong
    const key = newKey()
    const found = await replayMerge({ vm, source }, { commit, before, order, to: key })
    if (isDifference(found)) return found
    const other = compareRoot(commit, found.root)
    if (other) return other
    await vm.close(before.key)
    return { ...before, key, last: commit }
  }

  const byKind: ByKind = {
    async genesis(commit) {
      const { owner } = commit.genesis!
      const contract = await source.contract(commit.contract)
      const callee = { key: newKey(), contract, owner }
      const { limits, ...request } = genesisRequest(commit.genesis!, commit.time)
      const init = { ...request, limits: { ...limits, wallMs: REPLAY_WATCHDOG_MS } }
      const options = { heapBytes: heapBytesOf(contract.manifest.limits) }
      const { outcome, origin } = await vm.genesis(callee.key, await source.module(contract), init, options)
      const made = ended(outcome)
      if (!made.ok)
        return difference('failed', null, 'a service that starts', `${made.error.code}: ${made.error.message}`)
      return compareRoot(commit, origin!.root) ?? { ...callee, last: commit }
    },

    async step(commit, before) {
      const found = await calls.run(commit, before)
      if (isDifference(found)) return found
      return (
        compareContract(commit, before.contract.cid) ??
        compareDelta(await source.delta(commit), found.delta) ??
        compareRoot(commit, found.root) ?? { ...before, last: commit }
      )
    },

    async upgrade(commit, before) {
      const order = mergeOrderOf(commit)
      if (order !== undefined) return merge(commit, before, order)
      const wrong = await checkOrder(commit, UPGRADE, [commit.contract.toString(), commit.forced], before.owner)
      if (wrong) return wrong
      const contract = await source.contract(commit.contract)
      const key = newKey()
      const [record] = commit.calls
      const who = { caller: before.owner, owner: before.owner, service: serviceOf(commit).toString() }
      const { outcome, origin } = await migrate(vm, {
        from: before.key,
        to: key,
        module: await source.module(contract),
        options: { heapBytes: heapBytesOf(contract.manifest.limits) },
        context: contextOf(who, record!.envelope, commit.parent, commit.time),
        content: await source.content(commit),
        wallMs: REPLAY_WATCHDOG_MS,
      })
      const found =
        compareCall(0, record!, ended(outcome)) ??
        compareContent(commit, [outcome]) ??
        compareRoot(commit, origin!.root)
      if (found) return found
      await vm.close(before.key)
      return { ...before, key, contract, last: commit }
    },

    async rollback(commit, before) {
      const wrong = await checkOrder(commit, ROLLBACK, [commit.from!.toString()], before.owner)
      if (wrong) return wrong
      const [record] = commit.calls
      const nothing = {
        ok: true as const,
        result: NO_RESULT,
        gas: 0n,
        logs: [],
        events: [],
        reads: [],
        writes: [],
        asks: [],
      }
      const said = compareCall(0, record!, nothing)
      if (said) return said
      const target = await source.ancestor(commit)
      const found = compareContract(commit, target.contract) ?? compareRoot(commit, target.root)
      if (found) return found
      await vm.close(before.key)
      const key = newKey()
      await vm.open(key, await source.image(target))
      return { ...before, key, contract: await source.contract(target.contract), last: commit }
    },

    // another service, with the state of the one before it
    fork: async (commit, before) =>
      compareContract(commit, before.contract.cid) ??
      compareRoot(commit, before.last.root) ?? { ...before, owner: commit.genesis!.owner, last: commit },

    async handover(commit, before) {
      const { service, parent, epoch, host, handover } = commit
      const order = { service: service!, parent: parent!, epoch, host, handover: handover! }
      const { owner } = before
      if (!(await isOrdered({ owner, nonce: NONE, args: NONE }, order, verify)))
        return difference('handover', null, `the word of ${owner}`, 'none')
      return (
        compareContract(commit, before.contract.cid) ??
        compareRoot(commit, before.last.root) ?? { ...before, last: commit }
      )
    },
  }

  // only a genesis has nothing before it: the plan begins with one, or with a state
  return (commit, before) => byKind[commit.kind](commit, before!)
}

function compareRoot({ root }: Commit, found: Uint8Array): Difference | undefined {
  return sameBytes(root, found) ? undefined : difference('root', null, hex(root), hex(found))
}

function compareContract({ contract }: Commit, found: CID): Difference | undefined {
  return contract.equals(found) ? undefined : difference('contract', null, contract, found)
}
