import * as dagCbor from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import { cborCid, rawCid } from './block-cid.ts'
import { MAX_ROOT_BYTES } from './constants.ts'
import { ContractError } from './errors.ts'
import type { Root } from './root.ts'
import { isBoundedRoot } from './root-bounds.ts'
import type { Block, BuiltContract, EncodedContract } from './types.ts'

/** Makes blocks of a compiled contract, the root first; equal contents become one block. Pure but for hashing. Throws CONTRACT_TOO_LARGE. */
export async function encodeContract(built: BuiltContract): Promise<EncodedContract> {
  const module = await rawBlock(built.module)
  const sources = await Promise.all(
    built.sources.map(async ({ path, content }) => ({ path, block: await rawBlock(content) })),
  )
  const root: Written<Root> = {
    amigos: 'contract',
    v: 1,
    manifest: built.manifest,
    interface: built.interface,
    init: built.init,
    module: module.cid,
    imports: built.imports.map(written),
    bundle: built.bundle.map(written),
    sources: sources.map(({ path, block }) => ({ path, content: block.cid })),
  }
  const bytes = dagCbor.encode(root)
  if (!isBoundedRoot(bytes))
    throw new ContractError(
      'CONTRACT_TOO_LARGE',
      `Manifest, interface and list of sources have ${bytes.length} bytes; ${MAX_ROOT_BYTES} is the most.`,
      'Shorten the doc comments and the types of exported functions, or split the contract.',
    )
  const cid = await cborCid(bytes)
  const blocks: Block[] = [{ cid, bytes }, module, ...sources.map(({ block }) => block)]
  return { cid, blocks: [...new Map(blocks.map((block) => [block.cid.toString(), block])).values()] }
}

/** What names blocks of others: as text, for whoever fetches a contract does not mean to fetch what it imports. */
type Written<R extends Root> = Omit<R, 'imports' | 'bundle'> & { imports: object[]; bundle: object[] }

function written(fields: object): object {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, CID.asCID(value)?.toString() ?? value]))
}

async function rawBlock(bytes: Uint8Array): Promise<Block> {
  return { cid: await rawCid(bytes), bytes }
}
