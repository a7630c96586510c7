/** Brings a service or a contract here: code, history and state, so that it can be read and queried with its host away. */
import type { CID } from 'multiformats/cid'
import type { Methods } from '../api/vocabulary.ts'
import type { Contract } from '../contract/types.ts'
import type { Fetcher } from '../node/fetch.ts'
import { links } from '../store/links.ts'
import type { History } from '../store/types.ts'
import type { Contracts } from './contracts.ts'
import { CallsError } from './errors.ts'
import type { Remote } from './remote.ts'
import type { Resolve } from './resolve.ts'
import type { Identity, Target } from './types.ts'

type Pulled = Methods['pull']['result']

export interface PullParts {
  identity: Identity
  resolve: Resolve
  remote: Remote
  fetcher: Fetcher
  history: History
  contracts: Contracts
}

export type Pull = (name: string, options: { signal: AbortSignal }) => Promise<Pulled>

export function createPull({ identity, resolve, remote, fetcher, history, contracts }: PullParts): Pull {
  const contractFiles = async (contract: Contract): Promise<Pulled['files']> =>
    (await contracts.sources(contract)).map(({ path, content }) => ({
      path,
      bytes: Buffer.from(content).toString('base64'),
    }))

  const pullContract = async (cid: CID, providers: string[], signal: AbortSignal) => {
    const moved = await fetcher.dag(cid, links, { signal, providers })
    return { contract: await contracts.load(cid), ...moved }
  }

  const pullService = async (
    target: Target & { kind: 'service' },
    signal: AbortSignal,
  ): Promise<Omit<Pulled, 'ms'>> => {
    const { service, host } = target
    const own = host === identity.peerId
    const head = own ? await history.head(service) : await remote.head(host, service, { signal })
    if (head === undefined)
      throw new CallsError('SERVICE_NOT_FOUND', `${target.name} is not on this node.`, 'resolve it again')
    const code = await pullContract(head.contract, [host], signal)
    const state = await fetcher.dag(head.commit, links, { signal, providers: [host] })
    const adopted = own ? await history.head(service) : await history.adopt(service, head.commit, { signal })
    return {
      contract: head.contract.toString(),
      service: service.toString(),
      commit: head.commit.toString(),
      trust: adopted!.trust,
      blocks: code.blocks + state.blocks,
      bytes: code.bytes + state.bytes,
      files: await contractFiles(code.contract),
    }
  }

  const pullOther = async (target: Target, signal: AbortSignal): Promise<Omit<Pulled, 'ms'>> => {
    if (target.kind !== 'contract') {
      const hint = 'pull a service or a contract by its name or CID'
      throw new CallsError('NOT_A_CONTRACT', `${target.name} is neither a service nor a contract.`, hint)
    }
    const { contract, blocks, bytes } = await pullContract(target.contract, [], signal)
    const files = await contractFiles(contract)
    // a contract is its own proof: the hash of every block has been checked
    return { contract: contract.cid.toString(), service: null, commit: null, trust: 'content', blocks, bytes, files }
  }

  return async (name, { signal }) => {
    const started = performance.now()
    const target = await resolve(name, { signal })
    const pulled = target.kind === 'service' ? await pullService(target, signal) : await pullOther(target, signal)
    return { ...pulled, ms: Math.round(performance.now() - started) }
  }
}
