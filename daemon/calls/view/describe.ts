/** What a service can do: the interface of its contract, fetched if need be. */
import type { FunctionSummary, Json, Methods, ServiceRules } from '../../api/vocabulary.ts'
import type { Contract } from '../../contract/types.ts'
import type { Fetcher } from '../../node/fetch.ts'
import type { History } from '../../store/types.ts'
import type { Contracts } from '../life/contracts.ts'
import type { ResolveService, ServiceTarget } from '../names/resolve.ts'
import type { Remote } from '../remote/remote.ts'
import { limitsFor } from '../run/call-limits.ts'
import type { Identity } from '../types.ts'
import type { Lineage } from './forked-from.ts'

export interface DescribeParts {
  identity: Identity
  resolveService: ResolveService
  remote: Remote
  fetcher: Fetcher
  history: History
  contracts: Contracts
  lineage: Pick<Lineage, 'forkedFrom'>
}

export type Describe = (name: string, options: { signal: AbortSignal }) => Promise<Methods['describe']['result']>

/** The contract of a service, of which the root alone is needed: fetched from its host if need be. */
export type FindContract = (target: ServiceTarget, options: { signal: AbortSignal }) => Promise<Contract>

export function createFindContract(parts: Omit<DescribeParts, 'resolveService' | 'lineage'>): FindContract {
  const { identity, remote, fetcher, history, contracts } = parts
  return async ({ service, host, contract }, { signal }) => {
    const here = await history.head(service)
    const known = host === identity.peerId ? here?.contract : (contract ?? here?.contract)
    const cid = known ?? (await remote.head(host, service, { signal })).contract
    try {
      await fetcher.block(cid, { signal, providers: [host] })
    } catch (error) {
      // if the host is away, that is what to say
      if (host !== identity.peerId) await remote.head(host, service, { signal })
      throw error
    }
    return contracts.of({ service, contract: cid })
  }
}

export function createDescribe({ resolveService, lineage, ...parts }: DescribeParts): Describe {
  const { identity } = parts
  const contractOf = createFindContract(parts)
  return async (name, { signal }) => {
    const target = await resolveService(name, { signal })
    const contract = await contractOf(target, { signal })
    const forkedFrom = await lineage.forkedFrom(target.service)
    const from = target.host === identity.peerId ? 'local' : identity.peerId
    return {
      name: target.name,
      service: target.service.toString(),
      version: target.version ?? contract.manifest.version,
      contract: contract.cid.toString(),
      ...(target.running && { running: target.running }),
      ...(forkedFrom && { forkedFrom }),
      warnings: target.warnings ?? [],
      functions: functionsOf(contract),
      ...rulesOf(contract, from),
    }
  }
}

/** Who may do what, and how much of it, by whose turn it is: the host's own settings are taken to be those of this node. */
export function rulesOf({ manifest: { access, limits } }: Contract, from: string): ServiceRules {
  return { access: { ...access, functions: { ...access.functions } }, limits: limitsFor(limits, from) }
}

/** What it exports. */
export function functionsOf(contract: Contract): FunctionSummary[] {
  return contract.interface.map(({ name, kind, params, returns, doc }) => ({
    name,
    kind,
    returns,
    doc,
    params: params.map(({ type, ...param }) => ({ ...param, type: type as unknown as Json })),
  }))
}
