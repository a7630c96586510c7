/** Wires what tells which services depend on which, and what others are told of it. */
import type { CID } from 'multiformats/cid'
import type { Handler, Internode } from '../protocol/types.ts'
import type { Registry } from '../registry/home/types.ts'
import type { Implementation } from './api/vocabulary.ts'
import { createAnnouncer } from './calls/graph/announce.ts'
import { createAnswerImports } from './calls/graph/answer-imports.ts'
import { createReadCallers } from './calls/graph/callers.ts'
import { createDependencies } from './calls/graph/dependencies.ts'
import { createDependentRows } from './calls/graph/dependent-rows.ts'
import { createDependents } from './calls/graph/dependents.ts'
import { createFetchRoot } from './calls/graph/fetch-root.ts'
import { createGraph } from './calls/graph/graph.ts'
import { createLocalDependents } from './calls/graph/local-dependents.ts'
import { createBeginProbe } from './calls/graph/probe.ts'
import { createTargets } from './calls/graph/targets.ts'
import { createAnswerDependents, createAskDependents } from './calls/graph/tell-dependents.ts'
import type { Heads } from './calls/homes/heads.ts'
import type { Called } from './calls/names/called.ts'
import type { Resolve } from './calls/names/resolve.ts'
import { hostsBy, rememberingHosts } from './calls/receipt/hosts.ts'
import { forPeers } from './calls/remote/for-peers.ts'
import type { Remote } from './calls/remote/remote.ts'
import { createExecutedBefore } from './calls/run/executed-before.ts'
import type { Abroad, Outpost } from './calls/tree/abroad.ts'
import { createForkRows } from './calls/tree/fork-rows.ts'
import type { Identity } from './calls/types.ts'
import { shownAs } from './calls/versions/line.ts'
import type { Hosting } from './hosting.ts'
import { verify } from './hosting.ts'
import type { AmigosNode } from './node/node.ts'
import type { LocalDatabase } from './store/database-types.ts'

export interface GraphingParts {
  identity: Identity
  database: LocalDatabase
  node: Pick<AmigosNode, 'fetcher'>
  hosting: Pick<Hosting, 'history' | 'contracts' | 'names'>
  registry: Registry
  heads: Heads
  internode: Internode
  remote: Remote
  resolve: Resolve
  abroad: Abroad
  called: Called
  now: () => number
  log: (line: string) => void
}

export interface Graphing {
  graph: Implementation['graph']
  dependencies: Outpost['dependencies']
  /** what other nodes may ask */
  handlers: Record<string, Handler>
  /** A peer has connected. */
  met(peer: string): void
  start(): void
  stop(): void
}

export function createGraphing(parts: GraphingParts): Graphing {
  const { identity, database, node, hosting, registry, heads, internode, remote, resolve, abroad, called, now, log } =
    parts
  const { history, contracts, names } = hosting
  const targets = createTargets({ history, contracts, names })
  const rows = createDependentRows({ database, now })
  const forkRows = createForkRows(database.meta)
  const readCallers = createReadCallers({ history, meta: database.meta })
  const localDependents = createLocalDependents({
    ...{ identity, history, contracts, names, rows, forkRows, readCallers, targets },
  })
  /** Its page on this node: by its name, of a copy by its ID. */
  const hereOf = async (service: CID): Promise<string | null> => {
    const local = await names.of(service)
    if (local !== undefined) return shownAs(local.entry, local)
    return (await history.head(service)) === undefined ? null : service.toString()
  }
  const fetchRoot = createFetchRoot({ contracts, fetcher: node.fetcher })
  const askDependents = createAskDependents({ internode, identity })
  const executedBefore = createExecutedBefore({ history, database })
  const announcer = createAnnouncer({
    ...{ identity, registry, history, contracts, executedBefore, resolve, internode },
  })
  const readHosts = rememberingHosts(hostsBy(verify))
  let end = (): void => {}
  const beginProbe = createBeginProbe({ identity, history, remote, internode, heads, now })
  const dependencies = createDependencies({ identity, history, resolve, forkRows, fetchRoot, abroad, hereOf })

  return {
    graph: createGraph({
      beginProbe,
      dependencies,
      dependents: createDependents({ identity, registry, localDependents, askDependents, called, hereOf }),
      ...{ resolve, fetchRoot, hereOf },
    }),
    dependencies: (of, options) => dependencies(of, { ...options, probe: beginProbe() }),
    handlers: {
      imports: forPeers(createAnswerImports({ registry, rows, targets, readHosts, now }), log),
      dependents: forPeers(createAnswerDependents({ history, contracts, identity, localDependents, targets }), log),
    },
    met: announcer.met,
    start() {
      end = registry.onPublish(announcer.published)
    },
    stop() {
      end()
      announcer.stop()
    },
  }
}
