/** A node without its doors: keys, store, network and use cases. The daemon is one with a page and a local API before it. */
import { join } from 'node:path'
import type { Ed25519PrivateKey } from '@libp2p/interface'
import { userIdOf } from '../protocol/signed/user-id.ts'
import { createValidation } from '../registry/home/validator.ts'
import { createNameValidation } from '../registry/names/name-validator.ts'
import { openUserKeys } from './calls/homes/user-keys.ts'
import { type Abroad, nowhereAbroad } from './calls/tree/abroad.ts'
import type { Identity } from './calls/types.ts'
import type { Lifecycle } from './lifecycle.ts'
import { joinNetwork, type NetworkWish } from './networks.ts'
import { PASSING_BYTES } from './node/constants.ts'
import { prepareHome } from './node/home.ts'
import { loadOrCreateKey } from './node/key-file.ts'
import { type AmigosNode, createNode, type NodeInit } from './node/node.ts'
import { createPassingBlocks, keeping } from './node/passing-blocks.ts'
import { signerOf } from './node/signer.ts'
import { openDatabase } from './store/database.ts'
import type { LocalDatabase } from './store/database-types.ts'
import { createUseCases, type UseCases } from './use-cases.ts'
import { VERSION } from './version.ts'

export interface CoreOptions extends NodeInit, NetworkWish {
  /** absolute path of the data folder */
  home: string
  /** how commands are typed here, for the page; @default amigo */
  command?: string
  /** whose node it is. @default the key in the data folder, which is made on first use */
  userKey?: Ed25519PrivateKey
  log: (line: string) => void
  /** which addresses of the network are dialled. @default all: its user named them */
  mayDial?: (address: string) => boolean
  /** how its services ask on other networks. @default they do not */
  abroad?: Abroad
  /** ends the whole of which this is a part */
  stop: () => Promise<void>
}

export interface Core {
  node: AmigosNode
  identity: Identity
  userKey: Ed25519PrivateKey
  database: LocalDatabase
  useCases: UseCases
}

/** When it returns, the node listens and answers others. Its parts are stopped by their lifecycle. */
export async function startCore(options: CoreOptions, parts: Lifecycle): Promise<Core> {
  const { home, log, command = 'amigo', mayDial = () => true, abroad = nowhereAbroad } = options
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
    options.userKey ?? loadOrCreateKey(join(home, 'user.key')),
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
          network: { ...network, bootstrap: [...network.bootstrap, ...joined.addresses].filter(mayDial) },
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
    abroad,
    home,
    command,
    now,
    log,
    stop: options.stop,
  })
  await parts.start(useCases.start, useCases.stop)
  node.assertProtocolBounds()
  return { node, identity, userKey, database, useCases }
}
