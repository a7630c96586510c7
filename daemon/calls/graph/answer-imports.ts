/** Hears from other nodes which of their services import something of this one: the method `imports` of specs/internode.md, section 12. */
import type { CID } from 'multiformats/cid'
import type { Handler } from '../../../protocol/types.ts'
import type { HomeService, Registry, ResolvedHome } from '../../../registry/home/types.ts'
import { decodeContract } from '../../contract/decode.ts'
import type { Contract } from '../../contract/types.ts'
import { cidFrom, DAG_CBOR, sha256 } from '../../store/block.ts'
import { CallsError } from '../errors.ts'
import type { ReadHosts } from '../receipt/hosts.ts'
import { peerIdOf } from '../remote/peer-id-of.ts'
import { createPeerRates } from '../remote/peer-rates.ts'
import { badRequest, isBytes, isBytesIfAny, isCid, isHandovers, isText, reader } from '../remote/wire.ts'
import {
  ANNOUNCED_AT_ONCE,
  ANNOUNCED_BURST,
  ANNOUNCED_PER_SECOND,
  CHECK_HOME_MS,
  MAX_ANNOUNCERS,
  MAX_RANGE_CHARS,
} from './constants.ts'
import type { DependentRow, DependentRows } from './dependent-rows.ts'
import type { Targets } from './targets.ts'

export interface AnswerImportsParts {
  registry: Pick<Registry, 'resolve'>
  rows: Pick<DependentRows, 'keep'>
  targets: Pick<Targets, 'among'>
  readHosts: ReadHosts
  now: () => number
}

/** What a node says of a service of its own; nothing of it is believed. */
interface Announced {
  peer: string
  user: string
  /** the user's home record, for who knows of no other */
  record: Uint8Array | undefined
  service: CID
  contract: Contract
  genesis: Uint8Array
  handovers: Uint8Array[]
}

/**
 * Kept is what holds: the peer is the host of the service, by the service's own genesis; the home of its owner lists it there with that contract; and that contract, whose first
 * block is in the announcement, imports something that is here. So a peer can announce what its own user publishes, and nothing else.
 */
export function createAnswerImports(parts: AnswerImportsParts): Handler {
  const { rows, targets, now } = parts
  const isTooOften = createPeerRates({ perSecond: ANNOUNCED_PER_SECOND, burst: ANNOUNCED_BURST }, MAX_ANNOUNCERS)
  let running = 0

  const hear = async (announced: Announced, signal: AbortSignal): Promise<{ kept: CID[] }> => {
    const { peer, user, service, contract } = announced
    // the cheap first: whoever imports nothing of this node has no business here
    const found = await targets.among(contract.imports, { service, user })
    if (found.length === 0) return { kept: [] }
    await checkHost(parts, announced)
    const { listed, expires } = await listedIn(parts, announced, signal)
    const { name, version } = listed
    const told = now()
    const row = { service, user, host: peer, name, version, contract: contract.cid, told, expires }
    const kept = found.map(({ target, pin }) => ({ target, row: { ...row, ...wantsOf(pin) } }))
    return { kept: await rows.keep(service, kept) }
  }

  return async (body, { peer, signal }) => {
    if (isTooOften(peer) || running >= ANNOUNCED_AT_ONCE) throw tooOften()
    running++
    try {
      const read = reader(body, badRequest)
      const block = read('contract', isBytes)
      const announced = {
        ...{ peer, user: read('user', isText), record: read('record', isBytesIfAny) ?? undefined },
        ...{ service: read('service', isCid), genesis: read('genesis', isBytes) },
        handovers: read('handovers', isHandovers),
        contract: await decodeContract(cidFrom(DAG_CBOR, sha256(block)), async () => block),
      }
      return await hear(announced, AbortSignal.any([signal, AbortSignal.timeout(CHECK_HOME_MS)]))
    } finally {
      running--
    }
  }
}

const wantsOf = ({
  mode,
  range,
  version,
}: Contract['imports'][number]): Pick<DependentRow, 'mode' | 'range' | 'pinned'> => ({
  mode,
  range: range.slice(0, MAX_RANGE_CHARS),
  pinned: version,
})

/** @throws CallsError ACCESS_DENIED */
async function checkHost(
  { readHosts }: Pick<AnswerImportsParts, 'readHosts'>,
  { peer, user, service, genesis, handovers }: Announced,
): Promise<void> {
  const known = await readHosts({ service, genesis, handovers }).catch(() => undefined)
  if (known !== undefined && known.owner === user && peerIdOf(known.hosts.at(-1)!) === peer) return
  const message = `Nothing shows that this node runs the service ${service} for ${user.slice(0, 80)}.`
  throw new CallsError('ACCESS_DENIED', message, 'see specs/internode.md, section 12')
}

/** @throws CallsError CONTENT_NOT_FOUND */
async function listedIn(
  { registry }: Pick<AnswerImportsParts, 'registry'>,
  { peer, user, record, service, contract }: Announced,
  signal: AbortSignal,
): Promise<{ listed: HomeService; expires: number }> {
  const home: ResolvedHome | undefined = await registry
    .resolve(user, { signal, record, fresh: true })
    .catch(() => undefined)
  const listed = home?.services.find(
    (one) => one.host === peer && one.service.equals(service) && one.contract.equals(contract.cid),
  )
  if (home !== undefined && !home.stale && listed !== undefined) return { listed, expires: home.expires }
  const message = `The home of ${user.slice(0, 80)} does not list the service ${service} with that contract at this node.`
  throw new CallsError('CONTENT_NOT_FOUND', message, 'publish it, and announce it again')
}

function tooOften(): CallsError {
  return new CallsError('SERVICE_BUSY', 'There are too many announcements.', 'announce it again later')
}
