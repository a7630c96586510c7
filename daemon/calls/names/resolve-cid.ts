/** What a bare CID is: a contract, a service or one of its commits, or just content. */
import type { CID } from 'multiformats/cid'
import type { History } from '../../store/types.ts'
import { CallsError } from '../errors.ts'
import type { Contracts } from '../life/contracts.ts'
import { peerIdOf } from '../remote/peer-id-of.ts'
import type { Identity, Target } from '../types.ts'

export interface CidParts {
  identity: Identity
  history: History
  contracts: Contracts
}

/** @param cid of a block that is on this node by now */
export async function resolveCid(cid: CID, parts: CidParts): Promise<Target> {
  const { identity, history, contracts } = parts
  const found = { name: cid.toString(), source: 'content', age: 0 }
  const contract = await contracts.load(cid).catch(() => undefined)
  if (contract !== undefined) {
    return { kind: 'contract', ...found, contract: cid, version: contract.manifest.version }
  }
  const commit = await history.commit(cid).catch(() => undefined)
  if (commit === undefined) return { kind: 'content', ...found, cid }
  const service = commit.service ?? cid
  const head = await history.head(service)
  const host = peerIdOf(commit.host)
  const isHere = head?.hosted ?? false
  if (head === undefined && host === identity.peerId) {
    const hint = 'amigo status lists the services of this node'
    throw new CallsError('SERVICE_NOT_FOUND', `The service ${service} was removed from this node.`, hint)
  }
  const target = { kind: 'service' as const, ...found, service, contract: commit.contract }
  const past = commit.service === undefined ? {} : { at: cid } // the genesis names the service itself
  return { ...target, ...past, host: isHere ? identity.peerId : host }
}
