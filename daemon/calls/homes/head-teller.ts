/** Announces where the published services of this node stand, a few times a second each at most. */
import type { CID } from 'multiformats/cid'
import { signHead } from '../../../registry/home/head.ts'
import type { Registry } from '../../../registry/home/types.ts'
import type { History } from '../../store/types.ts'
import type { Identity } from '../types.ts'
import { HEAD_GAP_MS } from './constants.ts'

export interface HeadTellerParts {
  identity: Identity
  registry: Pick<Registry, 'publication'>
  history: Pick<History, 'head'>
  /** Sends it to whoever follows. */
  send: (head: Uint8Array) => Promise<void>
  now: () => number
}

export interface HeadTeller {
  /** The service has moved. Returns at once; never throws. */
  moved(service: CID): void
  stop(): void
}

/** The first move is told at once; those that come within the gap are told together at its end. */
export function createHeadTeller({ identity, registry, history, send, now }: HeadTellerParts): HeadTeller {
  /** services that were told of lately; true if they have moved since */
  const waiting = new Map<string, boolean>()
  const timers = new Set<NodeJS.Timeout>()
  let stopped = false

  const isPublished = (service: CID): boolean =>
    registry.publication()?.list.services.some((one) => one.service.equals(service)) ?? false

  const tell = async (service: CID): Promise<void> => {
    const head = await history.head(service)
    if (head === undefined || head.seq === 0) return
    const news = { network: identity.network.id, service, commit: head.commit, seq: head.seq, time: now() }
    await send(await signHead(identity.node, news))
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
      else if (isPublished(service)) begin(service)
    },
    stop() {
      stopped = true
      for (const timer of timers) clearTimeout(timer)
    },
  }
}
