import { mkdir } from 'node:fs/promises'
import { LevelBlockstore } from 'blockstore-level'
import { ClassicLevel } from 'classic-level'
import { LevelDatastore } from 'datastore-level'
import { createBlockSpace } from './block-space.ts'
import { MAX_SYNC_GETS, SYNC_GETS_PER_TURN } from './constants.ts'
import type { LocalDatabase, Meta, Write } from './database-types.ts'
import { checkFormat } from './format.ts'
import { fromLevelError } from './level-error.ts'
import { createSeldom } from './seldom.ts'

const UTF8_TO_BYTES = { keyEncoding: 'utf8', valueEncoding: 'view' } as const

/**
 * Opens the one database of a node, made when it does not exist, in a folder that does. Its own folder gets mode 0700 then.
 *
 * One process at a time: a second gets STORE_LOCKED.
 *
 * @param path folder of the database
 * @param program the version of this program, which the database notes
 * @throws StoreError STORE_LOCKED, STORE_CORRUPT, STORE_FORMAT_UNSUPPORTED, STORE_UNAVAILABLE
 */
export const openDatabase = async (path: string, program = 'unknown'): Promise<LocalDatabase> => {
  await guard(() => makeFolder(path))
  const level = new ClassicLevel<string, Uint8Array>(path, UTF8_TO_BYTES)
  await guard(() => level.open())

  const meta = level.sublevel<string, Uint8Array>('meta', UTF8_TO_BYTES)
  // A second sublevel object over the same keys: closing Helia's view must not close ours.
  const blockstore = new LevelBlockstore(asLevel(level.sublevel<string, Uint8Array>('blocks', UTF8_TO_BYTES)))
  const datastore = new LevelDatastore(asLevel(level.sublevel<string, Uint8Array>('libp2p', UTF8_TO_BYTES)))

  const isTurn = createSeldom(SYNC_GETS_PER_TURN)
  const space = createBlockSpace(level, level.sublevel<string, Uint8Array>('blocks', UTF8_TO_BYTES), guard)

  await guard(() => Promise.all([blockstore.open(), datastore.open(), meta.open(), space.ready()]))

  const operations = (write: Write) => {
    if ('cid' in write) return space.operations(write)
    if ('delete' in write) return [{ type: 'del' as const, sublevel: meta, key: write.key }]
    return [{ type: 'put' as const, sublevel: meta, key: write.key, value: write.value }]
  }

  const commit = (writes: readonly Write[]): Promise<void> =>
    guard(() => level.batch(writes.flatMap(operations), { sync: true }))

  const rows: Meta = {
    get: (key) => guard(() => meta.get(key)),
    // a few are found faster than another thread is asked for them
    getMany: (keys) =>
      guard(async () =>
        keys.length <= MAX_SYNC_GETS && !isTurn()
          ? keys.map((key) => meta.getSync(key))
          : await meta.getMany([...keys]),
      ),
    put: (key, value) => commit([{ put: 'meta', key, value }]),
    delete: (key) => commit([{ delete: 'meta', key }]),
    list: async function* (prefix, { from = '', upTo = '\uffff', reverse = false, limit = -1 } = {}) {
      try {
        const iterator = meta.iterator({ gte: prefix + from, lte: prefix + upTo, reverse, limit })
        for await (const [key, value] of iterator) yield { key, value }
      } catch (error) {
        throw fromLevelError(error)
      }
    },
  }

  try {
    await guard(() => checkFormat(level, rows, program))
  } catch (error) {
    await level.close()
    throw error
  }

  return {
    blockstore,
    datastore,
    commit,
    blocks: space.blocks,
    scope: space.scope,
    meta: rows,
    // the names of all sublevels begin with an exclamation mark
    compact: () => guard(() => level.compactRange('!', '"')),
    // LevelDB closes its sublevels with itself, waits for running operations, and takes a second close as done.
    close: () => guard(() => level.close()),
  }
}

/** The adapters are typed for the package `level`, of which a sublevel has all that they use. */
const asLevel = (sublevel: object): LevelBlockstore['db'] => sublevel as LevelBlockstore['db']

/** The folder above it is there: it is the home of the node. */
const makeFolder = async (path: string): Promise<void> => {
  await mkdir(path, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
}

const guard = async <T>(operation: () => Promise<T>): Promise<T> => {
  try {
    return await operation()
  } catch (error) {
    throw fromLevelError(error)
  }
}
