/** Several nodes in this process: real hosts, between them real streams, and a directory of what they serve. */
import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Ed25519PrivateKey } from '@libp2p/interface'
import type { CID } from 'multiformats/cid'
import { CallsError } from '../../daemon/calls/errors.ts'
import type { ResolveService } from '../../daemon/calls/names/resolve.ts'
import { createAnswers } from '../../daemon/calls/remote/answers.ts'
import { createRemote, type Remote } from '../../daemon/calls/remote/remote.ts'
import type { Outpost } from '../../daemon/calls/tree/abroad.ts'
import type { Identity } from '../../daemon/calls/types.ts'
import type { ContractImport } from '../../daemon/contract/types.ts'
import type { Handler } from '../../protocol/types.ts'
import { createTestnet, type TestNode } from '../protocol/nodes.ts'
import { type Host, type HostOptions, newIdentity, type Serving, startHost } from '../support/host.ts'
import { testNetwork } from '../support/network.ts'
import { live, nameOf } from './tree-kit.ts'

export interface Peer {
  host: Host
  node: TestNode
  remote: Remote
  /** Makes a service that the others find under its name. */
  serve(name: string, source: string, imports?: readonly string[], options?: Serving): Promise<CID>
}

export interface PeersOptions extends Omit<HostOptions, 'identity' | 'remote' | 'resolveService'> {
  /** how a method is answered, instead of as this node would. @param usual as it would */
  answers?: (usual: Record<string, Handler>) => Record<string, Handler>
  /** between a node and what it asks others */
  wrapRemote?: (remote: Remote) => Remote
  /** as whom it goes on, where it was ended before */
  as?: Awaited<ReturnType<typeof newKeys>>
}

export interface Peers {
  join(options?: PeersOptions): Promise<Peer>
  /** What a contract imports, as it is pinned now. */
  pin(names: readonly string[]): Promise<ContractImport[]>
  /** Where a name leads. */
  readonly directory: Map<string, { service: CID; host: string; home: Host }>
  /** A node that only asks here, for one of another network. */
  visit(): Promise<Outpost>
  /** Ends a node as a crash does: what it did not write is forgotten. */
  leave(peer: Peer): Promise<void>
  stop(): Promise<void>
}

const same = <T>(one: T): T => one

export const newKeys = async (
  network: Identity['network'] = testNetwork(),
): Promise<{ key: Ed25519PrivateKey; identity: Identity }> => {
  const key = await generateKeyPair('Ed25519')
  return { key, identity: { ...(await newIdentity(key)), network } }
}

export function createPeers(network: Identity['network'] = testNetwork()): Peers {
  const net = createTestnet()
  const nodes: TestNode[] = []
  const hosts: Host[] = []
  const directory: Peers['directory'] = new Map()

  const resolveService: ResolveService = async (name) => {
    const known = directory.get(name.replace(/@[^@]*$/, ''))
    if (known === undefined) throw new CallsError('SERVICE_NOT_FOUND', `Nobody knows ${name}.`, 'serve it')
    return { kind: 'service', name, service: known.service, host: known.host, source: 'test', age: 0 }
  }
  const pin: Peers['pin'] = (names) =>
    Promise.all(
      names.toSorted().map((name) => {
        const { home, service } = directory.get(nameOf(name))!
        return live(home, name, service)
      }),
    )

  return {
    directory,
    pin,
    async join({ answers = same, wrapRemote = same, as, ...options }: PeersOptions = {}) {
      const { key, identity } = as ?? (await newKeys(network))
      let handlers: Record<string, Handler> = {}
      const late =
        (method: string): Handler =>
        (body, context) =>
          handlers[method]!(body, context)
      const methods = ['call', 'query', 'head', 'history', 'blocks', 'ping', 'stream', 'subscribe']
      const named = Object.fromEntries(methods.map((method) => [method, late(method)]))
      const node = await net.create(named, { network: network.id }, (one) => one, key)
      for (const other of nodes) await net.introduce(node.node, other.node)
      nodes.push(node)
      const remote = createRemote(node.internode, identity)
      const host = await startHost({ ...options, identity, resolveService, remote: wrapRemote(remote) })
      handlers = answers(createAnswers({ ...host, log: () => {} }))
      hosts.push(host)
      return {
        ...{ host, node, remote },
        async serve(name, source, imports = [], serving = {}) {
          const service = await host.serve(source, { as: name, imports: await pin(imports), ...serving })
          directory.set(nameOf(name), { service, host: identity.peerId, home: host })
          return service
        },
      }
    },
    async visit() {
      const { key, identity } = await newKeys(network)
      const { node, internode, peer } = await net.create({}, { network: network.id }, (one) => one, key)
      for (const other of nodes) await net.introduce(node, other.node)
      const unused = (): never => assert.fail()
      return { peerId: peer, remote: createRemote(internode, identity), resolveService, dependencies: unused }
    },
    async leave({ host, node }) {
      hosts.splice(hosts.indexOf(host), 1)
      nodes.splice(nodes.indexOf(node), 1)
      await node.internode.stop()
      await node.node.stop()
      await host.stop()
    },
    async stop() {
      await net.stop()
      for (const host of hosts) await host.stop()
    },
  }
}
