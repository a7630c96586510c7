/** Tells the network which blocks this node has, and makes up for the time when there was nobody to tell. */
import type { CID } from 'multiformats/cid'
import { ANNOUNCE_TIMEOUT_MS, MAX_PENDING_ANNOUNCEMENTS } from './constants.ts'

export interface AnnouncerParts {
  provide(cid: CID, options: { signal: AbortSignal }): Promise<void>
  /** the DHT's routing table, which is an event target in fact */
  table: { size: number }
  log: (line: string) => void
}

export interface Announcer {
  provide(cid: CID): void
  start(): void
  stop(): void
}

/** kad-dht renews what it has announced; this is for the first time, one at a time. */
export function createAnnouncer({ provide, table, log }: AnnouncerParts): Announcer {
  const pending = new Map<string, CID>()
  const stopping = new AbortController()
  let running = false

  const work = async (): Promise<void> => {
    if (running) return
    running = true
    try {
      for (const [key, cid] of pending) {
        if (table.size === 0 || stopping.signal.aborted) return
        pending.delete(key)
        const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(ANNOUNCE_TIMEOUT_MS)])
        await provide(cid, { signal }).catch(() => log(`could not announce ${cid} to the network`))
      }
    } finally {
      running = false
    }
  }
  const onPeer = (): void => void work()

  return {
    provide(cid) {
      if (pending.size >= MAX_PENDING_ANNOUNCEMENTS) pending.delete(pending.keys().next().value!)
      pending.set(cid.toString(), cid)
      void work()
    },
    start() {
      const target = table as unknown as EventTarget
      target.addEventListener('peer:add', onPeer)
    },
    stop() {
      const target = table as unknown as EventTarget
      target.removeEventListener('peer:add', onPeer)
      stopping.abort()
    },
  }
}
