import type { ChildProcess } from 'node:child_process'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { stop } from 'esbuild'

/** Node.js announces every process it starts here. */
const STARTED = 'child_process'

/**
 * Runs `use` and then ends the process that esbuild started for it, or does so at once when `signal` aborts. When this returns, that
 * process is gone and collected: esbuild's own `stop` does not wait, and a thread that ends before leaves a zombie behind.
 */
export async function withEsbuild<T>(use: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  let service: ChildProcess | undefined
  const note = (message: unknown): void => {
    service ??= (message as { process: ChildProcess }).process
  }
  // A build whose process was stopped never settles.
  const stopped = Promise.withResolvers<never>()
  const abort = (): void => stopped.reject(signal?.reason)
  subscribe(STARTED, note)
  signal?.addEventListener('abort', abort, { once: true })
  try {
    signal?.throwIfAborted()
    return await Promise.race([use(), stopped.promise])
  } finally {
    unsubscribe(STARTED, note)
    signal?.removeEventListener('abort', abort)
    await stop()
    if (service?.pid !== undefined && service.exitCode === null && service.signalCode === null) {
      service.ref()
      await once(service, 'exit')
    }
  }
}
