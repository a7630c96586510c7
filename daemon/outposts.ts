/**
 * Second nodes of this one on other networks: each only asks, with a folder, a peer ID and a store of its own, is started by whoever needs it and
 * ended when nobody did for a while.
 */
import { join } from 'node:path'
import type { Ed25519PrivateKey } from '@libp2p/interface'
import { raceSignal } from '../registry/deadline.ts'
import { createRecent } from '../registry/home/recent.ts'
import { writeInvite } from '../registry/network/invite.ts'
import type { Invite } from '../registry/network/types.ts'
import { createSerial } from '../registry/serial.ts'
import { CallsError } from './calls/errors.ts'
import type { Core, startCore } from './core.ts'
import { createLifecycle } from './lifecycle.ts'
import {
  MAX_MISSED_NETWORKS,
  MAX_VISITS,
  VISIT_AGAIN_MS,
  VISIT_DIAL_MS,
  VISIT_IDLE_MS,
  VISIT_START_MS,
} from './node/constants.ts'

export interface OutpostsParts {
  home: string
  userKey: Ed25519PrivateKey
  startCore: typeof startCore
  log: (line: string) => void
  now: () => number
}

/** A network, and what it is called here. */
export interface Wanted {
  invite: Invite
  title: string
  signal: AbortSignal
  /** whether to try again at once what was just out of reach */
  isUrgent: boolean
  /** which addresses of the invite, and of the folder of that node, are dialled */
  mayDial: (address: string) => boolean
}

export interface Outposts {
  /** Runs something on the node that is there. @throws CallsError NETWORK_UNREACHABLE, SERVICE_BUSY; what ended the signal */
  use<T>(wanted: Wanted, work: (core: Core) => Promise<T>): Promise<T>
  /** Ends the node that is there, if nobody uses it: who comes next begins anew. @param id of the network */
  release(id: string): Promise<void>
  stop(): Promise<void>
}

interface Open {
  core: Core
  busy: number
  timer: NodeJS.Timeout | undefined
  stop(): Promise<void>
}

export function createOutposts({ home, userKey, startCore, log, now }: OutpostsParts): Outposts {
  /** by the ID of the network */
  const open = new Map<string, Open>()
  /** when a network was out of reach */
  const missed = createRecent(MAX_MISSED_NETWORKS)
  const turn = createSerial()
  const stopping = new AbortController()
  /** IDs of the networks whose nodes are on their way */
  const starting = new Set<string>()

  const close = async (id: string): Promise<void> => {
    const node = open.get(id)
    clearTimeout(node?.timer)
    await node?.stop()
    open.delete(id)
  }

  /** In its turn: whoever comes for it meanwhile waits until its folder is free. One that is started is waited for, and so in use. */
  const release = async (id: string): Promise<void> => {
    missed.forget(id)
    if (!starting.has(id)) await turn(id, async () => (open.get(id)?.busy ? undefined : close(id)))
  }

  /** For all who come while it does: what ends the wait of one of them says nothing of the network. */
  const start = async ({ invite, title, mayDial }: Wanted): Promise<Open> => {
    const { network, addresses } = invite
    const dialled = [...new Set([...addresses, ...network.bootstrap])].filter(mayDial)
    if (dialled.length === 0) throw notDialled(title)
    const parts = createLifecycle(log)
    try {
      const core = await startCore(
        {
          home: join(home, 'networks', network.id),
          // what may not be dialled is not written down there either
          network: writeInvite({ network, addresses: addresses.filter(mayDial) }),
          ...{ userKey, listen: [], bootstrap: [], offline: false, isVisitor: true, mayDial },
          log: (line) => log(`${title}.land: ${line}`),
          stop: parts.stop,
        },
        parts,
      )
      await reach(core, dialled, title, AbortSignal.any([stopping.signal, AbortSignal.timeout(VISIT_START_MS)]))
      return { core, busy: 0, timer: undefined, stop: parts.stop }
    } catch (error) {
      await parts.stop()
      throw error
    }
  }

  const begin = async (wanted: Wanted): Promise<Open> => {
    const { title, isUrgent } = wanted
    const { id } = wanted.invite.network
    if (!isUrgent && now() - (missed.at(id) ?? -Infinity) < VISIT_AGAIN_MS) throw unreachable(title)
    const isFull = (): boolean => open.size + starting.size >= MAX_VISITS
    for (const [other, { busy }] of open) if (busy === 0 && isFull()) await release(other)
    if (isFull()) throw tooMany()
    if (stopping.signal.aborted) throw unreachable(title)
    starting.add(id)
    try {
      const node = await start(wanted)
      missed.forget(id)
      return node
    } catch (error) {
      missed.note(id, now())
      throw error
    } finally {
      starting.delete(id)
    }
  }

  const taken = (wanted: Wanted): Promise<Open> =>
    turn(wanted.invite.network.id, async () => {
      const { signal, invite, title } = wanted
      signal.throwIfAborted()
      if (stopping.signal.aborted) throw unreachable(title)
      const node = open.get(invite.network.id) ?? (await begin(wanted))
      open.set(invite.network.id, node)
      node.busy++
      clearTimeout(node.timer)
      return node
    })

  const leave = (id: string, node: Open): void => {
    node.busy--
    clearTimeout(node.timer)
    node.timer = setTimeout(() => {
      if (open.get(id) === node) void release(id)
    }, VISIT_IDLE_MS)
    node.timer.unref()
  }

  return {
    async use(wanted, work) {
      const { id } = wanted.invite.network
      const taking = taken(wanted)
      const node = await raceSignal(taking, wanted.signal).catch((error: unknown) => {
        // it is taken when nobody waits for it any more
        taking.then((late) => leave(id, late)).catch(() => undefined)
        throw error
      })
      try {
        return await work(node.core)
      } finally {
        leave(id, node)
      }
    },
    release,
    async stop() {
      stopping.abort(new Error('this node is stopping'))
      // after what is on its way, which ends by that
      await Promise.all([...open.keys(), ...starting].map((id) => turn(id, () => close(id))))
    },
  }
}

/** A node that is not connected finds nothing. */
async function reach({ node }: Core, addresses: readonly string[], title: string, signal: AbortSignal): Promise<void> {
  for (const address of addresses) {
    if (signal.aborted) break
    const patience = AbortSignal.any([signal, AbortSignal.timeout(VISIT_DIAL_MS)])
    const isConnected = await node.connect(address, { signal: patience }).then(
      () => true,
      () => false,
    )
    if (isConnected) return
  }
  throw unreachable(title)
}

function unreachable(title: string): CallsError {
  const hint = 'ask somebody there for a newer invite: amigo network add INVITE'
  return new CallsError('NETWORK_UNREACHABLE', `Nobody of the network "${title}" answers.`, hint)
}

function notDialled(title: string): CallsError {
  const message = `This node dials none of the addresses at which the network "${title}" is said to be.`
  return new CallsError(
    'NETWORK_UNREACHABLE',
    message,
    'if you trust them, name them yourself: amigo network add INVITE',
  )
}

function tooMany(): CallsError {
  const message = `This node asks on ${MAX_VISITS} other networks already.`
  return new CallsError('SERVICE_BUSY', message, 'try again in a moment')
}
