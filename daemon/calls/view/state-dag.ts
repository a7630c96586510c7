/** A logical state as dag-cbor blocks that anybody can read: the format is in specs/state.md, "As dag-cbor". */
import * as dagCbor from '@ipld/dag-cbor'
import type { CID } from 'multiformats/cid'
import type { Json } from '../../api/vocabulary.ts'
import { type Block, cborBlock, rawBlock } from '../../store/block.ts'
import { MAX_STATE_BLOCK_BYTES, MAX_STATE_KEY_BYTES } from '../constants.ts'

type Node = null | boolean | number | string | Uint8Array | CID | Node[] | { [key: string]: Node }

/** A piece, with the bytes of its encoding. */
interface Packed {
  node: Node
  size: number
}

/** What the head of an item takes at most (RFC 8949, section 3). */
const HEAD_BYTES = 9
/** What is filled of a block: the key of a piece, the tag around it and the head of the block have to fit, too. */
const ROOM: number = MAX_STATE_BLOCK_BYTES - MAX_STATE_KEY_BYTES - 10 * HEAD_BYTES

/** The blocks of a state, the root last. The same state gives the same blocks, whatever the order of its keys. */
export function stateBlocks(state: Json): { cid: CID; blocks: Block[] } {
  const blocks = new Map<string, Block>()
  const keep = (block: Block): CID => {
    blocks.set(block.cid.toString(), block)
    return block.cid
  }

  /** Links to pieces of a value that is too long for one block; whoever reads it joins them. */
  const parts = (links: CID[]): Packed => sized({ '/': { parts: links } })

  const packList = (items: readonly Json[]): Packed => {
    const packed = items.map(pack)
    const runs = inRuns(packed, ({ size }) => size)
    const lists = runs.map((run) => run.map(({ node }) => node))
    const size = sum(packed) + HEAD_BYTES
    if (size > ROOM) return parts(lists.map((list) => keep(cborBlock(list))))
    return { node: lists[0] ?? [], size }
  }

  const packMap = (json: { [key: string]: Json }): Packed => {
    const keys = Object.keys(json).sort()
    // a key cannot be split, an item of a list can
    if (keys.some((key) => Buffer.byteLength(key) > MAX_STATE_KEY_BYTES)) {
      return tagged('object', packList(keys.map((key) => [key, json[key]!])))
    }
    const packed = keys.map((key) => {
      const { node, size } = pack(json[key]!)
      return { key, node, size: size + Buffer.byteLength(key) + HEAD_BYTES }
    })
    const maps = inRuns(packed, ({ size }) => size).map((run) =>
      Object.fromEntries(run.map(({ key, node }) => [key, node])),
    )
    const size = sum(packed) + HEAD_BYTES
    if (size > ROOM) return parts(maps.map((map) => keep(cborBlock(map))))
    return { node: maps[0] ?? {}, size }
  }

  const packText = (text: string): Packed => {
    const size = Buffer.byteLength(text) + HEAD_BYTES
    if (size <= ROOM) return { node: text, size }
    const runs = inRuns(Array.from(text), (char) => Buffer.byteLength(char))
    return parts(runs.map((run) => keep(cborBlock(run.join('')))))
  }

  const packBytes = (bytes: Uint8Array): Packed => {
    if (bytes.length <= ROOM) return { node: bytes, size: bytes.length + HEAD_BYTES }
    const links: CID[] = []
    for (let at = 0; at < bytes.length; at += ROOM) links.push(keep(rawBlock(bytes.subarray(at, at + ROOM))))
    return parts(links)
  }

  const packTag = (tag: string, content: Json): Packed =>
    tag === 'bytes' && typeof content === 'string'
      ? packBytes(new Uint8Array(Buffer.from(content, 'base64')))
      : tagged(tag, pack(content))

  const pack = (json: Json): Packed => {
    if (typeof json === 'string') return packText(json)
    if (typeof json !== 'object' || json === null) return { node: json, size: HEAD_BYTES }
    if (Array.isArray(json)) return packList(json)
    const tag = Object.hasOwn(json, '/') ? soleEntry(json['/']!) : undefined
    return tag === undefined ? packMap(json) : packTag(...tag)
  }

  const cid = keep(cborBlock(pack(state).node))
  return { cid, blocks: [...blocks.values()] }
}

const sized = (node: Node): Packed => ({ node, size: dagCbor.encode(node).length })

const tagged = (tag: string, { node, size }: Packed): Packed => ({
  node: { '/': { [tag]: node } },
  size: size + tag.length + 4 * HEAD_BYTES,
})

const soleEntry = (json: Json): [string, Json] | undefined =>
  typeof json === 'object' && json !== null && !Array.isArray(json) ? Object.entries(json)[0] : undefined

const sum = (packed: readonly { size: number }[]): number => packed.reduce((total, { size }) => total + size, 0)

/** Neighbours together, as many as fit into a block. */
function inRuns<T>(items: readonly T[], sizeOf: (item: T) => number): T[][] {
  const runs: T[][] = []
  let room = 0
  for (const item of items) {
    const size = sizeOf(item)
    if (runs.length === 0 || size > room) {
      runs.push([])
      room = ROOM
    }
    runs.at(-1)!.push(item)
    room -= size
  }
  return runs
}
