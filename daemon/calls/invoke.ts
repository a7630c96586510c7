/** Calls and queries by name: signed in this user's name, run here or at the service's host, the answer checked. */
import { CID } from 'multiformats/cid'
import type { Methods, TraceSpan } from '../api/vocabulary.ts'
import type { History } from '../store/types.ts'
import { CallsError } from './errors.ts'
import type { ResolveService } from './names/resolve.ts'
import { NO_ANSWER } from './pull/copy.ts'
import { beforeSending } from './receipt/outcome.ts'
import { makeCall, wholeGas } from './receipt/signed-call.ts'
import type { Remote } from './remote/remote.ts'
import { traceOf } from './remote/trace.ts'
import type { Ask } from './run/question.ts'
import { createStopwatch, type Stopwatch } from './run/stopwatch.ts'
import { createSendCall, type SendCallParts } from './send-call.ts'
import type { Answered } from './types.ts'
import { decodeResult, encodeArguments } from './values.ts'
import { notACommit } from './view/commit-of.ts'

export interface InvokeParts extends SendCallParts {
  history: History
  ask: Ask
  remote: Remote
  resolveService: ResolveService
}

type Api<M extends 'call' | 'query'> = (
  params: Methods[M]['params'],
  options: { signal: AbortSignal },
) => Promise<Methods[M]['result']>

export function createInvoke(parts: InvokeParts): { call: Api<'call'>; query: Api<'query'> } {
  const { identity, history, ask, remote, resolveService } = parts
  const send = createSendCall(parts)

  /** What is to be sent, and to whom. */
  const prepare = async (params: Methods['call']['params'], signal: AbortSignal, trace: Stopwatch | undefined) => {
    const { service, host, at } = await resolveService(params.name, { signal })
    trace?.lap('resolve')
    if (at !== undefined) throw isPast(params.name, service)
    const envelope = await makeCall({ ...params, service }, 'call', identity)
    trace?.lap('sign')
    return { service, host, envelope }
  }

  /** What the local API tells of a trace, after the last lap. */
  const traced = (trace: Stopwatch | undefined): { trace?: TraceSpan[] } => {
    trace?.lap('answer')
    return trace === undefined ? {} : { trace: traceOf(trace, identity.peerId) }
  }

  return {
    async call(params, { signal }) {
      const started = performance.now()
      const trace = params.trace ? createStopwatch() : undefined
      const { service, host, envelope } = await beforeSending(prepare(params, signal, trace))
      const answer = await send({ service, host, envelope }, { from: 'local', signal, trace })
      return { ...answer, ...traced(trace), ms: elapsed(started) }
    },

    async query(params, { signal }) {
      const started = performance.now()
      const trace = params.trace ? createStopwatch() : undefined
      const target = await resolveService(params.name, { signal })
      trace?.lap('resolve')
      const { service, host } = target
      const at = params.at === undefined ? target.at : parseCommit(params.at)
      const question = { ...params, service, args: encodeArguments(params.args), caller: identity.user, at }
      const gas = wholeGas(params.gas)
      const limited = { ...question, gas: gas === undefined ? gas : BigInt(gas) }
      const askHere = (): Promise<Answered> => ask(limited, { from: 'local', signal, trace })
      const askHost = async (): Promise<Answered> => {
        try {
          return await remote.query(host, limited, { signal, trace })
        } catch (error) {
          const copy = NO_ANSWER.has((error as { code?: string }).code ?? '') && (await history.head(service))
          if (!copy || signal.aborted) throw error
          return askHere()
        }
      }
      const found = host === identity.peerId ? await askHere() : await askHost()
      const answer = {
        result: decodeResult(found.result),
        gas: Number(found.gas),
        commit: found.commit.toString(),
        seq: found.seq,
        host: found.trust === 'host' ? host : identity.peerId,
        trust: found.trust,
        logs: found.logs,
      }
      return { ...answer, ...traced(trace), ms: elapsed(started) }
    },
  }
}

/** Milliseconds with two digits: a warm local call takes less than one. */
const elapsed = (started: number): number => Math.round((performance.now() - started) * 100) / 100

function isPast(name: string, service: CID): CallsError {
  return new CallsError(
    'NOT_CALLABLE',
    `${name} is a commit of the past.`,
    `call the service itself: ${service}; query takes a commit`,
  )
}

/** @throws CallsError NOT_A_COMMIT */
function parseCommit(text: string): CID {
  try {
    return CID.parse(text)
  } catch {
    throw notACommit(text)
  }
}
