/** What of this node can be imported: services that run here, and the contracts that were published under their names. */
import type { CID } from 'multiformats/cid'
import type { ContractImport } from '../../contract/types.ts'
import type { History } from '../../store/types.ts'
import type { Contracts } from '../life/contracts.ts'
import type { Names } from '../names/names.ts'
import { checkAnyAccess } from '../run/check-access.ts'

export interface TargetsParts {
  history: Pick<History, 'head' | 'commit'>
  contracts: Pick<Contracts, 'of'>
  names: Pick<Names, 'all' | 'of'>
}

export interface Targets {
  /** What of these imports is here, and may be known to that service or its owner. */
  among(imports: readonly ContractImport[], importer: Importer): Promise<{ target: CID; pin: ContractImport }[]>
  /** Whether a contract was published here. */
  isPublished(contract: CID): Promise<boolean>
  /** A service, and the contracts whose code others may have linked that were published under its name. */
  of(service: CID): Promise<CID[]>
}

/** Who imports, as it says. */
export interface Importer {
  service: CID
  /** user ID of its owner */
  user: string
}

export function createTargets({ history, contracts, names }: TargetsParts): Targets {
  const isPublished = async (contract: CID): Promise<boolean> =>
    (await names.all()).some(
      ({ published, unpublished }) => !unpublished && published.some((one) => one.contract.equals(contract)),
    )

  const mayKnow = async (service: CID, importer: Importer): Promise<boolean> => {
    const head = await history.head(service)
    if (!head?.hosted) return false
    const { genesis } = await history.commit(service)
    const contract = await contracts.of(head)
    const owner = genesis?.owner ?? ''
    const askers = [{ user: importer.user }, { user: importer.service.toString(), userOwner: importer.user }]
    return askers.some((asker) => {
      try {
        checkAnyAccess(contract, { owner, ...asker })
        return true
      } catch {
        return false
      }
    })
  }

  return {
    isPublished,
    async among(imports, importer) {
      const found: { target: CID; pin: ContractImport }[] = []
      for (const pin of imports) {
        const isCode = pin.mode === 'code'
        const target = isCode ? pin.contract : pin.service
        if (isCode ? await isPublished(target) : await mayKnow(target, importer)) found.push({ target, pin })
      }
      return found
    },
    async of(service) {
      const head = await history.head(service)
      const published = (await names.of(service))?.entry.published ?? []
      const all = [service, ...(head ? [head.contract] : []), ...published.map(({ contract }) => contract)]
      return [...new Map(all.map((one) => [one.toString(), one])).values()]
    },
  }
}
