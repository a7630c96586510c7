/** Takes what changed in the service that a fork comes from into the fork: a three-way merge of logical states, as its contract does it. */
import type { CID } from 'multiformats/cid'
import type { Head, History, Trust } from '../../store/types.ts'
import type { Vm } from '../../vm/types.ts'
import { CallsError } from '../errors.ts'
import type { LocalReplayer } from '../replay/replayer.ts'
import { type Instance, isWrong, notHere } from '../run/instances.ts'
import type { Carry, Order } from '../run/orders.ts'
import type { TryCode } from '../versions/try-code.ts'
import { openable } from '../view/commit-of.ts'
import { MERGE } from './lifecycle.ts'
import { mergeArguments } from './merge-order.ts'
import { upgradeOf } from './upgrade.ts'
import { upstreamOf } from './upstream.ts'

export interface Merged {
  /** the service that was taken from, its commit that both came from, and the one that was taken in */
  upstream: CID
  base: CID
  from: CID
  /** undefined if nothing was to be done */
  head?: Head
  warnings: string[]
}

/**
 * @param service a fork of this node; what is here of its upstream is taken
 * @throws CallsError NOT_A_FORK, MERGE_UNSUPPORTED, MERGE_CONFLICT, UPGRADE_FAILED_TRIAL, SERVICE_NOT_FOUND, PRUNED, NOT_THE_HOST, NOT_THE_OWNER
 */
export type Merge = (service: CID, options: { signal: AbortSignal }) => Promise<Merged>

export interface MergeParts {
  vm: Pick<Vm, 'engine'>
  history: History
  carry: Carry
  tryCode: TryCode
  replayer: Pick<LocalReplayer, 'behind' | 'mismatch'>
}

export function createMerge({ vm, history, carry, tryCode, replayer }: MergeParts): Merge {
  return async (service, { signal }) => {
    const before = await history.head(service)
    if (before === undefined) throw notHere(service)
    const { service: upstream, base } = await upstreamOf(history, before, { signal })
    const other = await history.head(upstream)
    if (other === undefined) throw upstreamMissing(upstream)
    const mismatch = replayer.mismatch(upstream)
    if (mismatch) throw isWrong(upstream, mismatch)
    const theirs = other.commit
    const found = { upstream, base, from: theirs }
    if (theirs.equals(base)) return { ...found, warnings: [`nothing is new in ${upstream}: it has all of it`] }
    const [common, newest] = [await openable(history, upstream, base), await openable(history, upstream, theirs)]

    const task = async ({ key, head, owner, contract }: Instance, order: Order): Promise<Merged> => {
      const now = head.commit.equals(before.commit) ? base : (await upstreamOf(history, head, { signal })).base
      if (!now.equals(base)) throw mergedMeanwhile(service)
      const old = { from: key, service: key, owner, parent: head.commit }
      const sides = {
        base: () => history.image(upstream, common.cid),
        theirs: () => history.image(upstream, newest.cid),
      }
      const tried = await tryCode(old, order, contract, { signal, sides })
      const { also, ...next } = upgradeOf(contract, tried, order, vm)
      const trust = weaker(head.trust, other.trust)
      const written = { ...next, also, parent: head.commit, forced: false, trust }
      const merged = await history.upgrade(service, written)
      if (trust === 'signed') replayer.behind(service)
      const isOther = !newest.contract.equals(head.contract)
      const warnings = isOther ? [`${upstream} runs other code, ${newest.contract}: what was merged is its state`] : []
      return { ...found, head: merged, warnings: [...warnings, ...tried.warnings] }
    }
    const args = () => mergeArguments({ upstream, base, theirs })
    return carry(service, { method: MERGE, args }, task, signal)
  }
}

/** A state is worth no more than what it was made of. */
const ORDER: readonly Trust[] = ['signed', 'replayed', 'own']
const weaker = (a: Trust, b: Trust): Trust => (ORDER.indexOf(a) < ORDER.indexOf(b) ? a : b)

function upstreamMissing(upstream: CID): CallsError {
  const message = `The service ${upstream}, of which it was forked, is not on this node.`
  return new CallsError('SERVICE_NOT_FOUND', message, 'bring it here: amigo pull --upstream NAME')
}

function mergedMeanwhile(service: CID): CallsError {
  const message = `Something else was merged into ${service}, or it went back, meanwhile.`
  return new CallsError('SERVICE_BUSY', message, 'nothing was changed: try again')
}
