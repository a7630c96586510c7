import * as dagCbor from '@ipld/dag-cbor'
import { equalBytes } from '../codec.ts'
import { blockLink } from './block.ts'
import { decodeHome } from './home.ts'
import { decodeList } from './list.ts'
import { decodeNodeRecord } from './node-record.ts'
import { isBehind, rankOf } from './rank.ts'
import { decodeHomeRecord } from './record.ts'
import type { Home, HomeRecord, NodeEntry } from './types.ts'

/** What a node of a user says, with the bytes as they came. */
export interface KnownNode extends NodeEntry {
  recordBytes: Uint8Array
  listBytes: Uint8Array
}

/** A user's home with the lists of its nodes, judged when they came; with the bytes as they came. Never changed, only replaced. */
export interface KnownHome {
  record: HomeRecord
  recordBytes: Uint8Array
  home: Home
  homeBytes: Uint8Array
  /** of nodes that the home certifies */
  nodes: readonly KnownNode[]
}

/**
 * The newest of two: the newer home, and of each node that it certifies the newer list. It is the first one itself where the other has
 * nothing newer.
 */
export function newestOf(one: KnownHome | undefined, other: KnownHome): KnownHome {
  if (one === undefined) return other
  const isOne = !isBehind(rankOf(one.record), rankOf(other.record)) && !isOtherOfSameRank(one, other)
  const base = isOne ? one : other
  const second = isOne ? other : one
  const nodes: KnownNode[] = []
  for (const peer of base.home.nodes) {
    const [first, next] = [nodeOf(base, peer), nodeOf(second, peer)]
    const newer = first === undefined || (next !== undefined && next.record.seq > first.record.seq) ? next : first
    if (newer !== undefined) nodes.push(newer)
  }
  const isSame = nodes.length === base.nodes.length && nodes.every((node) => base.nodes.includes(node))
  return isSame ? base : { ...base, nodes }
}

/** Two contents under one rank: what came last was judged last, so it is the one that counts. */
function isOtherOfSameRank(one: KnownHome, other: KnownHome): boolean {
  return !isBehind(rankOf(other.record), rankOf(one.record)) && !equalBytes(one.recordBytes, other.recordBytes)
}

const nodeOf = ({ nodes }: KnownHome, peer: string): KnownNode | undefined =>
  nodes.find(({ record }) => record.node === peer)

/** As it stands on disk. */
interface Stored {
  record: Uint8Array
  home: Uint8Array
  nodes: { record: Uint8Array; list: Uint8Array }[]
}

export function encodeKnown({ recordBytes, homeBytes, nodes }: KnownHome): Uint8Array {
  const lists = nodes.map((node) => ({ record: node.recordBytes, list: node.listBytes }))
  return dagCbor.encode({ record: recordBytes, home: homeBytes, nodes: lists } satisfies Stored)
}

/** Reads a stored home back; undefined if it is not there, damaged, or from an older layout. */
export function readKnown(bytes: Uint8Array | undefined): KnownHome | undefined {
  const stored = decodeOwn<Stored>(bytes)
  if (stored === undefined) return undefined
  try {
    const { record: recordBytes, home: homeBytes } = stored
    const record = decodeHomeRecord(recordBytes)
    if (!record.home.equals(blockLink(homeBytes))) return undefined
    const home = decodeHome(homeBytes)
    const nodes = stored.nodes.map(readNode).filter((node) => node !== undefined)
    return { record, recordBytes, home, homeBytes, nodes }
  } catch {
    return undefined
  }
}

function readNode(stored: Stored['nodes'][number]): KnownNode | undefined {
  const record = decodeNodeRecord(stored.record)
  if (!record.list.equals(blockLink(stored.list))) return undefined
  return { record, recordBytes: stored.record, list: decodeList(stored.list), listBytes: stored.list }
}

/** Bytes that it takes on disk; decoded it takes a few times as much. */
export function sizeOf(known: KnownHome | undefined): number {
  if (known === undefined) return 0
  const lists = known.nodes.reduce((sum, node) => sum + node.recordBytes.length + node.listBytes.length, 0)
  return known.recordBytes.length + known.homeBytes.length + lists
}

/** Bytes that this node wrote itself. */
export function decodeOwn<T>(bytes: Uint8Array | undefined): T | undefined {
  try {
    return bytes === undefined ? undefined : dagCbor.decode<T>(bytes)
  } catch {
    return undefined
  }
}
