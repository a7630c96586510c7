/** How this node answers what others ask about services: specs/internode.md, section 12. */
import type { CID } from 'multiformats/cid'
import type { Handler } from '../../../protocol/types.ts'
import type { Contract } from '../../contract/types.ts'
import type { Head, History } from '../../store/types.ts'
import {
  MAX_BLOCKS_ANSWER_BYTES,
  MAX_HISTORY_PAGE,
  MAX_PAGES_PER_SOURCE,
  MAX_PAGES_QUEUE,
  MAX_PAGES_READ,
} from '../constants.ts'
import type { Contracts } from '../life/contracts.ts'
import { type Asker, checkAccess, checkAnyAccess } from '../run/check-access.ts'
import type { Execute } from '../run/execute.ts'
import { createFairQueue } from '../run/fair-queue.ts'
import type { Ask, Question } from '../run/question.ts'
import { busy } from '../run/slots.ts'
import type { Follow } from '../stream/follow.ts'
import { mapped } from '../stream/mapped.ts'
import type { StreamQuery } from '../stream/stream-query.ts'
import type { CheckEpoch } from '../tree/epochs-seen.ts'
import type { Identity } from '../types.ts'
import { notACommit } from '../view/commit-of.ts'
import { forPeers } from './for-peers.ts'
import { openGrant } from './grant.ts'
import { shownService } from './shown-service.ts'
import { answerTraced } from './trace.ts'
import { createWhoAsks } from './who-asks.ts'
import {
  badRequest,
  isArguments,
  isBytes,
  isBytesIfAny,
  isCid,
  isCidOrNull,
  isCountOrNull,
  isFlagIfAny,
  isShareIfAny,
  isText,
  isViaIfAny,
  isWish,
  type Read,
  reader,
} from './wire.ts'

export interface AnswerParts {
  execute: Execute
  ask: Ask
  stream: StreamQuery
  follow: Follow
  history: History
  contracts: Contracts
  identity: Identity
  checkEpoch: CheckEpoch
  /** of what went wrong on this node, which is nobody else's business */
  log: (line: string) => void
}

export type Answers = Record<
  'call' | 'query' | 'head' | 'history' | 'blocks' | 'ping' | 'stream' | 'subscribe',
  Handler
>

export function createAnswers(parts: AnswerParts): Answers {
  const { execute, ask, stream, follow, history, identity, log } = parts
  const whoAsks = createWhoAsks(parts)

  /** The service that a request is about, if whoever asks may know of it. */
  const serviceFor = (read: Read, peer: string, check: (contract: Contract, asker: Asker) => void): Promise<Head> =>
    shownService(parts, {
      service: read('service', isCid),
      peer,
      grant: read('envelope', isBytesIfAny) ?? undefined,
      check,
    })

  /** What is asked, and in whose name. */
  const questionIn = async (read: Read, peer: string): Promise<Question> => {
    const service = read('service', isCid)
    const claim = { peer, service, caller: read('caller', isText) }
    const most = read('gas', isCountOrNull)
    const wanted = {
      service,
      method: read('method', isText),
      args: read('args', isArguments),
      gas: most === null ? undefined : BigInt(most),
      at: read('at', isCidOrNull) ?? undefined,
    }
    const via = read('via', isViaIfAny)
    const course = via ? { origin: via.origin, chain: via.chain.map(String) } : undefined
    const who = await whoAsks(claim, read('envelope', isBytesIfAny) ?? undefined)
    // a service says in whose course it asks, and the last of that is itself; a user asks for nobody else
    const isOfService = who.callerOwner !== undefined || (who.caller === '' && course !== undefined)
    if (isOfService ? !course || (who.caller !== '' && course.chain.at(-1) !== who.caller) : course)
      throw badRequest('via')
    const { caller, callerOwner } = who
    return { ...wanted, caller, callerOwner, ...course }
  }

  /** The service of one that is followed, which looks for itself whether who asks may. */
  const followedIn = async (read: Read, peer: string): Promise<{ service: CID; user: string }> => {
    const service = read('service', isCid)
    const grant = read('envelope', isBytesIfAny)
    if (!grant) return { service, user: '' }
    const { caller } = await openGrant(grant, { service, peer, right: 'history' }, identity)
    return { service, user: caller }
  }

  const baseOf = async ({ service, handovers }: Head) => {
    const base = await history.baseForOthers(service)
    if (base === undefined) return null
    const { commit, seq, checkpoint } = base
    const { epoch } = await history.commit(commit)
    return { commit, seq, checkpoint, handovers: handovers.slice(0, epoch) }
  }
  const pages = createFairQueue({
    concurrency: MAX_PAGES_READ,
    perSource: MAX_PAGES_PER_SOURCE,
    total: MAX_PAGES_QUEUE,
    refuse: busy,
  })
  /** What is dear to answer waits its turn: whoever asks for much of it waits behind himself. */
  const inTurn =
    (handler: Handler): Handler =>
    (body, context) =>
      pages.run(() => handler(body, context), { from: context.peer, signal: context.signal })
  const mayRead = (contract: Contract, asker: Asker): void => checkAccess(contract, asker, 'history')

  const handlers: Answers = {
    async call(body, { peer, signal }) {
      const read = reader(body, badRequest)
      const envelope = read('envelope', isBytes)
      const share = read('tree', isShareIfAny)
      const tree = share ? { ...share, most: BigInt(share.most) } : undefined
      return answerTraced(read('trace', isFlagIfAny) === true, async (trace) => {
        const { gas, ...done } = await execute(envelope, { from: peer, signal, trace, tree })
        return { chunk: null, events: null, ...done, gas: Number(gas) }
      })
    },
    async query(body, { peer, signal }) {
      const read = reader(body, badRequest)
      const isTraced = read('trace', isFlagIfAny) === true
      return answerTraced(isTraced, async (trace) => {
        const question = await questionIn(read, peer)
        trace?.lap('verify')
        const { gas, ...answer } = await ask(question, { from: peer, signal, trace })
        return { ...answer, gas: Number(gas) }
      })
    },
    async stream(body, { peer, signal }) {
      const items = stream(await questionIn(reader(body, badRequest), peer), { from: peer, signal })
      return mapped(items, ({ gas, ...answer }) => ({ ...answer, gas: Number(gas) }))
    },
    async subscribe(body, { peer, signal }) {
      const read = reader(body, badRequest)
      const from = read('from', isCountOrNull) ?? undefined
      const { service, user } = await followedIn(read, peer)
      return follow({ service, user, from }, { from: peer, signal })
    },
    async head(body, { peer }) {
      const head = await serviceFor(reader(body, badRequest), peer, checkAnyAccess)
      const { contract, commit, seq } = head
      return { contract, commit, seq, base: await baseOf(head), sealed: head.seal !== undefined }
    },
    history: inTurn(async (body, { peer, signal }) => {
      const read = reader(body, badRequest)
      const { service } = await serviceFor(read, peer, mayRead)
      const from = read('from', isCid)
      const commits: CID[] = []
      try {
        for await (const { cid } of history.log(service, { from, limit: MAX_HISTORY_PAGE + 1 })) {
          signal.throwIfAborted()
          commits.push(cid)
        }
      } catch (error) {
        if (NO_COMMIT.has((error as { code?: string }).code ?? '')) throw notACommit(from.toString())
        throw error
      }
      return { commits: commits.slice(1) }
    }),
    blocks: inTurn(async (body, { peer, signal }) => {
      const read = reader(body, badRequest)
      const { service } = await serviceFor(read, peer, mayRead)
      const store = await history.blocksOf(service)
      const blocks: (Uint8Array | null)[] = []
      let left = MAX_BLOCKS_ANSWER_BYTES
      for (const cid of read('cids', isWish)) {
        signal.throwIfAborted()
        const bytes = (await store.get(cid)) ?? null
        left -= bytes?.length ?? 0
        if (left < 0 && blocks.length > 0) break
        blocks.push(bytes)
      }
      return { blocks }
    }),
    /** For whoever measures how long it takes. */
    ping: async () => ({}),
  }
  const guarded = Object.entries(handlers).map(([method, handler]) => [method, forPeers(handler, log)])
  return Object.fromEntries(guarded) as Answers
}

/** What the store says of a CID that is no commit of the service. */
const NO_COMMIT = new Set(['BLOCK_MISSING', 'BLOCK_INVALID', 'BROKEN_CHAIN', 'BAD_SIGNATURE'])
