/** A contract with its sources, by the name of a service or its own CID: what another contract is compiled against. */
import type { CID } from 'multiformats/cid'
import { formatName, parseName } from '../../../registry/grammar/name.ts'
import type { Implementation } from '../../api/vocabulary.ts'
import type { Contract } from '../../contract/types.ts'
import { CallsError } from '../errors.ts'
import type { Contracts } from '../life/contracts.ts'
import type { Resolve, ServiceTarget } from '../names/resolve.ts'
import type { Remote } from '../remote/remote.ts'
import { type Asker, checkAccess, checkAnyAccess } from '../run/check-access.ts'
import type { Identity, Waiting } from '../types.ts'
import { filesOf, type PullContract } from './pull-contract.ts'

export interface FetchContractParts {
  identity: Identity
  resolve: Resolve
  remote: Pick<Remote, 'head'>
  pullContract: PullContract
  contracts: Pick<Contracts, 'root' | 'sources'>
}

interface Running {
  contract: CID
  commit: CID
}

/** @throws CallsError NOT_A_CONTRACT; VERSION_NOT_RUNNING unless for its code; ACCESS_DENIED for a fork; and whatever went wrong */
export function createFetchContract(parts: FetchContractParts): Implementation['contract'] {
  const { identity, resolve, remote, pullContract, contracts } = parts
  const { suffix } = identity.network

  /** Without a version. What only this node calls so means its user everywhere. */
  const importName = (text: string, user: string | undefined): string => {
    const name = parseName(text, { suffix })
    if (name.kind !== 'service' && name.kind !== 'local') return text
    const plain = { ...name, version: { kind: 'latest' as const } }
    return formatName(plain.kind === 'service' && user ? { ...plain, owner: { key: user } } : plain, { suffix })
  }

  /** @param isFork its host says what its newest commit is, to whom it tells anything */
  const running = async (target: ServiceTarget, isFork: boolean, waiting: Waiting): Promise<Running> => {
    const { service, host, contract, head } = target
    const isKnown = host === identity.peerId || !isFork
    if (contract !== undefined && head !== undefined && isKnown) return { contract, commit: head }
    const found = await remote.head(host, service, waiting)
    return { contract: found.contract, commit: found.commit }
  }

  return async ({ name, mode = 'live' }, waiting) => {
    const target = await resolve(name, { signal: waiting.signal, code: mode === 'code' })
    if (target.kind !== 'service' && target.kind !== 'contract') {
      const message = `${target.name} is neither a service nor a contract.`
      throw new CallsError('NOT_A_CONTRACT', message, 'name a service, such as alice.amigos.net/forum')
    }
    const isFork = mode === 'fork'
    const at = target.kind === 'service' ? await running(target, isFork, waiting) : { ...target, commit: null }
    const { contract } = await pullContract(at.contract, target.host, waiting)
    const asker = { owner: ('user' in target && target.user) || '', user: identity.user }
    if (isFork && target.host !== identity.peerId) checkAccess(contract, asker, 'history')
    const [root, files] = await Promise.all([contracts.root(contract.cid), filesOf(contracts, contract)])
    const petname = target.kind === 'service' && target.petname !== undefined ? target.user : undefined
    return {
      name: importName(target.name, petname),
      version: target.version ?? contract.manifest.version,
      contract: contract.cid.toString(),
      service: target.kind === 'service' ? target.service.toString() : null,
      commit: at.commit?.toString() ?? null,
      root: Buffer.from(root).toString('base64'),
      files,
      network: null,
      warnings: [...(target.warnings ?? []), ...(mode === 'live' ? closedTo(contract, asker) : [])],
    }
  }
}

/** The service that will call it may be let in where this user is not. */
function closedTo(contract: Contract, asker: Asker): string[] {
  try {
    checkAnyAccess(contract, asker)
    return []
  } catch {
    return [`${contract.manifest.name} lets only some call it, and this node's user is not among them`]
  }
}
