/** Tells when the history of a service has moved on, whatever moved it: a call, an order of the owner, a pull. */
import type { CID } from 'multiformats/cid'
import type { Begun, History } from '../../store/types.ts'

/** Whoever watches a service. */
export interface Watch {
  /** Resolves when something happened since the last time that this resolved, or since the watch began. */
  moved(signal: AbortSignal): Promise<void>
  stop(): void
}

export interface HeadFeed<H> {
  /** the same history, which tells what is done through it */
  history: H
  watch(service: CID): Watch
  /** Calls back with every service that has moved. Answers how to end it. */
  onMove(listener: (service: CID) => void): () => void
}

/** Methods after which a service may stand elsewhere. */
const MOVING = ['append', 'upgrade', 'rollback', 'takeOver', 'adopt', 'retire'] as const

export function createHeadFeed<H extends History>(history: H): HeadFeed<H> {
  const watches = new Map<string, Set<() => void>>()
  const listeners = new Set<(service: CID) => void>()
  const tell = (service: CID): void => {
    for (const listener of listeners) listener(service)
    for (const wake of watches.get(service.toString()) ?? []) wake()
  }
  const telling = Object.fromEntries(
    MOVING.map((method) => [
      method,
      async (service: CID, ...rest: unknown[]) => {
        const head = await (history[method] as (...args: unknown[]) => Promise<unknown>)(service, ...rest)
        tell(service)
        return head
      },
    ]),
  ) as Pick<H, (typeof MOVING)[number]>
  const begin: History['begin'] = async (service, commit): Promise<Begun> => {
    const begun = await history.begin(service, commit)
    begun.durable.then(
      () => tell(service),
      () => undefined,
    )
    return begun
  }

  const draft: History['draft'] = () => {
    const made = history.draft()
    const moving = new Map<string, CID>()
    return {
      get length() {
        return made.length
      },
      keep: made.keep,
      drop: made.drop,
      add(service, commit) {
        moving.set(service.toString(), service)
        return made.add(service, commit)
      },
      async write() {
        await made.write()
        for (const service of moving.values()) tell(service)
      },
    }
  }

  return {
    history: { ...history, ...telling, begin, draft },
    onMove(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    watch(service) {
      const key = service.toString()
      let isDue = false
      let waiting: (() => void) | undefined
      const wake = (): void => {
        isDue = true
        waiting?.()
      }
      const all = watches.get(key) ?? new Set()
      watches.set(key, all.add(wake))
      return {
        async moved(signal) {
          signal.throwIfAborted()
          if (!isDue) {
            const { promise, resolve, reject } = Promise.withResolvers<void>()
            const onAbort = (): void => reject(signal.reason)
            waiting = resolve
            signal.addEventListener('abort', onAbort, { once: true })
            try {
              await promise
            } finally {
              waiting = undefined
              signal.removeEventListener('abort', onAbort)
            }
          }
          isDue = false
        },
        stop() {
          all.delete(wake)
          if (all.size === 0 && watches.get(key) === all) watches.delete(key)
        },
      }
    },
  }
}
