/** Both sides of what nodes ask each other about services: the requests this node makes, and how it answers them. */
import { CID } from 'multiformats/cid'
import type { Handler, Internode } from '../../protocol/types.ts'
import type { Database, History } from '../store/types.ts'
import type { Ask } from './ask.ts'
import { MAX_LOG_LINE, MAX_REMOTE_MS } from './constants.ts'
import { CallsError } from './errors.ts'
import type { Execute } from './execute.ts'
import { openCall } from './signed-call.ts'
import type { Answered, Executed, Identity } from './types.ts'

/** Where a service stands, as its host says: the signed head commit proves it. */
export interface RemoteHead {
  contract: CID
  commit: CID
  seq: number
}

export interface Remote {
  call(host: string, envelope: Uint8Array, options: { signal: AbortSignal }): Promise<Executed>
  /** @param envelope the question, signed like a call so that the contract may know its caller; nothing is committed */
  query(host: string, envelope: Uint8Array, at: CID | undefined, options: { signal: AbortSignal }): Promise<Answered>
  head(host: string, service: CID, options: { signal: AbortSignal }): Promise<RemoteHead>
}

/** A field of an answer, or an error that says whose answer is wrong. */
type Read = <T>(name: string, is: (value: unknown) => value is T) => T

function reader(body: unknown, party: string): Read {
  return (name, is) => {
    const value = typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : undefined
    if (is(value)) return value
    throw new CallsError('ANSWER_INVALID', `${party} sent no valid "${name}".`, 'it may run another version of Amigos')
  }
}

const isBytes = (value: unknown): value is Uint8Array => value instanceof Uint8Array
const isCid = (value: unknown): value is CID => CID.asCID(value) !== null
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
const isLine = (value: unknown): value is string => typeof value === 'string' && value.length <= MAX_LOG_LINE
const isLines = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length <= 100 && value.every(isLine)

export function createRemote(internode: Pick<Internode, 'request'>): Remote {
  const ask = async (host: string, method: string, body: unknown, options: { signal: AbortSignal }): Promise<Read> =>
    reader(await internode.request(host, method, body, { ...options, timeoutMs: MAX_REMOTE_MS }), `The host ${host}`)

  return {
    async call(host, envelope, options) {
      const read = await ask(host, 'call', { envelope }, options)
      return {
        result: read('result', isBytes),
        gas: BigInt(read('gas', isCount)),
        commit: read('commit', isCid),
        seq: read('seq', isCount),
        index: read('index', isCount),
        block: read('block', isBytes),
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
  }
}

export interface AnswerParts {
  execute: Execute
  ask: Ask
  history: History
  database: Database
  identity: Identity
}

/** The handlers of the internode methods `call`, `query` and `head` (specs/internode.md). */
export function createAnswers({
  execute,
  ask,
  history,
  identity,
}: AnswerParts): Record<'call' | 'query' | 'head', Handler> {
  const party = 'The asking node'
  return {
    async call(body, { signal }) {
      const { gas, ...done } = await execute(reader(body, party)('envelope', isBytes), { signal })
      return { ...done, gas: Number(gas) }
    },
    async query(body, { signal }) {
      const read = reader(body, party)
      const question = await openCall(read('envelope', isBytes), identity)
      const at = read('at', (value): value is CID | null => value === null || isCid(value)) ?? undefined
      const { gas, ...answer } = await ask({ ...question, at }, { signal })
      return { ...answer, gas: Number(gas) }
    },
    async head(body) {
      const service = reader(body, party)('service', isCid)
      const head = await history.head(service)
      if (head === undefined) {
        throw new CallsError(
          'SERVICE_NOT_FOUND',
          `No service ${service} is on this node.`,
          'it may have moved: resolve its name again',
        )
      }
      return { contract: head.contract, commit: head.commit, seq: head.seq }
    },
  }
}
