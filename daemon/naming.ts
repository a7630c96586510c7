/** Wires everything about usernames: who resolves, registers and keeps them, and what the hub and its witnesses do. */
import type { Handler, Internode } from '../protocol/types.ts'
import { MAX_HOME_USERNAMES } from '../registry/constants.ts'
import type { Registry } from '../registry/home/types.ts'
import { createUsernames } from '../registry/names/service.ts'
import type { NameValidation, Usernames } from '../registry/names/types.ts'
import type { Memory, RecordNetwork } from '../registry/types.ts'
import type { HubProof, Implementation, ReleaseStatus } from './api/vocabulary.ts'
import { createInvoke, type InvokeParts } from './calls/invoke.ts'
import type { Contracts } from './calls/life/contracts.ts'
import type { Deploy } from './calls/life/deploy.ts'
import type { Names } from './calls/names/names.ts'
import { createPetname } from './calls/names/petname.ts'
import { createPetnames } from './calls/names/petnames.ts'
import type { ResolveService } from './calls/names/resolve.ts'
import { createUsers, type Users } from './calls/names/users.ts'
import { createGetCopy } from './calls/pull/copy.ts'
import type { Pull } from './calls/pull/pull.ts'
import { forPeers } from './calls/remote/for-peers.ts'
import type { LocalReplayer } from './calls/replay/replayer.ts'
import type { Ask } from './calls/run/question.ts'
import type { Identity } from './calls/types.ts'
import { createVerify } from './calls/view/verify.ts'
import { createBookCopy } from './hub/book-copy.ts'
import { type Guarded, guardBook } from './hub/book-guard.ts'
import { sparingBook } from './hub/book-host.ts'
import { RELEASE_LOOK_MS } from './hub/constants.ts'
import { createHubRole } from './hub/hub-role.ts'
import { createProofs } from './hub/proofs.ts'
import { createRegister, resolveBook } from './hub/register.ts'
import { createReleases } from './hub/releases.ts'
import { createRemoteHub } from './hub/remote-hub.ts'
import { createVerifyName, type VerifyName } from './hub/verify-name.ts'
import { createWitnessRole } from './hub/witness-role.ts'
import type { Meta, Verify } from './store/database-types.ts'
import type { LocalHistory } from './store/types.ts'

export interface NamingParts {
  identity: Identity
  meta: Meta
  memory: Memory
  /** the DHT */
  network: RecordNetwork
  validation: NameValidation
  internode: Internode
  contracts: Contracts
  deploy: Deploy
  names: Names
  ask: Ask
  history: LocalHistory
  replayer: LocalReplayer
  verify: Verify
  /** A way to pull by names that are resolved like this. */
  pullBy: (resolve: ResolveService) => Pull
  /** what a call to the book takes */
  invoke: Omit<InvokeParts, 'resolveService'>
  /** of this program */
  version: string
  ownHome: Registry['ownRecord']
  /** Tells the network where this user is. */
  describe: Registry['describe']
  publishHome: (options: { signal: AbortSignal }) => Promise<void>
  now: () => number
  log: (line: string) => void
}

export interface Naming {
  users: Users
  usernames: Usernames
  /** `alice.amigos.net` if this user has a name, else `~k51...` */
  ownName(): string
  methods: Pick<Implementation, 'register' | 'petname' | 'release'>
  /** Checks a username to the ground; undefined for a name of anything else. */
  verifyName: VerifyName
  /** of a witness: what it caught the hub at */
  proofs(): Promise<HubProof[]>
  release: () => Promise<ReleaseStatus>
  /** A peer has connected: what it is asked for is asked now. */
  met(peer: string): void
  /** how this node's user deploys */
  deploy: Deploy
  /** on the hub: the same methods, none of which changes or ends the book */
  guard: <M extends Guarded>(methods: M, resolveService: ResolveService) => M
  /** what other nodes may ask this one, by method */
  handlers: Record<string, Handler>
  start(): Promise<void>
  stop(): Promise<void>
}

export function createNaming(parts: NamingParts): Naming {
  const { identity, meta, memory, network, validation, internode, ownHome, now, log } = parts
  const { registrars } = identity.network
  const [peer] = registrars
  const role = peer === identity.peerId ? createHubRole({ ...parts, network: identity.network }) : undefined
  const hub = role?.hub ?? (peer === undefined ? undefined : createRemoteHub(internode, peer))

  const usernames = createUsernames(
    {
      ...{ network, memory, validation, ownHome, now },
      user: identity.user,
      extend: (username, options) => extend(username, options),
      hub: hub && (async (username, options) => (await hub.nameOf(username, options)).record),
    },
    { onError: () => log('a username could not be renewed; it is tried again') },
  )
  const petnames = createPetnames(meta)
  const users = createUsers({ identity, petnames, usernames })
  const resolve = resolveBook(hub)
  const { call } = createInvoke({ ...parts.invoke, resolveService: resolve })
  const pull = parts.pullBy(resolve)
  const copy = createBookCopy({ ...parts, pull })
  const proofs = createProofs(meta, now)
  const getCopy = createGetCopy({ ...parts, resolveService: resolve, pull })
  const { service: verifyBook } = createVerify({ ...parts, getCopy })

  const register = createRegister({
    ...{ identity, hub, usernames, call, userOf: users.userOf },
    beFound: (options) => beFound(options),
    async tell(options) {
      const names = usernames.own().map(({ record }) => record.username)
      await parts.describe({ usernames: names.slice(0, MAX_HOME_USERNAMES) }, options)
    },
  })
  /** A node that runs does not lose its names because nobody thought of them for a year. */
  const extend = async (username: string, options: { signal: AbortSignal }): Promise<void> => {
    try {
      await register({ username, action: 'renew' }, options)
      log(`the username ${username} was renewed for a year`)
    } catch (error) {
      log(`the username ${username} could not be renewed: ${error instanceof Error ? error.message : 'unknown'}`)
    }
  }
  const beFound = async (options: { signal: AbortSignal }): Promise<void> => {
    if (ownHome() === undefined) await parts.publishHome(options)
  }

  const releases = createReleases(parts)
  const stopping = new AbortController()
  let again: NodeJS.Timeout | undefined
  const isWitness = registrars.indexOf(identity.peerId) > 0
  const witness = isWitness ? createWitnessRole({ ...parts, network: identity.network, copy, proofs }) : undefined
  const answers: Record<string, Handler> = {
    ...role?.handlers,
    ...releases.handlers,
    ...witness?.handlers,
  }
  const guarded = Object.entries(answers).map(([method, handler]) => [method, forPeers(handler, log)])

  return {
    users,
    usernames,
    ownName() {
      const first = usernames.own().find(({ record }) => record.expires > now())
      return first === undefined ? `~${identity.user}` : `${first.record.username}.${identity.network.suffix}`
    },
    methods: {
      register,
      petname: createPetname({ petnames, users }),
      release: ({ version }) => (version === undefined ? releases.known() : releases.announce(version)),
    },
    release: releases.known,
    met(other) {
      if (other === peer) void releases.refresh(stopping.signal)
    },
    deploy: role === undefined ? parts.deploy : sparingBook(parts.deploy),
    guard: (methods, resolveService) =>
      role === undefined ? methods : guardBook(methods, { ...parts, resolveService, suffix: identity.network.suffix }),
    verifyName: createVerifyName({ ...parts, usernames, verifyBook }),
    proofs: async () =>
      (await proofs.all()).map(({ time, record, ...proof }) => ({
        ...proof,
        time: new Date(time).toISOString(),
        record: Buffer.from(record).toString('base64'),
      })),
    handlers: Object.fromEntries(guarded) as Record<string, Handler>,
    async start() {
      await role?.start()
      witness?.start()
      await usernames.start()
      // the hub may have been met before anybody listened for that
      void releases.refresh(stopping.signal)
      again = setInterval(() => void releases.refresh(stopping.signal), RELEASE_LOOK_MS)
      again.unref()
    },
    async stop() {
      stopping.abort()
      clearInterval(again)
      witness?.stop()
      await role?.stop()
      await usernames.stop()
    },
  }
}
