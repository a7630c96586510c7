/** Wires the use cases: what the local API, other nodes and the page may ask of this node. */

import type { IdentifyResult } from '@libp2p/interface'
import type { CID } from 'multiformats/cid'
import { createPulls } from '../protocol/pull/service.ts'
import { kadRecordNetwork } from '../registry/dht/kad.ts'
import type { HeadNews, Validation } from '../registry/home/types.ts'
import type { NameValidation } from '../registry/names/types.ts'
import type { Invite } from '../registry/network/types.ts'
import type { Memory } from '../registry/types.ts'
import type { Implementation } from './api/vocabulary.ts'
import { createChat } from './calls/chat/chat.ts'
import { openMailbox } from './calls/chat/mailbox.ts'
import { createHomePage } from './calls/homes/home-page.ts'
import type { UserKeys } from './calls/homes/user-keys.ts'
import { createInvoke } from './calls/invoke.ts'
import { createPublish } from './calls/life/publish.ts'
import { createImplementation, type ImplementationParts } from './calls/methods/implementation.ts'
import { createRunning } from './calls/methods/running.ts'
import { createStatus } from './calls/methods/status.ts'
import { createCalled } from './calls/names/called.ts'
import { createCopies } from './calls/names/names.ts'
import { createResolve, createResolveService, type Resolve, type ResolveService } from './calls/names/resolve.ts'
import { createPrograms } from './calls/programs/programs.ts'
import { createPullOpen } from './calls/pull/pull-open.ts'
import { createPullUpstream } from './calls/pull/pull-upstream.ts'
import { createCheckAnswer } from './calls/receipt/receipt.ts'
import { createAnswers } from './calls/remote/answers.ts'
import { forPeers } from './calls/remote/for-peers.ts'
import { createNetwork } from './calls/remote/network.ts'
import { createPeers } from './calls/remote/peers.ts'
import { createPing } from './calls/remote/ping.ts'
import { createStreaming } from './calls/stream/streaming.ts'
import type { Abroad, Outpost } from './calls/tree/abroad.ts'
import type { Identity } from './calls/types.ts'
import { createCopyOfVersion } from './calls/versions/copy-of-version.ts'
import { createMarking } from './calls/versions/marking.ts'
import { createRemove } from './calls/versions/removal.ts'
import { createDescribe } from './calls/view/describe.ts'
import { createLineage } from './calls/view/forked-from.ts'
import { createPageSource } from './calls/view/page-source.ts'
import type { ProgramSource } from './door/types.ts'
import { createGraphing } from './graphing.ts'
import { createHomes } from './homes.ts'
import { createHosting, verify } from './hosting.ts'
import { createLiving } from './living.ts'
import { createLooking } from './looking.ts'
import { createNaming } from './naming.ts'
import type { AmigosNode } from './node/node.ts'
import type { PassingBlocks } from './node/passing-blocks.ts'
import type { PageSource } from './page/types.ts'
import { createPulling } from './pulling.ts'
import type { LocalDatabase } from './store/database-types.ts'
import { VERSION } from './version.ts'
import { createWire } from './wire.ts'

export interface UseCaseParts {
  identity: Identity
  keys: UserKeys
  joined: Invite
  database: LocalDatabase
  passing: PassingBlocks
  node: AmigosNode
  validation: Validation
  nameValidation: NameValidation
  memory: Memory
  /** other networks */
  abroad: Abroad
  home: string
  command: string
  now: () => number
  log: (line: string) => void
  /** ends the whole daemon */
  stop: () => Promise<void>
}

export interface UseCases {
  implementation: Omit<Implementation, 'networks'>
  pageSource: PageSource
  programs: ProgramSource
  /** what asks here for a node of another network */
  abroad: Omit<Outpost, 'peerId'>
  /** The page's address is known only once it listens. */
  pageStarted(url: string, origins: readonly string[]): void
  start(): Promise<void>
  stop(): Promise<void>
}

export async function createUseCases(parts: UseCaseParts): Promise<UseCases> {
  const { identity, database, passing, node, home, abroad, now, log } = parts
  const info = { http: '', origins: [], home, version: VERSION, startedAt: now() }
  // what other nodes may ask joins below, because it asks others itself
  const { handlers, internode, remote } = createWire(node, identity)
  const hosting = createHosting({
    ...{ identity, database, node, home, remote, abroad, now, log },
    // a service that runs asks for names, and who has which name is known from a service that runs
    resolveService: (name, options) => resolveService(name, options),
    forkOf: (service, pin) => living.forkOf(service, pin),
  })
  const { history, contracts, names, replayer, instances, provideService, execute, ask, stream, follow } = hosting

  const answering = { execute, ask, stream, follow, checkEpoch: hosting.checkEpoch }
  Object.assign(handlers, createAnswers({ ...answering, history, contracts, identity, log }))
  const pullOpen = createPullOpen({ history, contracts, identity, scope: database.scope, log })
  const pulls = createPulls({ node: node.libp2p, open: pullOpen }, { onRefused: (peer, ms) => node.ban(peer, ms) })
  const { validation, memory, keys } = parts
  const network = kadRecordNetwork(node.libp2p.services.dht)
  const homes = createHomes({
    ...{ identity, keys, database, node, network, validation, memory, internode, pulls, hosting, now, log },
  })
  const { registry, heads, proofs } = homes
  Object.assign(handlers, homes.handlers)

  const { fetcher } = node
  const pulling = createPulling({ identity, history, fetcher, remote, replayer, contracts, pulls, database })
  const checkAnswer = createCheckAnswer(verify)
  const living = createLiving({ identity, database, hosting, now, log, pull: (name, options) => pull(name, options) })
  const { deploy, naming, forks } = living
  const usernames = createNaming({
    ...{ identity, network, internode, contracts, deploy, names, ask, now, log },
    ...{ meta: database.meta, memory: parts.memory, validation: parts.nameValidation },
    ...{ history, replayer, verify, pullBy: pulling.pullBy, version: VERSION },
    invoke: { identity, history, execute, ask, remote, checkAnswer },
    ...{ ownHome: registry.ownRecord, describe: registry.describe },
    publishHome: ({ signal }) => publish.refresh({ signal, always: true }),
  })
  const { users, ownName } = usernames
  Object.assign(handlers, usernames.handlers)
  const resolve = createResolve({ identity, names, history, contracts, registry, users, heads, fetcher })
  const follows = homes.follows(resolve)
  const resolveService: ResolveService = createResolveService(resolve)
  const called = createCalled({ identity, registry, usernames: usernames.usernames, ownName })
  const graphing = createGraphing({
    ...{ identity, database, node, hosting, registry, heads, internode, remote, resolve, abroad, called, now, log },
  })
  Object.assign(handlers, graphing.handlers)
  /** Whoever pulls a service means to come back to its host. */
  const resolvePulled: Resolve = async (name, options) => {
    const target = await resolve(name, options)
    if (target.kind === 'service') node.keep(target.host, true)
    return target
  }
  const mailbox = await openMailbox(database, { log })
  const chat = createChat({ identity, mailbox, internode, resolve, userOf: users.userOf, now, log })
  handlers['chat'] = forPeers(chat.receive, log)
  const copies = createCopies(database.meta)
  const onUnreadable = (service: CID, { message }: Error): void => log(`${service} cannot be used: ${message}`)
  const lineage = createLineage({ history, names, copies })
  const status = createStatus({
    onUnreadable,
    ...{ identity, node, names, copies, lineage, replayer, history, contracts, registry, proofs, info, now },
    ...{ usernames: usernames.usernames, ownName, release: usernames.release },
  })
  const peers = createPeers({ internode, node: node.libp2p })
  const streaming = createStreaming({ identity, history, stream, follow, remote, resolveService })
  const noteHead = (news: Omit<HeadNews, 'network'>) => void heads.note({ ...news, network: identity.network.id })
  const invoke = createInvoke({ identity, history, execute, ask, remote, resolveService, checkAnswer, noteHead })
  const publish = createPublish({ onUnreadable, registry, names, history, contracts, identity, ownName, naming })
  const described = { identity, resolveService, remote, fetcher, history, contracts, lineage }
  const pull = pulling.pullBy(resolvePulled)
  const { verifyName } = usernames
  const looking = createLooking({ identity, database, passing, hosting, resolveService, pull, verifyName, called })
  const { getCopy, readState, readHistory, compareStates, reading } = looking
  const pullUpstream = createPullUpstream({ history, lineage, resolveService, pull })
  const stopping = new AbortController()
  const guarded = (all: ImplementationParts) => usernames.guard(createImplementation(all), resolveService)

  const flush = ({ detail }: CustomEvent<IdentifyResult>): void => {
    void chat.flush(detail.peerId.toString())
    usernames.met(detail.peerId.toString())
    graphing.met(detail.peerId.toString())
  }

  return {
    implementation: guarded({
      ...{ node, contracts, status, peers, copies, chat, follows, key: homes.key, resolve, invoke, streaming, pull },
      fetchContract: pulling.contractBy(resolve),
      ...{ lineage, pullUpstream, resolveService },
      ping: createPing({ internode, resolve }),
      ...{ nameMethods: usernames.methods, suffix: identity.network.suffix },
      page: createHomePage({ registry, resolve, publish, ownName }),
      network: createNetwork({ ...node, joined: parts.joined, proofs: usernames.proofs }),
      running: createRunning({
        ...{ node, contracts, history, names, publish, proofs, resolveService, info },
        getCopy: createCopyOfVersion({ identity, history, resolve, getCopy }),
        ...{ ...living, deploy: usernames.deploy, pullUpstream, copies },
      }),
      reading,
      remove: createRemove({ identity, names, history, instances, resolveService, publish, naming, forks }),
      marking: createMarking({ identity, names, history, contracts, users, publish, ownName, naming }),
      graph: graphing.graph,
      describe: createDescribe(described),
      // after the answer has left
      shutDown: () => setImmediate(() => void parts.stop()),
    }),
    pageSource: createPageSource({
      ...{ identity, status, peers, names, history, contracts, ask, readState, readHistory, compareStates },
      ...{ command: parts.command, graph: graphing.graph },
    }),
    programs: createPrograms({ ...described, execute, ask, stream, follow, checkAnswer, noteHead }),
    abroad: { remote, resolveService, dependencies: graphing.dependencies },
    pageStarted(url, origins) {
      Object.assign(info, { http: url, origins })
    },
    async start() {
      await internode.start()
      await pulls.start()
      await homes.start()
      graphing.start()
      await follows.start()
      await usernames.start()
      await forks.start()
      // others learn again what is here, with the heads as they are now
      for (const { running } of await names.all())
        for (const { service } of running) await provideService(service).catch((error) => onUnreadable(service, error))
      publish
        .refresh({ signal: stopping.signal })
        .then(proofs.met)
        .catch(() => log('what is published could not be renewed'))
      await replayer.start()
      chat.start()
      node.libp2p.addEventListener('peer:identify', flush)
    },
    async stop() {
      stopping.abort()
      node.libp2p.removeEventListener('peer:identify', flush)
      await chat.stop()
      await usernames.stop()
      graphing.stop()
      await homes.stop()
      await pulls.stop()
      await internode.stop()
      await hosting.stop()
    },
  }
}
