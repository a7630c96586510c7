/** What the tests of replay and life cycle share: the use cases of one host, and a second host that holds copies. */
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CID } from 'multiformats/cid'
import type { Json } from '../../daemon/api/vocabulary.ts'
import { createFork, type Fork, type ForkOptions } from '../../daemon/calls/life/fork.ts'
import { createMerge, type Merged } from '../../daemon/calls/life/merge.ts'
import { createRollback, type Rollback } from '../../daemon/calls/life/rollback.ts'
import { createUpgrade, type Upgrade, type Upgraded, type UpgradeOptions } from '../../daemon/calls/life/upgrade.ts'
import { createReplay, type Replay } from '../../daemon/calls/replay/replay.ts'
import { createReplayer, type LocalReplayer } from '../../daemon/calls/replay/replayer.ts'
import { createReplayRows, type ReplayRows } from '../../daemon/calls/replay/rows.ts'
import { createCarry } from '../../daemon/calls/run/orders.ts'
import { createTryCode } from '../../daemon/calls/versions/try-code.ts'
import { type CompareStates, createCompareStates } from '../../daemon/calls/view/compare-states.ts'
import { createReadHistory, type ReadHistory } from '../../daemon/calls/view/read-history.ts'
import { createReadState, type ReadState } from '../../daemon/calls/view/read-state.ts'
import { createPassingBlocks, type PassingBlocks } from '../../daemon/node/passing-blocks.ts'
import { links } from '../../daemon/store/links.ts'
import type { Head } from '../../daemon/store/types.ts'
import type { Vm } from '../../daemon/vm/types.ts'
import { createVm } from '../../daemon/vm/vm.ts'
import { createSerial } from '../../registry/serial.ts'
import { type Host, verify } from '../support/host.ts'

export const never: AbortSignal = new AbortController().signal

export interface Kit {
  replayVm: Vm
  rows: ReplayRows
  replay: Replay
  replayer: LocalReplayer
  upgrade: Upgrade
  rollback: Rollback
  merge(service: CID): Promise<Merged>
  fork: (of: Parameters<Fork>[0], as: string, options?: ForkOptions) => ReturnType<Fork>
  readState: ReadState
  passing: PassingBlocks
  readHistory: ReadHistory
  compareStates: CompareStates
  /** what the log of the daemon says */
  lines: string[]
  /** Compiles a source and upgrades a local service to it. */
  upgradeTo(name: string, source: string, options?: Partial<UpgradeOptions> & { manifest?: string }): Promise<Upgraded>
  state(service: CID, at?: CID): Promise<Json>
  head(service: CID): Promise<Head>
  stop(): Promise<void>
}

export function createKit(host: Host, wrapVm: (vm: Vm) => Vm = (vm) => vm): Kit {
  const { vm, history, contracts, instances, content, names, identity, database, forks } = host
  const lines: string[] = []
  const replayVm = wrapVm(createVm({}, { cacheDir: join(tmpdir(), 'amigos-test-engine'), workers: 1 }))
  const passing = createPassingBlocks(1 << 20)
  const rows = createReplayRows(database.meta)
  const { blocks } = database
  const replay = createReplay({ vm: replayVm, history, contracts, blocks, identity, verify, rows })
  const replayer = createReplayer({ replay, history, rows, log: (line) => lines.push(line) })
  const now = Date.now
  const carry = createCarry({ identity, instances, now })
  const tryCode = createTryCode({ vm, contracts, content })
  const upgrade = createUpgrade({ vm, history, contracts, names, carry, tryCode, forks })
  const readState = createReadState({ vm, history, contracts, instances, content, passing })
  const naming = createSerial()
  const fork = createFork({ vm, history, contracts, names, identity, replayer, tryCode, forks, naming, now })
  const merge = createMerge({ vm, history, carry, tryCode, replayer })
  const kit: Kit = {
    ...{ replayVm, rows, replay, replayer, upgrade, readState, passing, lines },
    merge: (service) => merge(service, { signal: never }),
    rollback: createRollback({ history, contracts, carry, forks }),
    fork: (of, as, options = { signal: never }) => fork(of, as, options),
    readHistory: createReadHistory({ history, blocks, replayer }),
    compareStates: createCompareStates(readState),
    async upgradeTo(name, source, { manifest, ...options } = {}) {
      const entry = (await names.get(name))!
      const [runs] = entry.running
      const contract = await host.contract(source, manifest)
      return upgrade({ ...runs!, entry }, contract, { force: false, dryRun: false, signal: never, ...options })
    },
    async state(service, at) {
      const question = { service, at, path: [], user: identity.user }
      return (await readState.read(question, { from: 'local', signal: never })).state
    },
    head: async (service) => (await history.head(service))!,
    async stop() {
      await replayer.stop()
      await replayVm.stop()
    },
  }
  return kit
}

/** Copies what a pull would: everything that the head leads to, and the contracts; then adopts the head. */
export async function pullInto(to: Host, from: Host, service: CID, head?: CID): Promise<Head> {
  const commit = head ?? (await from.history.head(service))!.commit
  const waiting = [commit]
  const seen = new Set<string>()
  for (let cid = waiting.pop(); cid !== undefined; cid = waiting.pop()) {
    if (seen.has(cid.toString())) continue
    seen.add(cid.toString())
    const bytes = await from.database.blocks.get(cid)
    if (bytes === undefined) continue
    await to.database.blocks.put([{ cid, bytes }])
    waiting.push(...links(cid, bytes))
  }
  return to.history.adopt(service, commit)
}
