/** Brings a service or a contract here: code, history and state, so that it can be read and queried with its host away. */
import type { CID } from 'multiformats/cid'
import type { Methods } from '../api/vocabulary.ts'
import type { Contract } from '../contract/types.ts'
import type { Fetcher } from '../node/fetch.ts'
import { links } from '../store/links.ts'
import type { History } from '../store/types.ts'
import { MAX_HISTORY_HINTS } from './constants.ts'
import type { Contracts } from './contracts.ts'
import { CallsError } from './errors.ts'
import type { Remote } from './remote.ts'
import type { Resolve, ServiceTarget } from './resolve.ts'
import { createSerial, type Serial } from './serial.ts'
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

  /** All commits that are not here yet, many at a time: the host says which there are, and `adopt` checks the chain. */
  const pullHistory = async ({ service, host }: ServiceTarget, head: CID, signal: AbortSignal) => {
    const known = (await history.head(service))?.commit
    const hints: CID[] = []
    const isNew = (cid: CID): boolean => known === undefined || !cid.equals(known)
    for (let from: CID | undefined = head; from !== undefined && isNew(from) && hints.length < MAX_HISTORY_HINTS; ) {
      const page: CID[] = await remote.commitsBefore(host, service, from, { signal })
      const fresh = page.findIndex((cid) => !isNew(cid))
      hints.push(...(fresh < 0 ? page : page.slice(0, fresh)))
      from = fresh < 0 ? page.at(-1) : undefined
    }
    const unknownLinks = (cid: CID, bytes: Uint8Array): CID[] => (isNew(cid) ? links(cid, bytes) : [])
    return fetcher.dag(head, unknownLinks, { signal, providers: [host], hints })
  }

  const pullService = async (target: ServiceTarget, signal: AbortSignal): Promise<Omit<Pulled, 'ms'>> => {
    const { service, host } = target
    const own = host === identity.peerId ? await history.head(service) : undefined
    const head = own ?? (await remote.head(host, service, { signal }))
    const state = own ? { blocks: 0, bytes: 0 } : await pullHistory(target, head.commit, signal)
    // from here on only what the chain proves counts, not what the host said
    const proven = own ?? (await history.adopt(service, head.commit, { signal }))
    const code = await pullContract(proven.contract, [host], signal)
    return {
      contract: proven.contract.toString(),
      service: service.toString(),
      commit: proven.commit.toString(),
      trust: proven.trust,
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

  /** Two pulls of one service would be in each other's way: the second waits, and finds most of it here. */
  const turns = new Map<string, Serial>()
  const shared = async (target: ServiceTarget, signal: AbortSignal) => {
    const key = target.service.toString()
    const turn = turns.get(key) ?? createSerial()
    turns.set(key, turn)
    try {
      return await turn.run(async () => pullService(target, signal))
    } finally {
      if (turn.size === 0) turns.delete(key)
    }
  }

  return async (name, { signal }) => {
    const started = performance.now()
    const target = await resolve(name, { signal })
    const pulled = target.kind === 'service' ? await shared(target, signal) : await pullOther(target, signal)
    return { ...pulled, ms: Math.round(performance.now() - started) }
  }
}
