/** Brings a service or a contract here: code, history and state, so that it can be read and queried with its host away. */

import type { CID } from 'multiformats/cid'
import { createSerial } from '../../../registry/serial.ts'
import type { Methods } from '../../api/vocabulary.ts'
import { newSeal } from '../../store/seal.ts'
import type { History } from '../../store/types.ts'
import { CallsError } from '../errors.ts'
import type { Contracts } from '../life/contracts.ts'
import type { Resolve, ServiceTarget } from '../names/resolve.ts'
import type { Remote } from '../remote/remote.ts'
import { DAMAGED } from '../replay/replayer.ts'
import { isSealed } from '../run/check-access.ts'
import type { Identity, Replayer, Target, Waiting } from '../types.ts'
import type { Mend } from './mend.ts'
import { filesOf, type PullContract } from './pull-contract.ts'
import { type PullHistory, sum } from './pull-history.ts'
import { linksToFetch } from './pull-links.ts'
import type { Moved } from './pull-sealed.ts'

type Pulled = Methods['pull']['result']

export interface PullParts {
  identity: Identity
  resolve: Resolve
  remote: Remote
  pullContract: PullContract
  pullHistory: PullHistory
  mend: Mend
  replayer: Replayer
  history: History
  contracts: Contracts
}

export interface PullOptions extends Waiting {
  /** answer only when the history has been executed again here. @default false: that is done behind the answer */
  verify?: boolean | undefined
  /** look through what is here already, and fetch again what the disk lost or damaged. @default false */
  check?: boolean | undefined
}

/** @throws CallsError REPLAY_MISMATCH with `verify`, and whatever went wrong */
export type Pull = (name: string, options: PullOptions) => Promise<Pulled>

export function createPull(parts: PullParts): Pull {
  const { identity, resolve, remote, pullContract, pullHistory, mend, replayer, history, contracts } = parts

  /** What the host has and this node has not. What is proven of it the store says. */
  const refresh = async (target: ServiceTarget, waiting: Waiting, anew = false): Promise<Moved> => {
    const { signal } = waiting
    const { service, host } = target
    const { contract: cid, commit: head, base: begins, sealed } = await remote.head(host, service, { signal })
    const { contract, moved } = await pullContract(cid, host, waiting)
    const before = await history.head(service)
    const known = anew ? undefined : before?.commit
    // what is here may reach further back than what the host has
    const base = begins && (anew || (before?.seq ?? -1) < begins.seq) ? begins : undefined
    const here = anew || before === undefined ? [] : [before.commit, (await history.base(service)).commit]
    const linksOf = linksToFetch({ service, here, base: begins })
    // what is fetched is for whom the code of today says; older parts may come from the host alone all the same
    const seal = isSealed(contract) ? (before?.seal ?? newSeal()) : undefined
    const state = await pullHistory(
      { host, service, head, contract: cid, known, here, base, linksOf, isSealed: sealed || seal !== undefined, seal },
      waiting,
    )
    try {
      await history.adopt(service, head, { signal, anew, ...(base && { base }), ...(seal && { seal }) })
    } catch (error) {
      // its host went back to what was pruned here: that is fetched again
      if (anew || (error as { code?: string }).code !== 'PRUNED') throw error
      return sum(sum(moved, state), await refresh(target, waiting, true))
    }
    replayer.behind(service)
    return sum(moved, state)
  }

  const pullService = async (
    target: ServiceTarget,
    { verify, check, ...waiting }: PullOptions,
  ): Promise<Omit<Pulled, 'ms'>> => {
    const { service, host } = target
    const isOwn = host === identity.peerId && (await history.head(service)) !== undefined
    // first: what is new is proven by what is here
    let mended = check ? await mend(target, waiting) : undefined
    let moved = NOTHING
    try {
      if (!isOwn) moved = await refresh(target, waiting)
    } catch (error) {
      if (check || !isHurt(error)) throw error
      mended = await mend(target, waiting)
      moved = await refresh(target, waiting)
    }
    if (verify) await verified(service, waiting)
    // from here on only what the chain proves counts, not what the host said
    const proven = (await history.head(service))!
    const code = await pullContract(proven.contract, host, waiting)
    return {
      contract: proven.contract.toString(),
      service: service.toString(),
      commit: proven.commit.toString(),
      trust: proven.trust,
      ...sum(sum(moved, code.moved), mended ?? NOTHING),
      mended: mended?.blocks ?? 0,
      lost: mended?.lost.map(String) ?? [],
      files: await filesOf(contracts, code.contract),
    }
  }

  const verified = async (service: CID, waiting: Waiting): Promise<void> => {
    const { mismatch } = await replayer.now(service, waiting)
    if (mismatch === undefined) return
    const { commit, seq, what, expected, found } = mismatch
    if (what === DAMAGED) {
      const hint =
        'its host is not to blame: pull it with --check while somebody is there who has it whole, or restore the data folder from a backup'
      throw new CallsError(
        'BLOCK_DAMAGED',
        `Of commit ${seq} (${commit}) the disk of this node changed ${expected}.`,
        hint,
      )
    }
    const message = `Commit ${seq} (${commit}) is not what its contract computes: its ${what} is ${expected}, and ${found} was found.`
    throw new CallsError('REPLAY_MISMATCH', message, 'do not rely on its host')
  }

  const pullOther = async (target: Target, signal: AbortSignal): Promise<Omit<Pulled, 'ms'>> => {
    if (target.kind !== 'contract') {
      const hint = 'pull a service or a contract by its name or CID'
      throw new CallsError('NOT_A_CONTRACT', `${target.name} is neither a service nor a contract.`, hint)
    }
    const { contract, moved } = await pullContract(target.contract, target.host, { signal })
    const files = await filesOf(contracts, contract)
    // a contract is its own proof: the hash of every block has been checked
    return {
      contract: contract.cid.toString(),
      service: null,
      commit: null,
      trust: 'content',
      ...moved,
      ...WHOLE,
      files,
    }
  }

  /** Two pulls of one service would be in each other's way: the second waits, and finds most of it here. */
  const turn = createSerial()
  const shared = (target: ServiceTarget, options: PullOptions) =>
    turn(target.service.toString(), () => pullService(target, options))

  return async (name, options) => {
    const started = performance.now()
    const target = await resolve(name, { ...options, code: true })
    const pulled = target.kind === 'service' ? await shared(target, options) : await pullOther(target, options.signal)
    return { ...pulled, ms: Math.round(performance.now() - started) }
  }
}

/** What is here of the history is not as it was. */
const isHurt = (error: unknown): boolean =>
  ['BLOCK_DAMAGED', 'BLOCK_MISSING'].includes((error as { code?: string }).code ?? '')

const NOTHING: Moved = { blocks: 0, bytes: 0 }
const WHOLE = { mended: 0, lost: [] }
