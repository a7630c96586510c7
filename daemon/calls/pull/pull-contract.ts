/** Brings the blocks of a contract here. */
import type { CID } from 'multiformats/cid'
import type { Contract } from '../../contract/types.ts'
import type { Fetcher } from '../../node/fetch.ts'
import { links } from '../../store/links.ts'
import type { Contracts } from '../life/contracts.ts'
import type { Identity, Waiting } from '../types.ts'
import type { PullBulk } from './pull-bulk.ts'
import { sum } from './pull-history.ts'
import type { Moved } from './pull-sealed.ts'

/** @param host a node that is known to have it */
export type PullContract = (
  cid: CID,
  host: string | undefined,
  options: Waiting,
) => Promise<{ contract: Contract; moved: Moved }>

export interface PullContractParts {
  identity: Pick<Identity, 'peerId'>
  fetcher: Pick<Fetcher, 'dag'>
  pullBulk: PullBulk
  contracts: Pick<Contracts, 'load'>
}

export function createPullContract({ identity, fetcher, pullBulk, contracts }: PullContractParts): PullContract {
  return async (cid, host, { signal }) => {
    const bulk =
      host !== undefined && host !== identity.peerId
        ? await pullBulk({ host, roots: [cid], have: [], linksOf: links }, { signal })
        : { ...NOTHING, isWhole: false }
    const rest = bulk.isWhole ? NOTHING : await fetcher.dag(cid, links, { signal, providers: host ? [host] : [] })
    return { contract: await contracts.load(cid), moved: sum(bulk, rest) }
  }
}

/** Its sources, as the local API tells them. */
export async function filesOf(
  contracts: Pick<Contracts, 'sources'>,
  contract: Contract,
): Promise<{ path: string; bytes: string }[]> {
  const sources = await contracts.sources(contract)
  return sources.map(({ path, content }) => ({ path, bytes: Buffer.from(content).toString('base64') }))
}

const NOTHING: Moved = { blocks: 0, bytes: 0 }
