/**
 * Where blocks lie. Those for everybody are what Helia sees; sealed ones lie beside them, where bitswap does not look, with a mark for each
 * seal they belong to: so that whoever may read one history gets no block of another.
 */
import type { ClassicLevel } from 'classic-level'
import { base32upper } from 'multiformats/bases/base32'
import type { CID } from 'multiformats/cid'
import { SYNC_GETS_PER_TURN } from './constants.ts'
import type { LocalBlocks, Scope, Write } from './database-types.ts'
import { createSeldom } from './seldom.ts'

type Level = ClassicLevel<string, Uint8Array>
declare const anyLevel: Level
type Space = ReturnType<typeof anyLevel.sublevel<string, Uint8Array>>
type BlockWrite = Extract<Write, { put: 'block' } | { delete: 'block' }>
type Operation =
  | { type: 'put'; sublevel: Space; key: string; value: Uint8Array }
  | { type: 'del'; sublevel: Space; key: string }

export interface BlockSpace {
  /** All of them: for this node itself. */
  blocks: LocalBlocks
  scope(seal?: string): Scope
  operations(write: BlockWrite): Operation[]
  /** Before anything is read on the spot. */
  ready(): Promise<void>
}

const MARK = new Uint8Array(0)
const ENCODING = { keyEncoding: 'utf8', valueEncoding: 'view' } as const

export const createBlockSpace = (
  level: Level,
  open: Space,
  guard: <T>(run: () => Promise<T>) => Promise<T>,
): BlockSpace => {
  const isTurn = createSeldom(SYNC_GETS_PER_TURN)
  const sealed = level.sublevel<string, Uint8Array>('sealed', ENCODING)
  const marks = level.sublevel<string, Uint8Array>('sealed-of', ENCODING)

  const operations: BlockSpace['operations'] = (write) => {
    const key = blockKey(write.cid)
    const mark = write.seal === undefined ? [] : [markKey(key, write.seal)]
    if ('delete' in write)
      return [
        { type: 'del', sublevel: open, key },
        { type: 'del', sublevel: sealed, key },
        ...mark.map((key): Operation => ({ type: 'del', sublevel: marks, key })),
      ]
    return [
      { type: 'put', sublevel: mark.length > 0 ? sealed : open, key, value: write.bytes },
      ...mark.map((key): Operation => ({ type: 'put', sublevel: marks, key, value: MARK })),
    ]
  }

  const put = (added: readonly { cid: CID; bytes: Uint8Array }[], seal: string | undefined): Promise<void> =>
    guard(() => level.batch(added.flatMap((block) => operations({ put: 'block', ...block, ...(seal && { seal }) }))))

  /** In the second space where the first has none: hardly ever asked on a node that has nothing sealed. */
  const filled = async <T>(
    keys: readonly string[],
    found: (T | undefined)[],
    look: (missing: string[]) => Promise<(T | undefined)[]>,
  ): Promise<(T | undefined)[]> => {
    const missing = keys.filter((_, i) => found[i] === undefined)
    if (missing.length === 0) return found
    const others = new Map((await look(missing)).map((value, i) => [missing[i]!, value]))
    return found.map((value, i) => value ?? others.get(keys[i]!))
  }
  const hasMany = async (space: Space, keys: string[]): Promise<(true | undefined)[]> =>
    (await space.hasMany(keys)).map((has) => has || undefined)

  const blocks: LocalBlocks = {
    get: (cid) =>
      guard(async () => {
        const key = blockKey(cid)
        return (isTurn() ? await open.get(key) : open.getSync(key)) ?? (await sealed.get(key))
      }),
    getMany: (cids) =>
      guard(async () => {
        const keys = cids.map(blockKey)
        return filled(keys, await open.getMany(keys), (missing) => sealed.getMany(missing))
      }),
    has: async (cid) => (await blocks.hasMany([cid]))[0]!,
    hasMany: (cids) =>
      guard(async () => {
        const keys = cids.map(blockKey)
        const found = await filled(keys, await hasMany(open, keys), (missing) => hasMany(sealed, missing))
        return found.map((has) => has ?? false)
      }),
    put: (added) => put(added, undefined),
  }

  const scope = (seal?: string): Scope => {
    const marked = (missing: string[]): Promise<(true | undefined)[]> =>
      seal === undefined
        ? Promise.resolve(missing.map(() => undefined))
        : hasMany(
            marks,
            missing.map((key) => markKey(key, seal)),
          )
    const hasIn = async (keys: string[]): Promise<boolean[]> =>
      (await filled(keys, await hasMany(open, keys), marked)).map((has) => has ?? false)
    const getMany = async (keys: string[]): Promise<(Uint8Array | undefined)[]> =>
      filled(keys, await open.getMany(keys), async (missing) => {
        const mine = await marked(missing)
        return (await sealed.getMany(missing)).map((bytes, i) => (mine[i] ? bytes : undefined))
      })
    return {
      get: (cid) => guard(async () => (await getMany([blockKey(cid)]))[0]),
      getMany: (cids) => guard(() => getMany(cids.map(blockKey))),
      has: (cid) => guard(async () => (await hasIn([blockKey(cid)]))[0]!),
      hasMany: (cids) => guard(() => hasIn(cids.map(blockKey))),
      put: (added) => put(added, seal),
    }
  }

  const ready = async (): Promise<void> => void (await Promise.all([open, sealed, marks].map((one) => one.open())))

  return { blocks, scope, operations, ready }
}

/** The key that blockstore-level uses: the multihash alone, so that one content is stored once, whatever its codec. */
const blockKey = (cid: CID): string => `/${base32upper.encode(cid.multihash.bytes)}`

const markKey = (key: string, seal: string): string => `${key}/${seal}`
