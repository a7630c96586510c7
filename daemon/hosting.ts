/** Wires what keeps services and runs them on this node: it knows other nodes only as places where content comes from. */
import { join } from 'node:path'
import { publicKeyFromProtobuf } from '@libp2p/crypto/keys'
import type { CID } from 'multiformats/cid'
import { type Contracts, createContracts } from './calls/life/contracts.ts'
import { createNames, type Names } from './calls/names/names.ts'
import type { ResolveService } from './calls/names/resolve.ts'
import { createProvideService } from './calls/pull/provide.ts'
import { createCheckAnswer } from './calls/receipt/receipt.ts'
import type { Remote } from './calls/remote/remote.ts'
import { createReplay } from './calls/replay/replay.ts'
import { createReplayer, type LocalReplayer } from './calls/replay/replayer.ts'
import { createReplayRows } from './calls/replay/rows.ts'
import { createAsk } from './calls/run/ask.ts'
import { type ContentSource, createContent } from './calls/run/content.ts'
import { createExecute, type Execute } from './calls/run/execute.ts'
import { createExecutedBefore } from './calls/run/executed-before.ts'
import { createInstances, type Instances } from './calls/run/instances.ts'
import type { Ask } from './calls/run/question.ts'
import { createSnapshots } from './calls/run/snapshot.ts'
import { createFollow, type Follow } from './calls/stream/follow.ts'
import { createHeadFeed } from './calls/stream/head-feed.ts'
import { createStreamQuery, type StreamQuery } from './calls/stream/stream-query.ts'
import type { Abroad } from './calls/tree/abroad.ts'
import { createAsking } from './calls/tree/asking.ts'
import type { CheckEpoch } from './calls/tree/epochs-seen.ts'
import type { ForkOf } from './calls/tree/route.ts'
import type { Identity } from './calls/types.ts'
import type { AmigosNode } from './node/node.ts'
import type { LocalDatabase, Verify } from './store/database-types.ts'
import { createHistory } from './store/history.ts'
import type { LocalHistory } from './store/types.ts'
import type { Vm } from './vm/types.ts'
import { createVm } from './vm/vm.ts'

export interface HostingParts {
  identity: Identity
  database: LocalDatabase
  node: Pick<AmigosNode, 'fetcher' | 'provide'>
  home: string
  /** what other nodes are asked */
  remote: Remote
  /** where an import stands */
  resolveService: ResolveService
  forkOf: ForkOf
  /** other networks */
  abroad: Abroad
  now: () => number
  log: (line: string) => void
}

export interface Hosting {
  vm: Vm
  history: LocalHistory
  contracts: Contracts
  names: Names
  replayer: LocalReplayer
  instances: Instances
  content: ContentSource
  provideService: (service: CID) => Promise<void>
  execute: Execute
  ask: Ask
  stream: StreamQuery
  follow: Follow
  checkEpoch: CheckEpoch
  /** as HeadFeed */
  onMove: (listener: (service: CID) => void) => () => void
  /** Resolves when nothing runs and nothing is being written. */
  stop(): Promise<void>
}

/** Whether a signature is of a key in libp2p's protobuf. */
export const verify: Verify = async (publicKey, bytes, sig) => publicKeyFromProtobuf(publicKey).verify(bytes, sig)

export function createHosting(parts: HostingParts): Hosting {
  const { identity, database, node, home, remote, resolveService, forkOf, abroad, now, log } = parts
  const vm = createVm({ report: log }, { cacheDir: join(home, 'cache') })
  const feed = createHeadFeed(
    createHistory(
      { database, signer: identity.node, verify },
      { onCheckpointError: () => log('a checkpoint could not be written: is the disk full?') },
    ),
  )
  const { history } = feed
  const contracts = createContracts(database)
  const names = createNames(database.meta)
  // workers of its own: a replay must not hold up calls
  const replayVm = createVm({ report: log }, { cacheDir: join(home, 'cache'), workers: 1 })
  const rows = createReplayRows(database.meta)
  const replay = createReplay({ vm: replayVm, history, contracts, blocks: database.blocks, identity, verify, rows })
  const replayer = createReplayer({ replay, history, rows, log })
  const instances = createInstances({ vm, history, contracts, mismatchOf: replayer.mismatch })
  const provideService = createProvideService({ node, history, contracts })
  const content = createContent({ blocks: database.scope(), fetcher: node.fetcher })
  const executedBefore = createExecutedBefore({ history, database })
  const snapshots = createSnapshots({ history, contracts, instances })
  const asking = createAsking({
    ...{ vm, history, instances, content, executedBefore, identity, now, remote, resolveService, forkOf, abroad },
    checkAnswer: createCheckAnswer(verify),
    ask: (...asked) => ask(...asked),
    provide: node.provide,
  })
  const ask: Ask = createAsk({ vm, history, snapshots, instances, content, now, ...asking })
  const execute = createExecute({
    ...{ vm, history, executedBefore, instances, content, identity, now, ...asking },
    provide: node.provide,
  })
  const stream = createStreamQuery({ vm, history, snapshots, content, now, ...asking })
  const follow = createFollow({ feed, contracts })

  return {
    vm,
    history,
    contracts,
    names,
    replayer,
    instances,
    content,
    provideService,
    execute,
    ask,
    stream,
    follow,
    checkEpoch: asking.checkEpoch,
    onMove: feed.onMove,
    async stop(): Promise<void> {
      // a replay in the middle of a call ends with its machine
      await Promise.all([replayer.stop(), replayVm.stop(), vm.stop()])
      // a checkpoint may still be on its way to the disk
      await history.idle()
    },
  }
}
