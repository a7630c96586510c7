/** How far each copy on this node has been executed again, and where that ended. */
import * as dagCbor from '@ipld/dag-cbor'
import type { CID } from 'multiformats/cid'
import type { Mismatch } from '../../api/vocabulary.ts'
import type { Meta } from '../../store/database-types.ts'

export interface ReplayRow {
  /** the newest commit up to which everything was executed here and was as its host says; absent if nothing was yet */
  upTo?: { commit: CID; seq: number }
  /** what was not: the service is used no more */
  mismatch?: Mismatch
}

export interface ReplayRows {
  get(service: CID): Promise<ReplayRow>
  put(service: CID, row: ReplayRow): Promise<void>
}

const PREFIX = 'replay/'

export function createReplayRows(meta: Pick<Meta, 'get' | 'put'>): ReplayRows {
  return {
    async get(service) {
      const row = await meta.get(PREFIX + service)
      return row === undefined ? {} : dagCbor.decode<ReplayRow>(row)
    },
    put: (service, row) => meta.put(PREFIX + service, dagCbor.encode(row)),
  }
}
