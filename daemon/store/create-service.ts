import type { CID } from 'multiformats/cid'
import { checkImage } from '../vm/image.ts'
import type { Block } from './block.ts'
import { sameBytes } from './block.ts'
import type { Bookkeeping, CheckpointRow, HeadRow } from './bookkeeping.ts'
import { checkpointWrite, headWrite } from './bookkeeping.ts'
import { sealCommit } from './commit-codec.ts'
import { MAX_CALLS_BYTES } from './constants.ts'
import type { Also, LocalDatabase, Signer, Write } from './database-types.ts'
import { StoreError } from './errors.ts'
import { pagedFromImage } from './paged-image.ts'
import { packPayload } from './payload.ts'
import { sealFields, sealOf } from './seal.ts'
import type { NewService } from './types.ts'
import { writeCheckpoint } from './write-checkpoint.ts'

export interface CreateComponents {
  database: LocalDatabase
  bookkeeping: Bookkeeping
  signer: Signer
}

/** Writes the genesis with its checkpoint and head: all of it, or nothing that anybody names. */
export const createService = async (
  { database, bookkeeping, signer }: CreateComponents,
  { genesis, contract, engine, time, image, root, also, sealed = false }: NewService,
): Promise<HeadRow> => {
  checkState(image)
  if (genesis.args.length > MAX_CALLS_BYTES)
    throw new StoreError('COMMIT_TOO_LARGE', 'The arguments of a genesis are too long.')
  const seals = sealFields(sealed)
  const seal = sealOf(seals)
  const checkpoint = await writeCheckpoint(pagedFromImage(image, database.blocks), { seq: 0, seal }, database)
  if (!sameBytes(checkpoint.root, root))
    throw new StoreError('ROOT_MISMATCH', 'The first memory of a service does not have its root.')

  const blocks: Block[] = []
  const { owner, nonce } = genesis
  // every receipt shows the genesis
  const args = packPayload(genesis.args, blocks, { seq: 0 }, sealed ? 0 : undefined)
  const block = await sealCommit(
    {
      kind: 'genesis',
      seq: 0,
      epoch: 0,
      genesis: { owner, nonce, args },
      checkpoint: checkpoint.cid,
      contract,
      engine,
      time,
      calls: [],
      root,
      host: signer.publicKey,
    },
    signer,
  )
  const service = block.cid
  if (await bookkeeping.head(service)) throw new StoreError('SERVICE_EXISTS', 'This service exists already.', [service])

  const row: HeadRow = {
    service,
    commit: service,
    seq: 0,
    epoch: 0,
    contract,
    root,
    trust: 'own',
    host: signer.publicKey,
    deltaBytes: 0,
    handovers: [],
    ...seals,
  }
  const checkpointRow: CheckpointRow = { cid: checkpoint.cid, seq: 0, commit: service, deltaBytes: 0 }
  await database.commit([
    ...checkpoint.writes,
    ...[...blocks, block].map((one) => blockWrite(one, seal)),
    headWrite(row),
    checkpointWrite(service, checkpointRow),
    ...alsoWrites(also, service),
  ])
  return row
}

/** Puts a block. @param seal of a history that is not for everybody; undefined: strangers may have it */
export const blockWrite = ({ cid, bytes }: Block, seal: string | undefined): Write => ({
  put: 'block',
  cid,
  bytes,
  ...(seal !== undefined && { seal }),
})

/** What is to be written together with a commit, once its CID is known. */
export const alsoWrites = (also: Also | undefined, cid: CID): readonly Write[] =>
  typeof also === 'function' ? also(cid) : (also ?? [])

const checkState = (image: NewService['image']): void => {
  try {
    checkImage(image)
  } catch {
    throw new StoreError('STATE_INVALID', 'The first memory of a service is malformed.')
  }
}
