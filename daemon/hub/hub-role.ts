/** What the node does that the manifest names as its network's hub: it runs the book, and signs what it says. */
import type { CID } from 'multiformats/cid'
import type { Handler, Internode } from '../../protocol/types.ts'
import { isLabel, USERNAME } from '../../registry/grammar/label.ts'
import type { Registrars } from '../../registry/names/types.ts'
import { CallsError } from '../calls/errors.ts'
import type { Contracts } from '../calls/life/contracts.ts'
import type { Deploy } from '../calls/life/deploy.ts'
import type { Names } from '../calls/names/names.ts'
import { badRequest, isText, reader } from '../calls/remote/wire.ts'
import type { Ask } from '../calls/run/question.ts'
import type { Identity } from '../calls/types.ts'
import type { Meta } from '../store/database-types.ts'
import { startBook } from './book-host.ts'
import { createCoSigners } from './co-signers.ts'
import { BOOK_START_MS } from './constants.ts'
import { createRegistrar } from './registrar.ts'
import type { Hub } from './types.ts'

export interface HubRoleParts {
  identity: Identity
  network: Registrars
  meta: Meta
  contracts: Contracts
  deploy: Deploy
  names: Pick<Names, 'get'>
  ask: Ask
  internode: Pick<Internode, 'request'>
  now: () => number
  log: (line: string) => void
}

export interface HubRole {
  hub: Hub
  /** what other nodes may ask, by method */
  handlers: Record<string, Handler>
  /** Resolves when the book runs. A book that does not start is told in the log, and the node runs on without. */
  start(): Promise<void>
  stop(): Promise<void>
}

export function createHubRole(parts: HubRoleParts): HubRole {
  const { identity, network, meta, internode, now, log } = parts
  const stopping = new AbortController()
  let book: CID | undefined

  const running = async (): Promise<CID> => {
    if (book !== undefined) return book
    throw new CallsError('HUB_UNREACHABLE', 'The book of usernames does not run yet.', 'try again in a moment')
  }
  const coSign = createCoSigners({ network, internode, log })
  const registrar = createRegistrar({ ...parts, book: running, coSign })

  return {
    hub: {
      peer: identity.peerId,
      nameOf: (username, { signal }) => registrar.nameOf(username, { from: 'local', signal }),
    },
    handlers: {
      async name(body, { peer, signal }) {
        const username = reader(body, badRequest)('username', isText)
        if (!isLabel(username, USERNAME)) throw badRequest('username')
        return registrar.nameOf(username, { from: peer, signal })
      },
    },
    async start() {
      const started = now()
      try {
        const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(BOOK_START_MS)])
        book = await startBook({ ...parts, meta }, signal)
        log(`this node is the hub of its network: the book of usernames runs after ${now() - started} ms`)
      } catch (error) {
        log(`the book of usernames does not run: ${error instanceof Error ? error.message : 'unknown'}`)
      }
    },
    async stop() {
      stopping.abort()
    },
  }
}
