/** The stored answers of calls, read back from the commits in which they stand. */
import * as dagCbor from '@ipld/dag-cbor'
import type { CID } from 'multiformats/cid'
import { isChunked, placeOf } from '../../store/commit-calls.ts'
import { decodeCommit } from '../../store/commit-codec.ts'
import type { LocalDatabase } from '../../store/database-types.ts'
import type { Appended, History } from '../../store/types.ts'
import { MAX_LATELY_EXECUTED } from '../constants.ts'
import { CallsError } from '../errors.ts'
import type { Executed } from '../types.ts'
import { createLookups, type Lookups } from './lookups.ts'

/** Whose key counts. */
export type Hosts = Pick<Executed, 'genesis' | 'handovers'>

export interface ExecutedBefore {
  /** By key: the entry of a call, undefined if it was never executed. */
  readonly lookups: Lookups
  /** What the call of an entry did. */
  read(entry: Uint8Array): Promise<Executed>
  /** The blocks that say whose key counts in an epoch of a service. */
  hosts(service: CID, epoch: number): Promise<Hosts>
}

/** Under which the answer of a call is found again, by its ID; in hexadecimal, which is made ten times as fast as a CID's text. */
export const entryKey = (id: CID): string => `call/${Buffer.from(id.multihash.digest).toString('hex')}`

export function createExecutedBefore(parts: { history: History; database: LocalDatabase }): ExecutedBefore {
  const { history, database } = parts

  /** Those up to an epoch. */
  const handoversOf = async (service: CID, epoch: number): Promise<Uint8Array[]> => {
    const head = await history.head(service)
    return (await database.blocks.getMany(head!.handovers.slice(0, epoch))).map((block) => block!)
  }

  const hosts: ExecutedBefore['hosts'] = async (service, epoch) => ({
    genesis: (await database.blocks.get(service))!,
    handovers: epoch === 0 ? [] : await handoversOf(service, epoch),
  })

  return {
    lookups: createLookups((keys) => database.meta.getMany(keys), { most: MAX_LATELY_EXECUTED }),
    async read(entry) {
      const { commit, index } = dagCbor.decode<{ commit: CID; index: number }>(entry)
      const block = await database.blocks.get(commit)
      if (block === undefined) throw gone(commit)
      const { calls, seq, epoch, service } = await history.commit(commit)
      const packed = decodeCommit(commit, block).body.calls
      const chunks = isChunked(packed) ? (await database.blocks.getMany(packed.chunks)).map((chunk) => chunk!) : []
      const { result, gas, events } = calls[index]!
      return {
        result,
        gas,
        ...(events && { events }),
        commit,
        seq,
        index,
        logs: [],
        ...(await hosts(service ?? commit, epoch)),
        ...proofOf({ block, chunks, count: calls.length }, index),
      }
    },
    hosts,
  }
}

/** The blocks of a commit that prove the call with an index. */
export function proofOf(
  { block, chunks, count }: Pick<Appended, 'block' | 'chunks' | 'count'>,
  index: number,
): Pick<Executed, 'block' | 'chunk'> {
  const chunk = chunks[placeOf(index, { count, chunks: chunks.length }).chunk]
  return { block, ...(chunk && { chunk }) }
}

function gone(commit: CID): CallsError {
  const message = `The call was executed before, in the commit ${commit}; what it answered was pruned.`
  return new CallsError('PRUNED', message, 'read the state of the service to see what became of it')
}
