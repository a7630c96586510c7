/** Tells the network what is to be had here. */
import type { CID } from 'multiformats/cid'
import type { History } from '../../store/types.ts'
import type { Contracts } from '../life/contracts.ts'
import { isSealed } from '../run/check-access.ts'

export interface ProvideParts {
  node: { provide(cid: CID): void }
  history: Pick<History, 'head'>
  contracts: Pick<Contracts, 'of'>
}

/** A service that everybody may read; of one that is for some only nothing is said. */
export function createProvideService({ node, history, contracts }: ProvideParts): (service: CID) => Promise<void> {
  return async (service) => {
    const head = await history.head(service)
    if (head !== undefined && !isSealed(await contracts.of(head))) node.provide(service)
  }
}
