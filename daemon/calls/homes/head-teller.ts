/** Announces where the published services of this node stand, a few times a second each at most. */
import type { CID } from 'multiformats/cid'
import { signHead } from '../../../registry/home/head.ts'
import type { ListedService, Registry } from '../../../registry/home/types.ts'
import type { History } from '../../store/types.ts'
import type { Identity } from '../types.ts'
import { HEAD_GAP_MS, MAX_HEADS_TOLD_AGAIN } from './constants.ts'

export interface HeadTellerParts {
  identity: Identity
  registry: Pick<Registry, 'publication'>
  history: Pick<History, 'head'>
  /** Sends it to whoever follows. */
  send: (head: Uint8Array) => Promise<void>
  now: () => number
}

interface Told {
  service: CID
  commit: CID
  /** milliseconds since 1970 */
  time: number
  bytes: Uint8Array
}

export interface HeadTeller {
  /** The service has moved. Returns at once; never throws. */
  moved(service: CID): void
  /**
   * Behind what is published, for whoever has only that: where services stand that have moved since they were listed, those that moved
   * last. Never throws.
   */
  tellAgain(): Promise<void>
  stop(): void
}

/** The first move is told at once; those that come within the gap are told together at its end. */
export function createHeadTeller({ identity, registry, history, send, now }: HeadTellerParts): HeadTeller {
  /** services that were told of lately; true if they have moved since */
  const waiting = new Map<string, boolean>()
  const timers = new Set<NodeJS.Timeout>()
  /** what was told of each service, in the order in which they moved */
  const told = new Map<string, Told>()
  let stopped = false

  const listed = (service: CID): ListedService | undefined =>
    registry.publication()?.list.services.find((one) => one.service.equals(service))

  const tell = async (service: CID): Promise<void> => {
    const head = await history.head(service)
    if (head === undefined || head.seq === 0) return
    const { commit, seq } = head
    const time = now()
    const bytes = await signHead(identity.node, { network: identity.network.id, service, commit, seq, time })
    told.delete(service.toString())
    told.set(service.toString(), { service, commit, time, bytes })
    await send(bytes)
  }

  /** The same bytes as long as they count beside the list: who has them already does not pass them on. */
  const tellOnceMore = async ({ service, time, bytes }: Told): Promise<void> => {
    if (time >= (registry.publication()?.node.issued ?? 0)) await send(bytes)
    else await tell(service)
  }

  const begin = (service: CID): void => {
    const key = service.toString()
    waiting.set(key, false)
    // who follows asks from time to time, so one that is lost does little harm
    tell(service).catch(() => undefined)
    const timer = setTimeout(() => {
      timers.delete(timer)
      const hasMoved = waiting.get(key)
      waiting.delete(key)
      if (hasMoved && !stopped) begin(service)
    }, HEAD_GAP_MS)
    timer.unref()
    timers.add(timer)
  }

  return {
    moved(service) {
      if (stopped) return
      const key = service.toString()
      if (waiting.has(key)) waiting.set(key, true)
      else if (listed(service)) begin(service)
    },
    async tellAgain() {
      for (const [key, { service, commit }] of told) {
        const head = listed(service)?.head
        if (head === undefined || head.equals(commit)) told.delete(key)
      }
      const all = [...told.values()].slice(-MAX_HEADS_TOLD_AGAIN)
      for (const one of all) if (!stopped) await tellOnceMore(one).catch(() => undefined)
    },
    stop() {
      stopped = true
      for (const timer of timers) clearTimeout(timer)
    },
  }
}
