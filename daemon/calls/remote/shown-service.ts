/** The service that another node asks about, if it may know of it. */
import type { CID } from 'multiformats/cid'
import type { Contract } from '../../contract/types.ts'
import type { Head, History } from '../../store/types.ts'
import type { Contracts } from '../life/contracts.ts'
import type { Asker } from '../run/check-access.ts'
import { askerOf } from '../run/context.ts'
import { notHere } from '../run/instances.ts'
import type { Identity } from '../types.ts'
import { openGrant } from './grant.ts'

export interface ShownServiceParts {
  history: Pick<History, 'head' | 'commit'>
  contracts: Pick<Contracts, 'of'>
  identity: Identity
}

export interface Showing {
  service: CID
  /** the peer ID of the node that asks */
  peer: string
  /** what it shows of its user's word: grant.ts */
  grant: Uint8Array | undefined
  /** whether that is enough. @throws CallsError ACCESS_DENIED */
  check: (contract: Contract, asker: Asker) => void
}

/** @throws CallsError SERVICE_NOT_FOUND, ACCESS_DENIED; ProtocolError ENVELOPE_INVALID, SIGNATURE_INVALID */
export async function shownService(
  { history, contracts, identity }: ShownServiceParts,
  { service, peer, grant, check }: Showing,
): Promise<Head> {
  const head = await history.head(service)
  if (head === undefined) throw notHere(service)
  const who = grant ? await openGrant(grant, { service, peer, right: 'history' }, identity) : { caller: '' }
  const { genesis } = await history.commit(service)
  check(await contracts.of(head), askerOf(who, genesis?.owner ?? ''))
  return head
}
