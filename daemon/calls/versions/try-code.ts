/** New code on the state of a service, in a place of its own: what comes of it can be written down, or forgotten. */
import { randomBytes } from 'node:crypto'
import type { CID } from 'multiformats/cid'
import { heapBytesOf } from '../../contract/limits.ts'
import type { Contract } from '../../contract/types.ts'
import { VmError } from '../../vm/errors.ts'
import type { Origin, Outcome, Vm } from '../../vm/types.ts'
import { callFailed } from '../errors.ts'
import type { Contracts } from '../life/contracts.ts'
import { migrate } from '../life/lifecycle.ts'
import { mergeStates, type Sides } from '../life/merge-states.ts'
import { checkTrial, failedTrial, notMerged } from '../life/trial.ts'
import type { ContentNeeded, ContentSource, Needed } from '../run/content.ts'
import { contextOf } from '../run/context.ts'
import type { Order } from '../run/orders.ts'
import { decodeResult } from '../values.ts'

/** What the new code is tried on. */
export interface OldService {
  /** the open instance with the old state */
  from: string
  /** as which the new code runs: its ID, and user ID of its owner */
  service: string
  owner: string
  /** the commit that the one of the new code follows */
  parent: CID
}

export interface Tried {
  outcome: Outcome & { ok: true }
  origin: Origin
  /** CIDs that it read or wrote */
  content: readonly string[]
  /** what of the old state the new code has no place for */
  warnings: string[]
}

export interface TryOptions {
  signal: AbortSignal
  /** what else is merged into the state. @default it is taken over as it is */
  sides?: Sides | undefined
}

/** @throws CallsError UPGRADE_FAILED_TRIAL, CONTENT_NOT_FOUND, with `sides` MERGE_UNSUPPORTED, MERGE_CONFLICT */
export type TryCode = (old: OldService, order: Order, contract: Contract, options: TryOptions) => Promise<Tried>

export interface TryCodeParts {
  vm: Vm
  contracts: Pick<Contracts, 'module'>
  content: ContentSource
}

export function createTryCode({ vm, contracts, content }: TryCodeParts): TryCode {
  /** The new service is closed again before this returns. */
  const attempt = async (
    { from, service, owner, parent }: OldService,
    { envelope, time }: Order,
    contract: Contract,
    needed: Needed,
    { signal, sides }: TryOptions,
  ): Promise<Tried | ContentNeeded> => {
    const to = `upgrade/${randomBytes(8).toString('hex')}`
    const given = await content.read(needed)
    const context = contextOf({ caller: owner, owner, service }, envelope, parent, time)
    const options = { heapBytes: heapBytesOf(contract.manifest.limits) }
    const module = await contracts.module(contract)
    try {
      const migration = { from, to, module, options, context, content: given, signal }
      const made = sides === undefined ? await migrate(vm, migration) : await mergeStates(vm, migration, sides)
      const { outcome, origin } = made
      const isUnread = 'stage' in made ? made.stage === 'read' : made.isUnread
      if (!outcome.ok) {
        if (outcome.error.needs !== undefined) return { needs: outcome.error.needs }
        if (outcome.error.code === 'CANCELLED') signal.throwIfAborted()
        if ('stage' in made && made.stage === 'merge') throw notMerged(contract, outcome.error)
        const what = isUnread ? 'the old state could not be written down' : 'the state was not taken over'
        throw failedTrial(contract, what, callFailed(outcome.error))
      }
      await checkTrial(vm, { key: to, contract, context, signal })
      const used = new Set([...outcome.reads, ...outcome.writes.map(({ cid }) => cid)])
      return { outcome, origin: origin!, content: [...used], warnings: lossOf(outcome) }
    } catch (error) {
      if (error instanceof VmError && error.code === 'TOO_LARGE') {
        throw failedTrial(contract, 'its state is too large to be taken over', error)
      }
      throw error
    } finally {
      await vm.close(to)
    }
  }

  return (old, order, contract, options) =>
    content.supply((needed) => attempt(old, order, contract, needed, options), options)
}

function lossOf({ result }: { result: Uint8Array }): string[] {
  const { dropped } = decodeResult(result) as { dropped?: string[] }
  return (dropped ?? []).map(
    (path) => `${path} of the old state is not taken over: the new code has nothing of that name`,
  )
}
