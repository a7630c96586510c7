/** DAGs for tests of the bulk stream, held in memory. */
import { hash } from 'node:crypto'
import * as dagCbor from '@ipld/dag-cbor'
import fc from 'fast-check'
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'
import { type Key, keyOf } from '../../../protocol/pull/key.ts'
import type { Source } from '../../../protocol/pull/types.ts'

export interface Dag {
  root: CID
  blocks: Map<Key, Uint8Array>
}

const cidFor = (codec: number, bytes: Uint8Array): CID =>
  CID.createV1(codec, Digest.create(0x12, hash('sha256', bytes, 'buffer')))

/** A set of blocks that grows from the leaves up. */
export function createForge(): { blocks: Dag['blocks']; raw(bytes: Uint8Array): CID; cbor(value: unknown): CID } {
  const blocks: Dag['blocks'] = new Map()
  const keep = (codec: number, bytes: Uint8Array): CID => {
    const cid = cidFor(codec, bytes)
    blocks.set(keyOf(cid)!, bytes)
    return cid
  }
  return {
    blocks,
    raw: (bytes) => keep(0x55, bytes),
    cbor: (value) => keep(0x71, dagCbor.encode(value)),
  }
}

/** A block with so many raw leaves of so many bytes. */
export function wide(count: number, bytes: number): Dag {
  const forge = createForge()
  const leaves = Array.from({ length: count }, (_, i) => forge.raw(Buffer.alloc(bytes, `${i} `)))
  return { root: forge.cbor({ leaves }), blocks: forge.blocks }
}

/** So many blocks, each linking to the next and to a leaf of its own. */
export function chain(length: number): Dag {
  const forge = createForge()
  let root = forge.cbor({ i: 0 })
  for (let i = 1; i < length; i++) root = forge.cbor({ i, n: root, own: forge.raw(Buffer.from(`${i}`)) })
  return { root, blocks: forge.blocks }
}

/** Any DAG of up to 40 blocks, with blocks that are linked many times; some of the blocks are not there. */
export const anyDag: fc.Arbitrary<Dag> = fc
  .record({
    nodes: fc.array(
      fc.record({
        isRaw: fc.boolean(),
        links: fc.array(fc.nat(39), { maxLength: 6 }),
        isNested: fc.boolean(),
        isGone: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
      }),
      { minLength: 1, maxLength: 40 },
    ),
  })
  .map(({ nodes }) => {
    const forge = createForge()
    const cids: CID[] = []
    const gone: CID[] = []
    for (const [i, { isRaw, links, isNested, isGone }] of nodes.entries()) {
      const to = links.filter((link) => link < i).map((link) => cids[link]!)
      const value = isNested ? { n: -i, f: 1.5, t: 'text', deep: [{ to }, new Uint8Array(300), null, true] } : { i, to }
      const cid = isRaw ? forge.raw(Buffer.from(`leaf ${i}`)) : forge.cbor(value)
      cids.push(cid)
      if (isGone && i < nodes.length - 1) gone.push(cid)
    }
    const root = forge.cbor({ all: cids.slice(-3), last: cids.at(-1) })
    for (const cid of gone) forge.blocks.delete(keyOf(cid)!)
    return { root, blocks: forge.blocks }
  })

export function sourceOf({ blocks }: Pick<Dag, 'blocks'>): Source {
  const get = async (cid: CID): Promise<Uint8Array | undefined> => blocks.get(keyOf(cid)!)
  return { get, getMany: (cids) => Promise.all(cids.map(get)) }
}
