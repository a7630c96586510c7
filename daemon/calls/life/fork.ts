/** Makes a service of this user's own of a commit of another: the same code and the same state, and nothing is copied. */
import type { CID } from 'multiformats/cid'
import type { Serial } from '../../../registry/serial.ts'
import type { Contract } from '../../contract/types.ts'
import type { Commit } from '../../store/commit-types.ts'
import type { Write } from '../../store/database-types.ts'
import type { Head, History } from '../../store/types.ts'
import type { Vm } from '../../vm/types.ts'
import { CallsError } from '../errors.ts'
import { checkServiceName, type Names } from '../names/names.ts'
import type { LocalReplayer } from '../replay/replayer.ts'
import { isSealed } from '../run/check-access.ts'
import { isWrong } from '../run/instances.ts'
import type { Identity, Waiting } from '../types.ts'
import type { TryCode } from '../versions/try-code.ts'
import { openable } from '../view/commit-of.ts'
import type { Contracts } from './contracts.ts'
import { createForkWithCode } from './fork-with-code.ts'
import type { ImportForks } from './import-forks.ts'
import { genesisOfFork, serviceOf } from './lifecycle.ts'

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
  const { history, contracts, names, identity, replayer, forks, naming, now } = parts
  const forkWithCode = createForkWithCode(parts)

  const make = async (from: Commit, contract: Contract, name: string, { logical, signal }: ForkOptions) => {
    const taken = await names.get(name)
    if (taken !== undefined && taken.running.length + taken.published.length > 0) throw nameTaken(name)
    const inherited = await forks.heirs(serviceOf(from))
    const also = (service: CID): Write[] => [
      names.write({ name, running: [{ service, line: null }], published: [] }),
      ...inherited(service),
    ]
    const made = { sealed: isSealed(contract), time: Math.max(now(), from.time), also }
    const { head, warnings } = logical
      ? await forkWithCode({ ...made, from, contract }, { signal })
      : { head: await history.fork({ ...made, from: from.cid, genesis: genesisOfFork(identity.user) }), warnings: [] }
    await forks.make(head.service, contract)
    // its trust is that of what it was made of, until that has been executed here
    if (head.trust === 'signed') replayer.behind(head.service)
    return { name, head, from: from.cid, warnings }
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
