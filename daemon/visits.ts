/**
 * Other networks that this node knows by a name of its own: `preview.land/alice/forum`. To ask there it starts a second node, which
 * only asks, with a folder, a peer ID and a store of its own, and ends it when nobody needed it for a while.
 */
import { join } from 'node:path'
import * as dagCbor from '@ipld/dag-cbor'
import type { Ed25519PrivateKey } from '@libp2p/interface'
import { isLabel, NETWORK_NAME, parseLabel } from '../registry/grammar/label.ts'
import { readInvite, writeInvite } from '../registry/network/invite.ts'
import type { Invite } from '../registry/network/types.ts'
import { createSerial } from '../registry/serial.ts'
import type { Implementation, KnownNetwork } from './api/vocabulary.ts'
import { CallsError } from './calls/errors.ts'
import { type Core, startCore } from './core.ts'
import { createLifecycle } from './lifecycle.ts'
import { MAX_VISITS, VISIT_DIAL_MS, VISIT_IDLE_MS } from './node/constants.ts'
import type { Meta } from './store/database-types.ts'

const PREFIX = 'network/known/'

export interface VisitsParts {
  home: string
  userKey: Ed25519PrivateKey
  meta: Pick<Meta, 'get' | 'put' | 'delete' | 'list'>
  log: (line: string) => void
  now: () => number
}

export interface Visits {
  all(): Promise<KnownNetwork[]>
  /** @param name @default that of its manifest @throws CallsError NAME_TAKEN; RegistryError INVITE_INVALID, NAME_INVALID */
  add(invite: string, name: string | undefined): Promise<KnownNetwork>
  /** @throws CallsError NETWORK_UNKNOWN */
  remove(name: string): Promise<KnownNetwork>
  /** Runs something on a node there. @throws CallsError NETWORK_UNKNOWN, NETWORK_UNREACHABLE */
  visit<T>(
    name: string,
    signal: AbortSignal,
    work: (there: { implementation: Omit<Implementation, 'networks'>; suffix: string }) => Promise<T>,
  ): Promise<T>
  stop(): Promise<void>
}

interface Visit {
  core: Core
  suffix: string
  busy: number
  timer: NodeJS.Timeout | undefined
  stop(): Promise<void>
}

export function createVisits({ home, userKey, meta, log }: VisitsParts): Visits {
  const open = new Map<string, Visit>()
  const turn = createSerial()

  const known = async (name: string): Promise<Invite> => {
    const bytes = isLabel(name, NETWORK_NAME) ? await meta.get(PREFIX + name) : undefined
    if (bytes !== undefined) return readInvite(dagCbor.decode<string>(bytes))
    const hint = `tell it of one: amigo network add INVITE --as ${name}`
    throw new CallsError('NETWORK_UNKNOWN', `This node knows no network "${name}".`, hint)
  }

  const close = async (name: string): Promise<void> => {
    const visit = open.get(name)
    open.delete(name)
    clearTimeout(visit?.timer)
    await visit?.stop()
  }

  const begin = async (name: string, signal: AbortSignal): Promise<Visit> => {
    const { network, addresses } = await known(name)
    for (const [other, { busy }] of open) if (busy === 0 && open.size >= MAX_VISITS) await close(other)
    if (open.size >= MAX_VISITS)
      throw new CallsError(
        'SERVICE_BUSY',
        `This node asks on ${MAX_VISITS} other networks already.`,
        'try again in a moment',
      )
    const parts = createLifecycle(log)
    try {
      const core = await startCore(
        {
          home: join(home, 'networks', network.id),
          network: writeInvite({ network, addresses }),
          ...{ userKey, listen: [], bootstrap: [], offline: false, isVisitor: true },
          log: (line) => log(`${name}.land: ${line}`),
          stop: parts.stop,
        },
        parts,
      )
      await reach(core, [...addresses, ...network.bootstrap], name, signal)
      return { core, suffix: network.suffix, busy: 0, timer: undefined, stop: parts.stop }
    } catch (error) {
      await parts.stop()
      throw error
    }
  }

  const visitTo = (name: string, signal: AbortSignal): Promise<Visit> =>
    turn(name, async () => {
      const visit = open.get(name) ?? (await begin(name, signal))
      open.set(name, visit)
      visit.busy++
      clearTimeout(visit.timer)
      return visit
    })

  return {
    async all() {
      const found: KnownNetwork[] = []
      for await (const { key, value } of meta.list(PREFIX))
        found.push(toJson(key.slice(PREFIX.length), readInvite(dagCbor.decode<string>(value))))
      return found
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
      return toJson(name, invite)
    },
    async remove(name) {
      const invite = await known(name)
      await meta.delete(PREFIX + name)
      await turn(name, () => close(name))
      return toJson(name, invite)
    },
    async visit(name, signal, work) {
      const visit = await visitTo(name, signal)
      try {
        return await work({ implementation: visit.core.useCases.implementation, suffix: visit.suffix })
      } finally {
        visit.busy--
        clearTimeout(visit.timer)
        visit.timer = setTimeout(() => {
          if (visit.busy === 0 && open.get(name) === visit) void turn(name, () => close(name))
        }, VISIT_IDLE_MS)
        visit.timer.unref()
      }
    },
    async stop() {
      await Promise.all([...open.keys()].map((name) => turn(name, () => close(name))))
    },
  }
}

/** A node that is not connected finds nothing. */
async function reach({ node }: Core, addresses: readonly string[], name: string, signal: AbortSignal): Promise<void> {
  for (const address of addresses) {
    signal.throwIfAborted()
    const patience = AbortSignal.any([signal, AbortSignal.timeout(VISIT_DIAL_MS)])
    const isConnected = await node.connect(address, { signal: patience }).then(
      () => true,
      () => false,
    )
    if (isConnected) return
  }
  const hint = 'ask somebody there for a newer invite: amigo network add INVITE'
  throw new CallsError('NETWORK_UNREACHABLE', `Nobody of the network "${name}" answers.`, hint)
}

function toJson(name: string, { network, addresses }: Invite): KnownNetwork {
  const { id, name: title, suffix, registrars } = network
  return { name, network: id, title, suffix, registrars, addresses }
}
