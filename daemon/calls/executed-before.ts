/** The stored answers of calls, read back from the commits in which they stand. */
import * as dagCbor from '@ipld/dag-cbor'
import type { CID } from 'multiformats/cid'
import { isChunked } from '../store/commit-calls.ts'
import { decodeCommit } from '../store/commit-codec.ts'
import { CALLS_PER_CHUNK } from '../store/constants.ts'
import type { LocalDatabase } from '../store/database-types.ts'
import type { History } from '../store/types.ts'
import { CallsError } from './errors.ts'
import type { Executed } from './types.ts'

export interface ExecutedBefore {
  /** The entries of calls under these keys; undefined where one was never executed. */
  entries(keys: readonly string[]): Promise<(Uint8Array | undefined)[]>
  /** What the call of an entry did. */
  read(entry: Uint8Array): Promise<Executed>
  /** The blocks of a commit that prove the call with an index. */
  proofs(commit: CID): Promise<(index: number) => Pick<Executed, 'genesis' | 'handovers' | 'block' | 'chunk'>>
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

  const proofs: ExecutedBefore['proofs'] = async (cid) => {
    const block = (await database.blocks.get(cid))!
    const { calls, epoch, service = cid } = decodeCommit(cid, block).body
    const genesis = (await database.blocks.get(service))!
    const handovers = epoch === 0 ? [] : await handoversOf(service, epoch)
    const chunks = isChunked(calls) ? await database.blocks.getMany(calls.chunks) : []
    return (index) => {
      const chunk = chunks[Math.floor(index / CALLS_PER_CHUNK)]
      return { genesis, handovers, block, ...(chunk && { chunk }) }
    }
  }

  return {
    entries: (keys) => database.meta.getMany(keys),
    async read(entry) {
      const { commit, index } = dagCbor.decode<{ commit: CID; index: number }>(entry)
      if (!(await database.blocks.has(commit))) throw gone(commit)
      const [{ calls, seq }, proof] = await Promise.all([history.commit(commit), proofs(commit)])
      const { result, gas, events } = calls[index]!
      return { result, gas, ...(events && { events }), commit, seq, index, ...proof(index), logs: [] }
    },
    proofs,
  }
}

function gone(commit: CID): CallsError {
  const message = `The call was executed before, in the commit ${commit}; what it answered was pruned.`
  return new CallsError('PRUNED', message, 'read the state of the service to see what became of it')
}
