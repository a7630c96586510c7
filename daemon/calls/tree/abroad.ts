/** Imports that are on another network than the node of whoever imports them: specs/imports.md, "Other networks". */
import { formatName, parseName } from '../../../registry/grammar/name.ts'
import type { Invite, Network } from '../../../registry/network/types.ts'
import type { Dependency } from '../../api/vocabulary.ts'
import { networkOfImport } from '../../contract/networks.ts'
import type { Manifest } from '../../contract/types.ts'
import { CallsError } from '../errors.ts'
import type { Depending } from '../graph/types.ts'
import type { ResolveService } from '../names/resolve.ts'
import type { Remote } from '../remote/remote.ts'

/** This node's own way to ask on another network: a second node, which is there. */
export interface Outpost {
  /** peer ID of that node */
  peerId: string
  remote: Pick<Remote, 'call' | 'query'>
  resolveService: ResolveService
  /** what a contract depends on, drawn from there */
  dependencies(of: Depending, options: { depth: number; deadline: AbortSignal }): Promise<Depends>
}

export interface Depends {
  dependencies: Dependency[]
  /** there is more than was found out */
  more: boolean
}

export interface AbroadOptions {
  signal: AbortSignal
  /**
   * the invite may say where somebody of that network is: it is of a service that this node hosts, which its owner deployed or
   * imported as a fork. Else only a network that this node's user has told it of is asked, where that user said it is
   */
  byInvite: boolean
}

/** Does something on another network. @throws CallsError NETWORK_UNREACHABLE, NETWORK_UNKNOWN, SERVICE_BUSY; whatever the work does */
export type Abroad = <T>(invite: Invite, options: AbroadOptions, work: (there: Outpost) => Promise<T>) => Promise<T>

/** Of a node that asks for others, and hosts nothing. */
export const nowhereAbroad: Abroad = async ({ network }) => {
  throw new CallsError('NETWORK_UNKNOWN', `The network "${network.name}" is not asked from here.`, 'ask from a node')
}

export interface Place {
  /** what the service is called where it is */
  name: string
  /** its network, if that is not the one of the node that asks */
  abroad?: Invite
}

/** Where an import is. @param own the network of the node that asks */
export function placeOf(name: string, manifest: Pick<Manifest, 'networks'>, own: Pick<Network, 'id'>): Place {
  const invite = networkOfImport(name, manifest)
  if (invite === undefined) return { name }
  const { id, suffix } = invite.network
  return { name: nameThere(name, suffix), ...(id !== own.id && { abroad: invite }) }
}

function nameThere(text: string, suffix: string): string {
  try {
    const name = parseName(text)
    return name.kind === 'service' ? formatName({ ...name, network: null }, { suffix }) : text
  } catch {
    // whoever looks it up says what is wrong with it
    return text
  }
}
