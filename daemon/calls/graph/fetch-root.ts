/** The first block of a contract, wherever it is: what it imports stands in it. */
import type { CID } from 'multiformats/cid'
import { decodeContract } from '../../contract/decode.ts'
import type { Contract } from '../../contract/types.ts'
import type { Fetcher } from '../../node/fetch.ts'
import type { Contracts } from '../life/contracts.ts'
import { GRAPH_FETCH_MS } from './constants.ts'

export interface FetchRootParts {
  contracts: Pick<Contracts, 'load'>
  fetcher: Pick<Fetcher, 'block'>
}

/** @param host peer ID of a node that should have it @throws NodeError CONTENT_NOT_FOUND; ContractError CONTRACT_INVALID */
export type FetchRoot = (cid: CID, host: string | undefined, signal: AbortSignal) => Promise<Contract>

export function createFetchRoot({ contracts, fetcher }: FetchRootParts): FetchRoot {
  return async (cid, host, outer) => {
    const here = await contracts.load(cid).catch(() => undefined)
    if (here !== undefined) return here
    const signal = AbortSignal.any([outer, AbortSignal.timeout(GRAPH_FETCH_MS)])
    const bytes = await fetcher.block(cid, { signal, providers: host === undefined ? [] : [host] })
    return decodeContract(cid, async () => bytes)
  }
}
