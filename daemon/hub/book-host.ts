/** Builds the book of usernames from the sources that this program brings along, and runs it. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as dagCbor from '@ipld/dag-cbor'
import type { CID } from 'multiformats/cid'
import { CallsError } from '../calls/errors.ts'
import type { Contracts } from '../calls/life/contracts.ts'
import type { Deploy } from '../calls/life/deploy.ts'
import type { Names } from '../calls/names/names.ts'
import { compile } from '../contract/compile.ts'
import { encodeContract } from '../contract/encode.ts'
import type { Contract } from '../contract/types.ts'
import type { Meta } from '../store/database-types.ts'
import { BOOK_NAME } from './constants.ts'

const BUILT_KEY = 'hub/built'

const FOLDER: string = dirname(fileURLToPath(new URL('./book/book.ts', import.meta.url)))
const SOURCES: readonly string[] = ['amigo.yaml', 'book.ts']

export interface BookParts {
  contracts: Contracts
  meta: Pick<Meta, 'get' | 'put'>
}

/** The contract of the book as this release has it, on this node. It is compiled when it is not here yet, or has changed. */
export async function bookContract({ contracts, meta }: BookParts, signal: AbortSignal): Promise<Contract> {
  const hash = createHash('sha256')
  for (const source of SOURCES) hash.update(await readFile(join(FOLDER, source)))
  const sources = hash.digest('hex')
  const built = await readBuilt(meta)
  const before = built?.sources === sources ? await contracts.load(built.contract).catch(() => undefined) : undefined
  if (before !== undefined) return before
  const { blocks } = await encodeContract(await compile(FOLDER, { signal }))
  const upload = blocks.map(({ cid, bytes }) => ({ cid: cid.toString(), bytes: Buffer.from(bytes).toString('base64') }))
  const { contract } = await contracts.take({ blocks: upload })
  await meta.put(BUILT_KEY, dagCbor.encode({ sources, contract: contract.cid }))
  return contract
}

export interface StartBookParts extends BookParts {
  deploy: Deploy
  names: Pick<Names, 'get'>
  log: (line: string) => void
}

/**
 * Makes the book at the first start; gives it the code of this release at a later one. Answers the service. A book that does not take the
 * new code goes on with what it has: the names in it are worth more.
 */
export async function startBook(parts: StartBookParts, signal: AbortSignal): Promise<CID> {
  // one book for good: its version stays below 2, as another major number would begin another service
  const before = (await parts.names.get(BOOK_NAME))?.running[0]?.service
  try {
    const contract = await bookContract(parts, signal)
    const { head } = await parts.deploy(contract, { as: BOOK_NAME, signal })
    return before ?? head.service
  } catch (error) {
    if (before === undefined || signal.aborted) throw error
    parts.log(`the book of usernames runs the code that it had: ${error instanceof Error ? error.message : 'unknown'}`)
    return before
  }
}

/** As `deploy`, for what a hub's user deploys: the book is not given other code by mistake. */
export function sparingBook(deploy: Deploy): Deploy {
  return async (contract, options) => {
    if ((options.as ?? contract.manifest.name) !== BOOK_NAME) return deploy(contract, options)
    const message = `local.land/_/${BOOK_NAME} is the book of usernames of this network.`
    throw new CallsError('NAME_RESERVED', message, 'deploy it under another name: --as NAME')
  }
}

async function readBuilt(meta: Pick<Meta, 'get'>): Promise<{ sources: string; contract: CID } | undefined> {
  const bytes = await meta.get(BUILT_KEY)
  return bytes === undefined ? undefined : dagCbor.decode(bytes)
}
