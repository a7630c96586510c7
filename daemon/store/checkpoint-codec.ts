import type { CID } from 'multiformats/cid'
import { HASH, MAX_WASM_PAGES, PAGE, WASM_PAGE } from '../vm/constants.ts'
import type { Block } from './block.ts'
import { cborBlock, cidFrom, DAG_CBOR, RAW, sameBytes, sha256 } from './block.ts'
import { decodeCanonical } from './canonical.ts'
import { MAX_ANCHORS, MAX_BLOCK_BYTES, MAX_GLOBALS, PAGES_PER_NODE } from './constants.ts'
import { StoreError } from './errors.ts'
import { asOurCid, fieldsOf } from './fields.ts'

/** The root block of a checkpoint; specs/history.md, "Checkpoint". */
export interface CheckpointRoot {
  /** absent for the first memory, which is made before its service has an ID */
  service?: CID
  /** of the commit whose memory this is */
  seq: number
  /** Merkle root, as in that commit */
  root: Uint8Array
  /** size of the memory, in pages of 64 KiB */
  pages: number
  globals: number[]
  anchors: number[]
  /** index nodes, each with PAGES_PER_NODE links to pages of 4 KiB, the last with the rest */
  nodes: CID[]
}

/** Digest of a page of zeros. Such a page is no block: its place in the index is null. */
export const ZERO_PAGE_DIGEST: Uint8Array = sha256(new Uint8Array(PAGE))

/** Pages of 4 KiB in so many WebAssembly pages of 64 KiB. */
export const pageCount = (pages: number): number => (pages * WASM_PAGE) / PAGE

/** The block that a commit links. */
export const encodeRoot = (root: CheckpointRoot): Block => cborBlock(root)

/** @throws StoreError BLOCK_INVALID, BLOCK_TOO_LARGE */
export const decodeRoot = (bytes: Uint8Array): CheckpointRoot => {
  const fields = fieldsOf(decodeCanonical(bytes, MAX_BLOCK_BYTES), 'checkpoint')
  const pages = fields.count('pages', MAX_WASM_PAGES)
  const root: CheckpointRoot = {
    ...(fields.has('service') ? { service: fields.cid('service') } : {}),
    seq: fields.count('seq'),
    root: fields.bytes('root', { min: HASH, max: HASH }),
    pages,
    globals: fields.integers('globals', MAX_GLOBALS),
    anchors: fields.integers('anchors', MAX_ANCHORS),
    nodes: fields.list('nodes', nodeCount(pages)).map(asNodeLink),
  }
  fields.end()
  const fits = pages >= 1 && root.nodes.length === nodeCount(pages) && [...root.globals, ...root.anchors].every(isInt32)
  if (!fits) throw new StoreError('BLOCK_INVALID', 'The numbers of a checkpoint do not fit together.')
  return root
}

/** Blocks that list the 4 KiB pages. @param pages of 64 KiB */
export const nodeCount = (pages: number): number => Math.ceil(pageCount(pages) / PAGES_PER_NODE)

/** An index node for these digests of pages, 32 bytes each. */
export const encodeNode = (digests: Uint8Array): Block => {
  const links: (CID | null)[] = []
  for (let at = 0; at < digests.length; at += HASH) {
    const digest = digests.subarray(at, at + HASH)
    links.push(sameBytes(digest, ZERO_PAGE_DIGEST) ? null : cidFrom(RAW, digest))
  }
  return cborBlock(links)
}

/** Reads a node into its place among the digests. @throws StoreError BLOCK_INVALID, BLOCK_TOO_LARGE */
export const decodeNode = (bytes: Uint8Array, digests: Uint8Array): void => {
  const links = decodeCanonical(bytes, MAX_BLOCK_BYTES)
  if (!Array.isArray(links) || links.length * HASH !== digests.length) {
    throw new StoreError('BLOCK_INVALID', 'An index node of a checkpoint has the wrong length.')
  }
  links.forEach((link: unknown, i) => {
    digests.set(link === null ? ZERO_PAGE_DIGEST : pageDigest(link), i * HASH)
  })
}

const pageDigest = (link: unknown): Uint8Array => {
  const cid = asOurCid(link)
  // a link to the page of zeros would be a second spelling of null
  if (cid?.code !== RAW || sameBytes(cid.multihash.digest, ZERO_PAGE_DIGEST)) {
    throw new StoreError('BLOCK_INVALID', 'An index node of a checkpoint links to something else than a page.')
  }
  return cid.multihash.digest
}

const asNodeLink = (value: unknown): CID => {
  const cid = asOurCid(value)
  if (cid?.code !== DAG_CBOR)
    throw new StoreError('BLOCK_INVALID', 'A checkpoint links to something else than its index.')
  return cid
}

const isInt32 = (n: number): boolean => n >= -(2 ** 31) && n < 2 ** 32
