/**
 * Makes the forks that contracts import (`mode: fork`): each service gets one of its own of each, when it is deployed. A fork and the row that
 * says whose it is are one batch; what a crash left out is made at the next start, of the history that was brought here before.
 */
import type { CID } from 'multiformats/cid'
import type { Contract } from '../../contract/types.ts'
import type { Write } from '../../store/database-types.ts'
import type { History } from '../../store/types.ts'
import { MAX_FORK_DEPTH, MAX_FORK_LABEL, MAX_FORK_NAMES, MAX_SERVICE_NAME } from '../constants.ts'
import { CallsError } from '../errors.ts'
import type { Copies, Names } from '../names/names.ts'
import type { Pull } from '../pull/pull.ts'
import type { LocalReplayer } from '../replay/replayer.ts'
import { isSealed } from '../run/check-access.ts'
import { isWrong } from '../run/instances.ts'
import { broke } from '../tree/failed-ask.ts'
import type { ForkPin, ForkRow, ForkRows } from '../tree/fork-rows.ts'
import type { Identity, Waiting } from '../types.ts'
import { shownAs } from '../versions/line.ts'
import { openable } from '../view/commit-of.ts'
import type { Contracts } from './contracts.ts'
import { createForksBehind, type ForksBehind, forksOf, type Pin } from './forks-behind.ts'
import { genesisOfFork, serviceOf } from './lifecycle.ts'

/** What was made for a service. */
export interface MadeFork {
  service: CID
  pin: ForkPin
  fork: CID
  /** under which it runs */
  name: string
  /** what was written down of it before */
  before: ForkRow
}

export interface ImportForks {
  /**
   * Brings here what a contract forks, as far as the service has not its forks already: before anything is changed.
   *
   * @param of the service that gets the contract, or whose state another one begins with
   * @throws CallsError IMPORT_BROKE, NOT_A_COMMIT, PRUNED, REPLAY_MISMATCH, and all that a pull fails with
   */
  fetch(contract: Contract, of: CID | undefined, waiting: Waiting): Promise<void>
  /** Makes those that the service lacks: of the commits that are pinned, or of what `heirs` wrote down. Those that it has stay as they are. */
  make(service: CID, contract: Contract): Promise<MadeFork[]>
  /** Takes back what was made for a contract that did not come to be. */
  undo(made: readonly MadeFork[]): Promise<void>
  /** What to write with a service that begins with the state of another: its forks are to be made of those that the other has, as they are now. */
  heirs(of: CID): Promise<(service: CID) => Write[]>
  /** Which of those that a service has are not what a contract of it expects. */
  behind: ForksBehind
  /** The names of those that a service has. */
  namesOf(service: CID): Promise<string[]>
  /** Makes what is missing after a crash. */
  start(): Promise<void>
}

export interface ImportForksParts {
  rows: ForkRows
  history: Pick<History, 'head' | 'commit' | 'base' | 'fork' | 'retire'>
  contracts: Pick<Contracts, 'load' | 'of'>
  names: Names
  /** as which copies were asked for */
  copies: Pick<Copies, 'note'>
  identity: Identity
  replayer: Pick<LocalReplayer, 'behind' | 'mismatch'>
  pull: (...pulled: Parameters<Pull>) => Promise<{ service: string | null }>
  now: () => number
  log: (line: string) => void
}

export function createImportForks(parts: ImportForksParts): ImportForks {
  const { rows, history, contracts, names, copies, identity, replayer, pull, now, log } = parts

  const runs = async (fork: CID | undefined): Promise<boolean> =>
    fork !== undefined && ((await history.head(fork))?.hosted ?? false)

  const pinned = ({ service, commit }: Pin) => openable(history, service, commit)

  const bring = async (pin: Pin, waiting: Waiting): Promise<void> => {
    const { name, range, service } = pin
    waiting.onProgress?.({ doing: `fetching ${name}`, done: 0 })
    const found = await pull(`${name}@${range}`, waiting)
    if (found.service === service.toString()) return copies.note(service, name)
    const byId = await pull(service.toString(), waiting)
    if (byId.service !== service.toString()) throw broke(name, `${service} is no service any more`)
  }

  const isHere = async (pin: Pin): Promise<boolean> =>
    (await history.head(pin.service)) !== undefined &&
    (await pinned(pin).then(
      () => true,
      () => false,
    ))

  /** `blog-comments`, for the import `bob.amigos.net/comments` of `blog`. */
  const freeName = async (service: CID, pin: ForkPin): Promise<string> => {
    const importer = (await names.of(service))?.entry.name ?? 'service'
    const label = pin.name.slice(pin.name.lastIndexOf('/') + 1).slice(0, MAX_FORK_LABEL)
    for (let n = 1; n <= MAX_FORK_NAMES; n++) {
      const tail = n === 1 ? `-${label}` : `-${label}-${n}`
      const whole = `${importer.slice(0, MAX_SERVICE_NAME - tail.length)}${tail}`
      // what was cut may end with a dash
      const name = whole.replace(/-{2,}/g, '-').replace(/-$/, '')
      const taken = await names.get(name)
      if (taken === undefined || taken.running.length + taken.published.length === 0) return name
    }
    const message = `All names for the fork of ${pin.name} are taken on this node.`
    throw new CallsError('NAME_TAKEN', message, `remove one: amigo remove ${importer}-${label}`)
  }

  const heirs: ImportForks['heirs'] = async (of) => {
    const found: { pin: ForkPin; from: CID }[] = []
    for (const { fork, from, ...pin } of await rows.of(of)) {
      const head = fork && (await history.head(fork))
      const commit = head?.commit ?? from
      if (commit !== undefined) found.push({ pin, from: commit })
    }
    return (service) => found.map(({ pin, from }) => rows.write(service, pin, { from }))
  }

  const makeOne = async (service: CID, importer: Contract, pin: Pin, before: ForkRow): Promise<MadeFork[]> => {
    const from = before.from ?? (await pinned(pin)).cid
    const name = await freeName(service, pin)
    const origin = await history.commit(from)
    const code = await contracts.load(origin.contract)
    const sealed = isSealed(importer)
    // what is forked may import forks itself
    const inherited = await heirs(serviceOf(origin))
    const head = await history.fork({
      from,
      sealed: sealed || isSealed(code),
      genesis: genesisOfFork(identity.user),
      time: Math.max(now(), origin.time),
      also: (fork) => [
        rows.write(service, pin, { fork }),
        rows.writeImporter(fork, { service, sealed }),
        names.write({ name, running: [{ service: fork, line: null }], published: [] }),
        ...inherited(fork),
      ],
    })
    if (head.trust === 'signed') replayer.behind(head.service)
    return [{ service, pin, fork: head.service, name, before }, ...(await make(head.service, await contracts.of(head)))]
  }

  const make: ImportForks['make'] = async (service, contract) => {
    const made: MadeFork[] = []
    try {
      for (const pin of forksOf(contract)) {
        const before = await rows.get(service, pin)
        if (!(await runs(before.fork))) made.push(...(await makeOne(service, contract, pin, before)))
      }
      return made
    } catch (error) {
      await undo(made)
      throw error
    }
  }

  const undo: ImportForks['undo'] = async (made) => {
    for (const { service, pin, fork, name, before } of made) {
      const row = before.from === undefined ? [] : [rows.write(service, pin, before)]
      const named = names.write({ name, running: [], published: [] })
      const also = [...rows.drop(service, pin, fork), ...row, named]
      await history.retire(fork, { also }).catch(() => log(`the fork ${name}, which nobody uses, could not be removed`))
    }
  }

  const fetch = async (contract: Contract, of: CID | undefined, waiting: Waiting, depth: number): Promise<void> => {
    for (const pin of forksOf(contract)) {
      const { fork, from } = of === undefined ? {} : await rows.get(of, pin)
      if (from !== undefined || (await runs(fork))) continue
      if (depth === MAX_FORK_DEPTH) throw broke(pin.name, 'it is a fork that imports forks, and so on')
      if (!(await isHere(pin))) await about(pin.name, bring(pin, waiting))
      const origin = await pinned(pin)
      const mismatch = replayer.mismatch(pin.service)
      if (mismatch) throw isWrong(pin.service, mismatch)
      await fetch(await contracts.load(origin.contract), pin.service, waiting, depth + 1)
    }
  }

  /** What its owner took away is not made again behind the owner's back. */
  const wasRemoved = async (service: CID): Promise<boolean> => {
    for (const { fork } of await rows.of(service)) if (fork !== undefined && !(await runs(fork))) return true
    return false
  }

  return {
    fetch: (contract, of, waiting) => fetch(contract, of, waiting, 0),
    make,
    undo,
    heirs,
    behind: createForksBehind(parts),
    async namesOf(service) {
      const all = await Promise.all(
        (await rows.of(service)).map(async ({ fork }) => (fork === undefined ? undefined : names.of(fork))),
      )
      return all.flatMap((local) => (local === undefined ? [] : [`local.land/_/${shownAs(local.entry, local)}`]))
    },
    async start() {
      for (const { name, running } of await names.all()) {
        for (const { service } of running) {
          try {
            const head = await history.head(service)
            if (head?.hosted && !(await wasRemoved(service))) await make(service, await contracts.of(head))
          } catch (error) {
            log(`what ${name} imports as a fork could not be made: ${(error as Error).message}`)
          }
        }
      }
    },
  }
}

/** Nobody who deploys a contract knows what it imports by an ID. */
async function about<T>(name: string, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    const isNamed = !(error instanceof Error) || error.message.includes(name)
    throw isNamed ? error : Object.assign(error, { message: `The import ${name}: ${error.message}` })
  }
}
