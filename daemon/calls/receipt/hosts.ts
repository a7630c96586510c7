/** Whose key counts for a service: by its genesis and its handovers alone, which anybody can check. */
import type { CID } from 'multiformats/cid'
import { userIdOf } from '../../../protocol/signed/user-id.ts'
import type { Call } from '../../../protocol/types.ts'
import { cidFrom, DAG_CBOR, sameBytes, sha256, verifyBlock } from '../../store/block.ts'
import { isFirst } from '../../store/commit-body.ts'
import { checkSignature, decodeCommit } from '../../store/commit-codec.ts'
import { MAX_EPOCH } from '../../store/constants.ts'
import type { Verify } from '../../store/database-types.ts'
import { hostsOf } from '../../store/handover.ts'
import { MAX_KNOWN_HOSTS } from '../constants.ts'
import { attempt, ProofError, require } from './proof-error.ts'

/** What shows it. */
export interface HostProof {
  service: CID
  /** the block whose CID is the service */
  genesis: Uint8Array
  /** the commits at which its owner gave it to another host, oldest first */
  handovers: readonly Uint8Array[]
}

/** The keys of the hosts by epoch, in libp2p protobuf bytes, and the user ID of the owner. */
export interface ServiceHosts {
  hosts: Uint8Array[]
  owner: string
}

/** @throws ProofError */
export type ReadHosts = (proof: HostProof) => Promise<ServiceHosts>

export const hostsBy =
  (verify: Verify): ReadHosts =>
  async ({ service, genesis, handovers }) => {
    const first = await attempt('genesis', () => {
      verifyBlock(service, genesis)
      return decodeCommit(service, genesis)
    })
    await attempt('signature', () => checkSignature(first, verify))
    const { cid, body, sig } = first
    if (!isFirst(body)) throw new ProofError('genesis')
    return attempt('handovers', async () => {
      require(handovers.length <= MAX_EPOCH, 'handovers')
      const signed = handovers.map((bytes) => decodeCommit(cidFrom(DAG_CBOR, sha256(bytes)), bytes))
      for (const one of signed) await checkSignature(one, verify)
      return { hosts: await hostsOf({ cid, body, sig }, signed, verify), owner: body.genesis.owner }
    })
  }

/** The same, which does not check twice what it has lately checked: the same services call each other again and again. */
export function rememberingHosts(read: ReadHosts): ReadHosts {
  /** longest unused first */
  const known = new Map<string, ServiceHosts>()
  return async (proof) => {
    const { service, genesis, handovers } = proof
    // each by its own hash: where one block ends and the next begins is a part of what is proven
    const key = Buffer.concat([service.bytes, genesis, ...handovers].map(sha256)).toString('latin1')
    const found = known.get(key) ?? (await read(proof))
    known.delete(key)
    known.set(key, found)
    if (known.size > MAX_KNOWN_HOSTS) known.delete(known.keys().next().value!)
    return found
  }
}

/**
 * Who makes a call: the user whose key signed it, or the service whose host did, if the envelope proves that.
 *
 * @throws ProofError
 */
export async function whoCalls({ caller, via }: Pick<Call, 'caller' | 'via'>, readHosts: ReadHosts): Promise<Caller> {
  if (via === undefined) return { caller: userIdOf(caller) }
  const service = via.chain.at(-1)!
  const [genesis, ...handovers] = via.proof
  const { hosts, owner } = await readHosts({ service, genesis: genesis!, handovers })
  require(sameBytes(hosts.at(-1)!, caller), 'host')
  return { caller: service.toString(), callerOwner: owner, callerEpoch: hosts.length - 1 }
}

/** Who makes a call. */
export interface Caller {
  /** user ID, or service ID */
  caller: string
  /** of a service: the user ID of its owner */
  callerOwner?: string
  /** of a service: how often it was handed over when the one who signed was its host */
  callerEpoch?: number
}
