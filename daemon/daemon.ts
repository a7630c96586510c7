/** The composition root: builds every part, starts them in order, stops them in reverse. Nothing else knows the whole. */
import { join } from 'node:path'
import { userIdOf } from '../protocol/signed/user-id.ts'
import { createValidation } from '../registry/home/validator.ts'
import { createNameValidation } from '../registry/names/name-validator.ts'
import { createApiServer } from './api/server.ts'
import { socketPathFor } from './api/socket-path.ts'
import { openUserKeys } from './calls/homes/user-keys.ts'
import type { Identity } from './calls/types.ts'
import { createLifecycle, type Lifecycle } from './lifecycle.ts'
import { joinNetwork } from './networks.ts'
import { PASSING_BYTES } from './node/constants.ts'
import { prepareHome } from './node/home.ts'
import { loadOrCreateKey } from './node/key-file.ts'
import { createNode } from './node/node.ts'
import { createPassingBlocks, keeping } from './node/passing-blocks.ts'
import { signerOf } from './node/signer.ts'
import { startPage } from './start-page.ts'
import { openDatabase } from './store/database.ts'
import type { Daemon, DaemonOptions } from './types.ts'
import { createUseCases } from './use-cases.ts'
import { VERSION } from './version.ts'

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
  const { home, log, command = 'amigo' } = options
  const now = Date.now

  await prepareHome(home)
  const database = await parts.start(
    () => openDatabase(join(home, 'store'), VERSION),
    (opened) => opened.close(),
  )
  // before there is a user key: it says that the folder was in use
  const joined = await joinNetwork(home, options, now())
  const [nodeKey, userKey] = await Promise.all([
    loadOrCreateKey(join(home, 'node.key')),
    loadOrCreateKey(join(home, 'user.key')),
  ])
  const { network } = joined
  const passing = createPassingBlocks(PASSING_BYTES)
  const memory = { get: (key: string) => database.meta.get(key), put: database.meta.put }
  const validation = createValidation({ memory, now }, { networkId: network.id })
  const nameValidation = createNameValidation({ memory, homes: validation, now }, network)
  const records = {
    validators: { ...validation.validators, ...nameValidation.validators },
    selectors: { ...validation.selectors, ...nameValidation.selectors },
  }
  const node = await parts.start(
    () =>
      createNode(
        {
          key: nodeKey,
          network: { ...network, bootstrap: [...network.bootstrap, ...joined.addresses] },
          blockstore: passing.over(database.blockstore as never),
          datastore: database.datastore,
          local: keeping(database.blocks, passing),
          records: records as never,
          memory,
          version: VERSION,
          log,
        },
        options,
      ),
    (made) => made.stop(),
  )
  await parts.start(
    () => node.start(),
    () => undefined,
  )

  const owner = signerOf(userKey)
  const user = userIdOf(owner.publicKey)
  const keys = await openUserKeys(home, owner)
  const identity: Identity = { peerId: node.peerId, user, node: signerOf(nodeKey), owner, network }
  const done = Promise.withResolvers<void>()
  const stop = async (): Promise<void> => {
    await parts.stop()
    done.resolve()
  }

  const useCases = await createUseCases({
    identity,
    keys,
    joined,
    database,
    passing,
    node,
    validation,
    nameValidation,
    memory,
    home,
    command,
    now,
    log,
    stop,
  })
  await parts.start(useCases.start, useCases.stop)
  node.assertProtocolBounds()
  const page = await parts.start(
    () => startPage(useCases.pageSource, options.http, log),
    (started) => started.stop(),
  )
  useCases.pageStarted(page.url)
  const api = createApiServer(
    { implementation: useCases.implementation, log: (message, detail) => log(`${message}: ${String(detail)}`) },
    { socketPath: socketPathFor(home) },
  )
  await parts.start(api.start, api.stop)

  const info = {
    peerId: node.peerId,
    user,
    addresses: node.addresses(),
    http: page.url,
    home,
    network: network.name,
    pid: process.pid,
  }
  return { info, stopped: done.promise, stop }
}
