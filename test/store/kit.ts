/** What the tests of the store share: a database in a folder of its own, a host with a key, and memories that change. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateKeyPair, publicKeyFromProtobuf, publicKeyToProtobuf } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { base36 } from 'multiformats/bases/base36'
import type { CID } from 'multiformats/cid'
import { rawBlock } from '../../daemon/store/block.ts'
import { createBookkeeping } from '../../daemon/store/bookkeeping.ts'
import type { CallRecord, Handover } from '../../daemon/store/commit-types.ts'
import { openDatabase } from '../../daemon/store/database.ts'
import type { LocalDatabase, Signer, Verify } from '../../daemon/store/database-types.ts'
import type { StoreErrorCode } from '../../daemon/store/errors.ts'
import { StoreError } from '../../daemon/store/errors.ts'
import type { HistoryInit } from '../../daemon/store/history.ts'
import { createHistory } from '../../daemon/store/history.ts'
import { type HandoverOrder, handoverBytes } from '../../daemon/store/signed-bytes.ts'
import type { Head, LocalHistory, NewCommit, NewService } from '../../daemon/store/types.ts'
import { LINE, WASM_PAGE } from '../../daemon/vm/constants.ts'
import type { Delta, Image } from '../../daemon/vm/types.ts'
import { applyDelta, rootOf } from '../support/image.ts'

export const CONTRACT: CID = rawBlock(Buffer.from('contract')).cid
export const ENGINE: CID = rawBlock(Buffer.from('engine')).cid

export const verify: Verify = async (publicKey, bytes, sig) => publicKeyFromProtobuf(publicKey).verify(bytes, sig)

export const createSigner = async (): Promise<Signer> => {
  const key = await generateKeyPair('Ed25519')
  return { publicKey: publicKeyToProtobuf(key.publicKey), sign: async (bytes) => await key.sign(bytes) }
}

/** Somebody who owns services: the user ID, and a word for the next host. */
export const createOwner = async (): Promise<{ id: string; order(order: HandoverOrder): Promise<Handover> }> => {
  const key = await generateKeyPair('Ed25519')
  return {
    id: peerIdFromPrivateKey(key).toCID().toString(base36),
    order: async (order) => ({
      owner: publicKeyToProtobuf(key.publicKey),
      sig: await key.sign(handoverBytes(order)),
    }),
  }
}

/** A folder that is removed after the test, when the databases in it are closed. */
export interface Workspace {
  path: string
  open(name?: string): Promise<LocalDatabase>
  /** a history over a database of its own */
  history(init?: HistoryInit & { signer?: Signer; name?: string }): Promise<TestHistory>
  remove(): Promise<void>
}

export type TestHistory = LocalHistory & { database: LocalDatabase; signer: Signer }

export const createWorkspace = async (): Promise<Workspace> => {
  const path = await mkdtemp(join(tmpdir(), 'amigos-store-'))
  const closers: (() => Promise<void>)[] = []
  const open = async (name = 'db'): Promise<LocalDatabase> => {
    const database = await openDatabase(join(path, name))
    closers.push(database.close)
    return database
  }
  return {
    path,
    open,
    history: async ({ signer, name, ...init } = {}) => {
      const database = await open(name)
      const components = { database, signer: signer ?? (await createSigner()), verify }
      const history = createHistory(components, {
        onCheckpointError: (error) => {
          throw error
        },
        ...init,
      })
      closers.push(history.idle)
      return { ...history, ...components }
    },
    remove: async () => {
      for (const close of closers.reverse()) await close()
      await rm(path, { recursive: true })
    },
  }
}

export const createImage = (pages = 2): Image => {
  const memory = new Uint8Array(pages * WASM_PAGE)
  memory.fill(7, 1000, 9000)
  return { memory, pages, globals: [65_536, -1], anchors: [1024, 2048] }
}

/** A change that depends on `step` alone: a few lines far apart, and one register. */
export const createDelta = (step: number, pages = 2, touched = 3): Delta => {
  const end = (pages * WASM_PAGE) / LINE
  const picked = new Set(Array.from({ length: touched }, (_, i) => (step * 31 + i * 97) % end))
  const lines = Uint32Array.from(picked).sort()
  const bytes = Uint8Array.from({ length: lines.length * LINE }, (_, i) => (step * 13 + i) % 251)
  return { lines, bytes, pages, globals: [65_536 - step, step] }
}

export const newService = (image: Image, nonce = 1, owner = 'owner'): NewService => ({
  genesis: { owner, nonce: Uint8Array.of(nonce), args: Buffer.from('[]') },
  contract: CONTRACT,
  engine: ENGINE,
  time: 1_700_000_000_000,
  image,
  root: rootOf(image),
})

export const newCommit = (delta: Delta, after: Image, calls: CallRecord[] = [callRecord(1)]): NewCommit => ({
  contract: CONTRACT,
  engine: ENGINE,
  time: 1_700_000_000_001,
  calls,
  delta,
  root: rootOf(after),
})

export const callRecord = (n: number, bytes = 100): CallRecord => ({
  envelope: new Uint8Array(bytes).fill(n),
  result: Buffer.from(`${n}`),
  gas: BigInt(n),
})

/** A service with so many commits after its genesis, and what its memory was after each of them. */
export const grow = async (
  history: LocalHistory,
  commits: number,
  { nonce = 1, salt = 0, owner = 'owner' }: { nonce?: number; salt?: number; owner?: string } = {},
): Promise<{ service: CID; heads: Head[]; images: Image[] }> => {
  const images = [createImage()]
  const heads = [await history.create(newService(images[0]!, nonce, owner))]
  const { service } = heads[0]!
  for (let step = 1; step <= commits; step++) {
    const delta = createDelta(step + salt)
    images.push(applyDelta(images.at(-1)!, delta))
    heads.push(await history.append(service, newCommit(delta, images.at(-1)!)))
  }
  return { service, heads, images }
}

/** Where the memory of a service was written last. */
export const newestCheckpoint = async (history: TestHistory, service: CID): Promise<{ cid: CID; seq: number }> =>
  await createBookkeeping(history.database.meta).checkpoint(service, (await history.head(service))!.seq)

/** Copies all blocks, as a pull would, except those that `skip` says. */
export const copyBlocks = async (
  from: LocalDatabase,
  to: LocalDatabase,
  skip: (cid: CID) => boolean = () => false,
): Promise<void> => {
  for await (const { cid, bytes } of from.blockstore.getAll()) {
    for await (const chunk of bytes) if (!skip(cid)) await to.blocks.put([{ cid, bytes: chunk }])
  }
}

/** Whether two links name the same content. */
export const sameContent = (a: CID, b: CID): boolean => Buffer.compare(a.multihash.bytes, b.multihash.bytes) === 0

/** An expectation for assert.rejects and assert.throws. */
export const coded =
  (code: StoreErrorCode, check: (error: StoreError) => boolean = () => true) =>
  (error: unknown): boolean => {
    assert(error instanceof StoreError, `${error}`)
    assert.equal(error.code, code)
    assert(error.hint.length > 0)
    return check(error)
  }

export const sameImage = (actual: Image, expected: Image): void => {
  assert(Buffer.compare(actual.memory, expected.memory) === 0, 'memories differ')
  assert.deepEqual({ ...actual, memory: 0 }, { ...expected, memory: 0 })
}

export const collect = async <T>(items: AsyncIterable<T> | Iterable<T>): Promise<T[]> => {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}
