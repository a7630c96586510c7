/**
 * Other networks: those that this node knows by names of its own, `preview.land/alice/forum`, and those that the contracts of its services name. What is
 * asked there is asked by a second node.
 */
import * as dagCbor from '@ipld/dag-cbor'
import { isLabel, NETWORK_NAME, parseLabel } from '../registry/grammar/label.ts'
import { readInvite, writeInvite } from '../registry/network/invite.ts'
import type { Invite } from '../registry/network/types.ts'
import type { Implementation, KnownNetwork } from './api/vocabulary.ts'
import { CallsError } from './calls/errors.ts'
import type { AbroadOptions, Outpost } from './calls/tree/abroad.ts'
import type { Core } from './core.ts'
import { createOutposts, type OutpostsParts } from './outposts.ts'
import type { Meta } from './store/database-types.ts'

const PREFIX = 'network/known/'

export interface VisitsParts extends OutpostsParts {
  meta: Pick<Meta, 'get' | 'put' | 'delete' | 'list'>
  /** whether this node dials an address that it has from somebody else */
  mayDial: (address: string) => boolean
  /** this node dials nobody of its own accord */
  offline: boolean
}

export interface There extends Outpost {
  implementation: Omit<Implementation, 'networks'>
  suffix: string
}

export interface Visits {
  all(): Promise<KnownNetwork[]>
  /** @param name @default that of its manifest @throws CallsError NAME_TAKEN; RegistryError INVITE_INVALID, NAME_INVALID */
  add(invite: string, name: string | undefined): Promise<KnownNetwork>
  /** @throws CallsError NETWORK_UNKNOWN */
  remove(name: string): Promise<KnownNetwork>
  /** The network of a name of this node. @throws CallsError NETWORK_UNKNOWN */
  known(name: string): Promise<Invite>
  /** Runs something on a node there, for this node's user. @throws CallsError NETWORK_UNKNOWN, NETWORK_UNREACHABLE, SERVICE_BUSY */
  visit<T>(name: string, signal: AbortSignal, work: (there: There) => Promise<T>): Promise<T>
  /** The same by an invite, which somebody else wrote. @throws CallsError NETWORK_UNKNOWN, NETWORK_UNREACHABLE, SERVICE_BUSY */
  reach<T>(invite: Invite, options: AbroadOptions, work: (there: There) => Promise<T>): Promise<T>
  stop(): Promise<void>
}

export function createVisits({ meta, mayDial, offline, ...parts }: VisitsParts): Visits {
  const outposts = createOutposts(parts)

  const known = async (name: string): Promise<Invite> => {
    const bytes = isLabel(name, NETWORK_NAME) ? await meta.get(PREFIX + name) : undefined
    if (bytes !== undefined) return readInvite(dagCbor.decode<string>(bytes))
    const hint = `tell it of one: amigo network add INVITE --as ${name}`
    throw new CallsError('NETWORK_UNKNOWN', `This node knows no network "${name}".`, hint)
  }

  const stored = async (): Promise<{ name: string; invite: Invite }[]> => {
    const found: { name: string; invite: Invite }[] = []
    for await (const { key, value } of meta.list(PREFIX))
      found.push({ name: key.slice(PREFIX.length), invite: readInvite(dagCbor.decode<string>(value)) })
    return found
  }

  const isHere = async (id: string): Promise<boolean> => (await stored()).some(({ invite }) => invite.network.id === id)

  return {
    known,
    async all() {
      return (await stored()).map(({ name, invite }) => toJson(name, invite))
    },
    async add(text, as) {
      const invite = readInvite(text)
      const name = parseLabel(as ?? invite.network.name, NETWORK_NAME)
      if (name === 'local')
        throw new CallsError('NAME_TAKEN', 'local.land is this node itself.', 'choose another name: --as NAME')
      const before = await known(name).catch(() => undefined)
      if (before !== undefined && before.network.id !== invite.network.id) {
        const message = `${name}.land is the network ${before.network.id} here.`
        throw new CallsError('NAME_TAKEN', message, 'choose another name with --as NAME, or remove that one first')
      }
      await meta.put(PREFIX + name, dagCbor.encode(writeInvite(invite)))
      // what is new in it is dialled by who asks next
      await outposts.release(invite.network.id)
      return toJson(name, invite)
    },
    async remove(name) {
      const invite = await known(name)
      await meta.delete(PREFIX + name)
      const { id } = invite.network
      if (!(await isHere(id))) await outposts.release(id)
      return toJson(name, invite)
    },
    async visit(name, signal, work) {
      const invite = await known(name)
      // whoever typed the name meant these addresses
      const wanted = { invite, title: name, signal, isUrgent: true, mayDial: () => true }
      return outposts.use(wanted, (core) => work(thereOf(core)))
    },
    async reach(given, { signal, byInvite }, work) {
      const { network } = given
      if (offline) throw isOffline(network.name)
      const told = (await stored()).filter(({ invite }) => invite.network.id === network.id)
      const own = told.flatMap(({ invite }) => invite.addresses)
      const trusted = new Set(told.length > 0 ? [...own, ...network.bootstrap] : [])
      if (!byInvite && told.length === 0) throw unknown(network.name)
      const invite = { network, addresses: [...new Set([...own, ...(byInvite ? given.addresses : [])])] }
      const title = told[0]?.name ?? network.name
      const may = (address: string): boolean => trusted.has(address) || mayDial(address)
      return outposts.use({ invite, title, signal, isUrgent: false, mayDial: may }, (core) => work(thereOf(core)))
    },
    stop: outposts.stop,
  }
}

function thereOf({ node, identity, useCases }: Core): There {
  const { implementation, abroad } = useCases
  return { peerId: node.peerId, suffix: identity.network.suffix, implementation, ...abroad }
}

function toJson(name: string, { network, addresses }: Invite): KnownNetwork {
  const { id, name: title, suffix, registrars } = network
  return { name, network: id, title, suffix, registrars, addresses }
}

function unknown(name: string): CallsError {
  const hint = 'tell it of one: amigo network add INVITE'
  return new CallsError('NETWORK_UNKNOWN', `Nobody has told this node of the network "${name}".`, hint)
}

function isOffline(name: string): CallsError {
  return new CallsError(
    'NETWORK_UNREACHABLE',
    `This node is offline, and asks nobody of the network "${name}".`,
    'start it without --offline',
  )
}
