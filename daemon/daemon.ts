/** The composition root: builds every part, starts them in order, stops them in reverse. Nothing else knows the whole. */
import { createApiServer } from './api/server.ts'
import { socketPathFor } from './api/socket-path.ts'
import { startCore } from './core.ts'
import { createDoor } from './door/door.ts'
import { keepOrigins } from './door/kept-origins.ts'
import { createElsewhere } from './elsewhere.ts'
import { createLifecycle, type Lifecycle } from './lifecycle.ts'
import { startPage } from './start-page.ts'
import type { Daemon, DaemonOptions } from './types.ts'
import { createVisits } from './visits.ts'

/**
 * Starts a personal node. When it returns, the node listens, its page and its local API answer.
 *
 * @throws coded errors of the parts: STORE_LOCKED for a second daemon on one folder, PORT_IN_USE, HOME_INSECURE, ...
 */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const parts = createLifecycle(options.log)
  try {
    return await build(options, parts)
  } catch (error) {
    await parts.stop()
    throw error
  }
}

async function build(options: DaemonOptions, parts: Lifecycle): Promise<Daemon> {
  const { home, log } = options
  const done = Promise.withResolvers<void>()
  const stop = async (): Promise<void> => {
    await parts.stop()
    done.resolve()
  }
  const { node, identity, userKey, database, useCases } = await startCore({ ...options, stop }, parts)
  const visits = await parts.start(
    () => createVisits({ home, userKey, meta: database.meta, log, now: Date.now }),
    (open) => open.stop(),
  )
  const implementation = createElsewhere(useCases.implementation, visits, identity.network)
  const wish = { allow: options.origins ?? [], forbid: options.forbidOrigins ?? [] }
  const origins = await keepOrigins(database.meta, wish)
  const programs = origins.length > 0 ? createDoor({ source: useCases.programs, log }, { origins }) : undefined
  const page = await parts.start(
    () => startPage({ source: useCases.pageSource, programs, log }, options.http),
    (started) => started.stop(),
  )
  useCases.pageStarted(page.url, origins)
  const api = createApiServer(
    { implementation, log: (message, detail) => log(`${message}: ${String(detail)}`) },
    { socketPath: socketPathFor(home) },
  )
  await parts.start(api.start, api.stop)

  const info = {
    peerId: node.peerId,
    user: identity.user,
    addresses: node.addresses(),
    http: page.url,
    home,
    network: identity.network.name,
    pid: process.pid,
    origins,
  }
  return { info, stopped: done.promise, stop }
}
