/** Real nodes that publish, find and follow homes, many in one process: libp2p, the conversation between nodes, the registry; no services. */
import { join } from 'node:path'
import { publicKeyToProtobuf } from '@libp2p/crypto/keys'
import type { CID } from 'multiformats/cid'
import type { Resolve } from '../../daemon/calls/names/resolve.ts'
import type { Identity } from '../../daemon/calls/types.ts'
import { createHomes, type Homes } from '../../daemon/homes.ts'
import { loadOrCreateKey } from '../../daemon/node/key-file.ts'
import { type AmigosNode, createNode } from '../../daemon/node/node.ts'
import { signerOf } from '../../daemon/node/signer.ts'
import { openDatabase } from '../../daemon/store/database.ts'
import { createPulls } from '../../protocol/pull/service.ts'
import { createInternode } from '../../protocol/service.ts'
import type { Handler } from '../../protocol/types.ts'
import { kadRecordNetwork } from '../../registry/dht/kad.ts'
import type { Registry, Validation } from '../../registry/home/types.ts'
import { createValidation } from '../../registry/home/validator.ts'
import { builtInNetwork } from '../../registry/network/built-in.ts'
import { userIdOf } from '../../registry/user-id.ts'
import { tempFolder } from './temp.ts'

export interface NetNode {
  node: AmigosNode
  user: string
  peer: string
  registry: Registry
  validation: Validation
  homes: Homes
  follows: ReturnType<Homes['follows']>
  identity: Identity
  /** A service of it is at another commit now. */
  move(service: CID, commit: CID, seq: number): void
  /** peers in the DHT's table */
  table(): number
}

export interface HomesNet {
  nodes: NetNode[]
  /** @param options.user whose key it has, by a name. @default its own */
  add(options?: { user?: string; isOn?: Partial<Validation> }): Promise<NetNode>
  connect(from: NetNode, to: NetNode): Promise<unknown>
  stop(): Promise<void>
}

export async function createHomesNet(): Promise<HomesNet> {
  const folder = await tempFolder('homes-net')
  const nodes: NetNode[] = []
  const ends: (() => Promise<void>)[] = []
  const network = builtInNetwork()

  return {
    nodes,
    async add({ user: owner = `own-${nodes.length}`, isOn = {} } = {}) {
      const name = `node-${ends.length}`
      const database = await openDatabase(join(folder.path, name))
      const [nodeKey, userKey] = await Promise.all([
        loadOrCreateKey(join(folder.path, `${name}.key`)),
        loadOrCreateKey(join(folder.path, `user-${owner}.key`)),
      ])
      const memory = { get: (key: string) => database.meta.get(key), put: database.meta.put }
      const validation = { ...createValidation({ memory }, { networkId: network.id }), ...isOn }
      const node = await createNode(
        {
          key: nodeKey,
          network,
          blockstore: database.blockstore as never,
          datastore: database.datastore,
          local: database.blocks,
          records: { validators: validation.validators, selectors: validation.selectors } as never,
          version: '0',
          log: () => {},
        },
        { listen: ['/ip4/127.0.0.1/tcp/0'], bootstrap: [], offline: false },
      )
      await node.start()
      const signer = signerOf(userKey)
      const user = userIdOf(publicKeyToProtobuf(userKey.publicKey))
      const identity: Identity = { peerId: node.peerId, user, node: signerOf(nodeKey), owner: signer, network }
      const handlers: Record<string, Handler> = {}
      const internode = createInternode({ node: node.libp2p, handlers }, { network: network.id, agent: 'test' })
      const pulls = createPulls({ node: node.libp2p, open: async () => database.scope() }, {})
      const keys = { ...signer, links: () => [], current: () => signer.publicKey, change: async () => {} }
      const standing = new Map<string, object>()
      let tell: (service: CID) => void = () => {}
      const hosting = {
        history: { head: async (service: CID) => standing.get(service.toString()) } as never,
        onMove: (listener: (service: CID) => void) => {
          tell = listener
          return () => {}
        },
      }
      const move = (service: CID, commit: CID, seq: number): void => {
        standing.set(service.toString(), { commit, seq })
        tell(service)
      }
      const records = kadRecordNetwork(node.libp2p.services.dht)
      const homes = createHomes({
        network: records,
        ...{ identity, keys, database, node, validation, memory, internode, pulls, hosting },
        now: Date.now,
        log: () => {},
      })
      Object.assign(handlers, homes.handlers)
      const nobody: Resolve = () => Promise.reject(new Error('there are no names here'))
      const follows = homes.follows(nobody)
      await internode.start()
      await pulls.start()
      await homes.start()
      await follows.start()
      const table = () => node.libp2p.services.dht.routingTable.size
      const { registry } = homes
      const made = { node, user, peer: node.peerId, registry, validation, homes, follows, identity, table, move }
      nodes.push(made)
      ends.push(async () => {
        await homes.stop()
        await pulls.stop()
        await internode.stop()
        await node.stop()
        await database.close()
      })
      return made
    },
    connect: (from, to) => from.node.libp2p.dial(to.node.libp2p.getMultiaddrs()),
    async stop() {
      await Promise.all(ends.splice(0).map((end) => end()))
      await folder.remove()
    },
  }
}
