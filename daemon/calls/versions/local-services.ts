/** The services of this node, each as others would see it if it were published. */
import type { CID } from 'multiformats/cid'
import type { Contract } from '../../contract/types.ts'
import type { Head, History } from '../../store/types.ts'
import type { Contracts } from '../life/contracts.ts'
import type { LocalName, RunningService } from '../types.ts'
import { runningVersion } from './choose.ts'
import { shownAs } from './line.ts'

/** One of the services under a name, as it stands. */
export interface ShownService extends RunningService {
  /** how it is told from the others: `forum`, `forum@v1` */
  shown: string
  name: string
  version: string
  head: Head
  contract: Contract
  yanked: boolean
  deprecated: string | null
}

export interface LocalServicesParts {
  history: Pick<History, 'head'>
  contracts: Pick<Contracts, 'load'>
  /** told of a service whose contract cannot be read, which is left out then. @default the others are not told of either */
  onUnreadable?: ((service: CID, error: Error) => void) | undefined
}

/** Those under one name; what has no history here is left out. */
export async function servicesOf(
  entry: LocalName,
  { history, contracts, onUnreadable }: LocalServicesParts,
): Promise<ShownService[]> {
  const found: ShownService[] = []
  for (const one of entry.running) {
    const head = await history.head(one.service)
    if (head === undefined) continue
    const contract = await contracts.load(head.contract).catch((error: Error) => {
      if (onUnreadable === undefined) throw error
      onUnreadable(one.service, error)
    })
    if (contract === undefined) continue
    const version = runningVersion(entry, contract, one.line)
    const said = entry.published.find((each) => each.version === version)
    const { yanked = false, deprecated = null } = said ?? {}
    found.push({ ...one, shown: shownAs(entry, one), name: entry.name, version, head, contract, yanked, deprecated })
  }
  return found
}
