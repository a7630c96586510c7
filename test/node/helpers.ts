/** Real nodes over real stores, in one temporary folder. */
import { join } from 'node:path'
import { loadOrCreateKey } from '../../daemon/node/key-file.ts'
import { type AmigosNode, createNode, type NodeInit } from '../../daemon/node/node.ts'
import { openDatabase } from '../../daemon/store/database.ts'
import type { LocalDatabase } from '../../daemon/store/database-types.ts'
import { builtInNetwork } from '../../registry/network/built-in.ts'
import { tempFolder } from '../support/temp.ts'

export const LOOPBACK = '/ip4/127.0.0.1/tcp/0'

export const soon = (): { signal: AbortSignal } => ({ signal: AbortSignal.timeout(10_000) })

export interface TestNodes {
  path: string
  /** Made, not started. */
  make(name: string, init?: Partial<NodeInit>): Promise<{ node: AmigosNode; database: LocalDatabase }>
  /** Stops all that were made so far. */
  stop(): Promise<void>
  remove(): Promise<void>
}

export async function createNodes(): Promise<TestNodes> {
  const folder = await tempFolder()
  const made: { node: AmigosNode; database: LocalDatabase }[] = []
  return {
    path: folder.path,
    async make(name, init = {}) {
      const database = await openDatabase(join(folder.path, name))
      const node = await createNode(
        {
          key: await loadOrCreateKey(join(folder.path, `${name}.key`)),
          network: builtInNetwork(),
          blockstore: database.blockstore as never,
          datastore: database.datastore,
          local: database.blocks,
          records: {},
          version: '0',
          log: () => {},
        },
        { listen: [LOOPBACK, `${LOOPBACK}/ws`], bootstrap: [], offline: false, ...init },
      )
      made.push({ node, database })
      return { node, database }
    },
    async stop() {
      for (const { node, database } of made.splice(0)) {
        await node.stop()
        await database.close()
      }
    },
    remove: () => folder.remove(),
  }
}
