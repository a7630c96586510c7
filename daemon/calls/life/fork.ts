/** Makes a service of this user's own of a commit of another: the same code and the same state, and nothing is copied. */

import { randomBytes } from 'node:crypto'
import type { CID } from 'multiformats/cid'
import type { Serial } from '../../../registry/serial.ts'
import type { Contract } from '../../contract/types.ts'
import type { Commit } from '../../store/commit-types.ts'
import type { Write } from '../../store/database-types.ts'
import type { Head, History, NewFork } from '../../store/types.ts'
import type { Vm } from '../../vm/types.ts'
import { NONCE_BYTES } from '../constants.ts'
import { CallsError } from '../errors.ts'
import { checkServiceName, type Names } from '../names/names.ts'
import { makeCall } from '../receipt/signed-call.ts'
import type { LocalReplayer } from '../replay/replayer.ts'
import { isSealed } from '../run/check-access.ts'
import { isWrong } from '../run/instances.ts'
import type { Identity, Waiting } from '../types.ts'
import type { TryCode } from '../versions/try-code.ts'
import { openable } from '../view/commit-of.ts'
import type { Contracts } from './contracts.ts'
import type { ImportForks } from './import-forks.ts'
import { serviceOf, UPGRADE } from './lifecycle.ts'
import { upgradeOf } from './upgrade.ts'

export interface Forked {
  name: string
  head: Head
  /** the commit whose state it has */
  from: CID
  warnings: string[]
}

export interface ForkOptions extends Waiting {
  /** a memory of its own, made of the logical state, in place of the bytes of the origin. @default false */
  logical?: boolean | undefined
}

/**
 * @param of a service whose history is on this node
 * @throws CallsError NAME_TAKEN, NOT_A_COMMIT, PRUNED, REPLAY_MISMATCH, with `logical` UPGRADE_FAILED_TRIAL, and what bringing its imports failed with
 */
export type Fork = (of: { head: Head; at?: CID | undefined }, as: string, options: ForkOptions) => Promise<Forked>

export interface ForkParts {
  vm: Pick<Vm, 'engine' | 'open' | 'close'>
  history: History
  contracts: Pick<Contracts, 'load'>
  names: Names
  identity: Identity
  replayer: Pick<LocalReplayer, 'behind' | 'mismatch'>
  tryCode: TryCode
  /** it gets forks of those that the origin imports */
  forks: Pick<ImportForks, 'fetch' | 'make' | 'heirs'>
  /** two services under one name must not both find it free */
  naming: Serial
  now: () => number
}

export function createFork(parts: ForkParts): Fork {
  const { vm, history, contracts, names, identity, replayer, tryCode, forks, naming, now } = parts

  /** The owner's order to go over to the code that it has, with the logical state of the commit: what else its bytes hold stays behind. */
  const rebuild = (
    from: Commit,
    key: string,
    contract: Contract,
    time: number,
    options: Rebuild,
  ): NewFork['upgrade'] => {
    return async (service) => {
      const args = [contract.cid.toString(), false]
      const order = { envelope: await makeCall({ service, method: UPGRADE, args }, 'call', identity), time }
      const old = { from: key, service: service.toString(), owner: identity.user, parent: service }
      await vm.open(key, await history.image(serviceOf(from), from.cid))
      const tried = await tryCode(old, order, contract, options)
      options.warnings.push(...tried.warnings)
      const { also, ...next } = upgradeOf(contract, tried, order, vm)
      return { ...next, forced: false, also: [...also, ...options.also(service)] }
    }
  }

  const make = async (from: Commit, contract: Contract, name: string, { logical, signal }: ForkOptions) => {
    const taken = await names.get(name)
    if (taken !== undefined && taken.running.length + taken.published.length > 0) throw nameTaken(name)
    const inherited = await forks.heirs(serviceOf(from))
    const also = (service: CID): Write[] => [
      names.write({ name, running: [{ service, line: null }], published: [] }),
      ...inherited(service),
    ]
    const time = Math.max(now(), from.time)
    const warnings: string[] = []
    const key = `origin/${randomBytes(8).toString('hex')}`
    try {
      const head = await history.fork({
        from: from.cid,
        sealed: isSealed(contract),
        genesis: { owner: identity.user, nonce: randomBytes(NONCE_BYTES), args: new Uint8Array(0) },
        time,
        ...(logical
          ? { upgrade: rebuild(from, key, contract, time, { signal, warnings, also }) as Required<NewFork>['upgrade'] }
          : { also }),
      })
      await forks.make(head.service, contract)
      // its trust is that of what it was made of, until that has been executed here
      if (head.trust === 'signed') replayer.behind(head.service)
      return { name, head, from: from.cid, warnings }
    } finally {
      if (logical) await vm.close(key)
    }
  }

  return async ({ head, at }, as, options) => {
    const name = checkServiceName(as)
    const mismatch = replayer.mismatch(head.service)
    if (mismatch) throw isWrong(head.service, mismatch)
    const from = await openable(history, head.service, at ?? head.commit)
    const contract = await contracts.load(from.contract)
    await forks.fetch(contract, head.service, options)
    const forked = await naming(identity.user, () => make(from, contract, name, options))
    const warnings = [...forked.warnings, ...warningsOf(contract, head)]
    return { ...forked, warnings }
  }
}

interface Rebuild {
  signal: AbortSignal
  warnings: string[]
  also: (service: CID) => Write[]
}

/** What of the origin is elsewhere. */
function warningsOf({ imports }: Contract, { hosted }: Head): string[] {
  if (hosted) return []
  return imports.flatMap(({ name, mode }) =>
    mode === 'fork' ? [`its fork of ${name} begins as it was pinned: what the origin has of it is on its host`] : [],
  )
}

function nameTaken(name: string): CallsError {
  const hint = `choose another name: --as ${name}-2; amigo status lists those that are taken`
  return new CallsError('NAME_TAKEN', `This node has used the name ${name} already.`, hint)
}
