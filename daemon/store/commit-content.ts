/** The content that the calls of a commit read or wrote: the CIDs of raw blocks, or the link to a block of the commit with them. */
import { CID } from 'multiformats/cid'
import type { Block } from './block.ts'
import { DAG_CBOR, RAW } from './block.ts'
import { MAX_CONTENT_PER_COMMIT } from './constants.ts'
import type { Blocks } from './database-types.ts'
import { StoreError } from './errors.ts'
import { asOurCid } from './fields.ts'
import type { Owner } from './owned-block.ts'
import { openOwned, ownedBlock } from './owned-block.ts'
import { need } from './payload.ts'

export type PackedContent = readonly CID[] | CID

/** @param options.apart whoever sees the commit is not to see which content */
export const packContent = (
  content: readonly CID[],
  blocks: Block[],
  owner: Owner,
  { apart }: { apart: boolean },
): PackedContent | undefined => {
  if (content.length === 0 || !apart) return content.length === 0 ? undefined : [...content]
  const block = ownedBlock(owner, { content: [...content] })
  blocks.push(block)
  return block.cid
}

/** @throws StoreError BLOCK_MISSING, BLOCK_INVALID */
export const unpackContent = async (
  content: PackedContent | undefined,
  blocks: Blocks,
  owner: Owner,
): Promise<CID[]> => {
  const link = CID.asCID(content)
  if (link === null) return [...((content ?? []) as readonly CID[])]
  const fields = openOwned(await need(blocks, link), owner)
  const listed = asList(fields.take('content'))
  fields.end()
  return listed
}

/** Checks what stands in the field `content` of a commit. @throws StoreError BLOCK_INVALID */
export const asPackedContent = (value: unknown): PackedContent => {
  const link = asOurCid(value)
  if (link?.code === DAG_CBOR) return link
  return asList(value)
}

const asList = (items: unknown): CID[] => {
  if (!Array.isArray(items) || items.length === 0 || items.length > MAX_CONTENT_PER_COMMIT)
    throw new StoreError('BLOCK_INVALID', 'A commit has no list of content where it should, or too long a one.')
  return items.map((item) => {
    const cid = asOurCid(item)
    if (cid?.code === RAW) return cid
    throw new StoreError('BLOCK_INVALID', 'The content of a commit is not raw blocks.')
  })
}
