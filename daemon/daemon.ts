/** The composition root: builds every part, starts them in order, stops them in reverse. Nothing else knows the whole. */
import { raceSignal } from '../registry/deadline.ts'
import { createApiServer } from './api/server.ts'
import { socketPathFor } from './api/socket-path.ts'
import type { Abroad } from './calls/tree/abroad.ts'
import { startCore } from './core.ts'
import { createDoor } from './door/door.ts'
import { keepOrigins } from './door/kept-origins.ts'
import { createElsewhere } from './elsewhere.ts'
import { createLifecycle, type Lifecycle } from './lifecycle.ts'
import { startPage } from './start-page.ts'
import type { Daemon, DaemonOptions } from './types.ts'
import { createVisits, type Visits } from './visits.ts'

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
  // its services may be called before the other networks are there for them
  const others = Promise.withResolvers<Visits>()
  const abroad: Abroad = async (invite, asking, work) =>
    (await raceSignal(others.promise, asking.signal)).reach(invite, asking, work)
  const { node, identity, userKey, database, useCases } = await startCore({ ...options, abroad, stop }, parts)
  const visits = await parts.start(
    () =>
      createVisits({
        ...{ home, userKey, startCore, meta: database.meta, log, now: Date.now },
        ...{ mayDial: node.mayDial, offline: options.offline },
      }),
    (open) => open.stop(),
  )
  others.resolve(visits)
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
