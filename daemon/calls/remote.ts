/** Both sides of what nodes ask each other about services: the requests this node makes, and how it answers them. */
import { CID } from 'multiformats/cid'
import type { Handler, Internode } from '../../protocol/types.ts'
import type { History } from '../store/types.ts'
import { type Ask, notACommit } from './ask.ts'
import { MAX_HISTORY_PAGE, MAX_LOG_LINE, MAX_REMOTE_MS, PEER_LOG_MS } from './constants.ts'
import { CallsError } from './errors.ts'
import type { Execute } from './execute.ts'
import { notHere } from './instances.ts'
import { openCall } from './signed-call.ts'
import type { Answered, Executed, Identity } from './types.ts'

/** Where a service stands, as its host says: the signed head commit proves it. */
export interface RemoteHead {
  contract: CID
  commit: CID
  seq: number
}

export interface Remote {
  /** @param options.onSent told when the call is on its way */
  call(host: string, envelope: Uint8Array, options: { signal: AbortSignal; onSent?: () => void }): Promise<Executed>
  /** @param envelope the question, signed like a call so that the contract may know its caller; nothing is committed */
  query(host: string, envelope: Uint8Array, at: CID | undefined, options: { signal: AbortSignal }): Promise<Answered>
  head(host: string, service: CID, options: { signal: AbortSignal }): Promise<RemoteHead>
  /** The commits before `from`, newest first, at most MAX_HISTORY_PAGE: the host's word, good for knowing what to fetch. */
  commitsBefore(host: string, service: CID, from: CID, options: { signal: AbortSignal }): Promise<CID[]>
}

/** A field of an answer, or an error that says whose answer is wrong. */
type Read = <T>(name: string, is: (value: unknown) => value is T) => T

/** @param refuse what to throw about a field that is missing or of the wrong kind */
function reader(body: unknown, refuse: (field: string) => CallsError): Read {
  return (name, is) => {
    const value = typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : undefined
    if (is(value)) return value
    throw refuse(name)
  }
}

function badAnswer(host: string, field: string): CallsError {
  const message = `The host ${host} sent no valid "${field}".`
  return new CallsError('ANSWER_INVALID', message, 'it may run another version of Amigos')
}

function badRequest(field: string): CallsError {
  return new CallsError(
    'REQUEST_FIELD_INVALID',
    `The request has no valid "${field}".`,
    'see specs/internode.md, section 12',
  )
}

const isBytes = (value: unknown): value is Uint8Array => value instanceof Uint8Array
const isBytesOrNull = (value: unknown): value is Uint8Array | null => value === null || isBytes(value)
const isCid = (value: unknown): value is CID => CID.asCID(value) !== null
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
const isLine = (value: unknown): value is string => typeof value === 'string' && value.length <= MAX_LOG_LINE
const isLines = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length <= 100 && value.every(isLine)

const isPage = (value: unknown): value is CID[] =>
  Array.isArray(value) && value.length <= MAX_HISTORY_PAGE && value.every(isCid)

const optional = <K extends string, T>(key: K, value: T | null): { [name in K]?: T } =>
  value === null ? {} : ({ [key]: value } as { [name in K]: T })

export function createRemote(internode: Pick<Internode, 'request'>): Remote {
  type Options = { signal: AbortSignal; onSent?: () => void }
  const ask = async (host: string, method: string, body: unknown, options: Options): Promise<Read> =>
    reader(await internode.request(host, method, body, { ...options, timeoutMs: MAX_REMOTE_MS }), (field) =>
      badAnswer(host, field),
    )

  return {
    async call(host, envelope, options) {
      const read = await ask(host, 'call', { envelope }, options)
      return {
        result: read('result', isBytes),
        gas: BigInt(read('gas', isCount)),
        commit: read('commit', isCid),
        seq: read('seq', isCount),
        index: read('index', isCount),
        genesis: read('genesis', isBytes),
        block: read('block', isBytes),
        ...optional('chunk', read('chunk', isBytesOrNull)),
        ...optional('events', read('events', isBytesOrNull)),
        logs: read('logs', isLines),
      }
    },
    async query(host, envelope, at, options) {
      const read = await ask(host, 'query', { envelope, at: at ?? null }, options)
      return {
        result: read('result', isBytes),
        gas: BigInt(read('gas', isCount)),
        commit: read('commit', isCid),
        seq: read('seq', isCount),
        trust: 'host',
        logs: read('logs', isLines),
      }
    },
    async head(host, service, options) {
      const read = await ask(host, 'head', { service }, options)
      return { contract: read('contract', isCid), commit: read('commit', isCid), seq: read('seq', isCount) }
    },
    async commitsBefore(host, service, from, options) {
      const read = await ask(host, 'history', { service, from }, options)
      return read('commits', isPage)
    },
  }
}

export interface AnswerParts {
  execute: Execute
  ask: Ask
  history: History
  identity: Identity
  /** of what went wrong on this node, which is nobody else's business */
  log: (line: string) => void
}

export type Answers = Record<'call' | 'query' | 'head' | 'history', Handler>

/** The handlers of these internode methods (specs/internode.md, section 12). */
export function createAnswers(parts: AnswerParts): Answers {
  const { execute, ask, history, identity, log } = parts
  const handlers: Answers = {
    async call(body, { peer, signal }) {
      const { gas, ...done } = await execute(reader(body, badRequest)('envelope', isBytes), { from: peer, signal })
      return { chunk: null, events: null, ...done, gas: Number(gas) }
    },
    async query(body, { peer, signal }) {
      const read = reader(body, badRequest)
      const question = await openCall(read('envelope', isBytes), 'query', identity)
      const at = read('at', (value): value is CID | null => value === null || isCid(value)) ?? undefined
      const { gas, ...answer } = await ask({ ...question, at }, { from: peer, signal })
      return { ...answer, gas: Number(gas) }
    },
    async head(body) {
      const service = reader(body, badRequest)('service', isCid)
      const head = await history.head(service)
      if (head === undefined) throw notHere(service)
      return { contract: head.contract, commit: head.commit, seq: head.seq }
    },
    async history(body, { signal }) {
      const read = reader(body, badRequest)
      const service = read('service', isCid)
      if ((await history.head(service)) === undefined) throw notHere(service)
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
    },
  }
  const guarded = Object.entries(handlers).map(([method, handler]) => [method, forPeers(handler, log)])
  return Object.fromEntries(guarded) as Answers
}

/** What the store says of a CID that is no commit of the service. */
const NO_COMMIT = new Set(['BLOCK_MISSING', 'BLOCK_INVALID', 'BROKEN_CHAIN', 'BAD_SIGNATURE'])

/** Whose errors peers may see: those about what they sent. Trouble with this node's disk or engine stays here. */
const SHOWN = new Set(['CallsError', 'ContractError', 'ProtocolError'])

export function forPeers(handler: Handler, log: (line: string) => void): Handler {
  let quietUntil = 0
  /** Peers make these lines: a few a minute say as much as all of them. */
  const mayLog = (): boolean => {
    const now = performance.now()
    if (now < quietUntil) return false
    quietUntil = now + PEER_LOG_MS
    return true
  }
  return async (body, context) => {
    try {
      return await handler(body, context)
    } catch (error) {
      if (context.signal.aborted || (error instanceof Error && SHOWN.has(error.name))) throw error
      if (mayLog())
        log(`a request of ${context.peer} failed here: ${error instanceof Error ? error.message : 'unknown'}`)
      throw new CallsError('HOST_FAILED', 'The host could not do it.', 'try again later, or tell whoever runs it', {
        cause: error,
      })
    }
  }
}
