/** A signed call, executed here or at the service's host, and what is told of it. */
import type { CID } from 'multiformats/cid'
import type { HeadNews } from '../../registry/home/types.ts'
import type { Methods } from '../api/vocabulary.ts'
import { orUnknown, resending } from './receipt/outcome.ts'
import { type CheckAnswer, receiptOf } from './receipt/receipt.ts'
import type { Remote } from './remote/remote.ts'
import type { Execute } from './run/execute.ts'
import { decodeEvents } from './stream/events.ts'
import type { Asking, Identity } from './types.ts'
import { decodeResult } from './values.ts'

export interface SendCallParts {
  identity: Identity
  execute: Execute
  remote: Pick<Remote, 'call'>
  checkAnswer: CheckAnswer
  /** Told where a host said, and proved, that a service stands. */
  noteHead?: (head: Omit<HeadNews, 'network'>) => void
}

/** Whose turn it takes here is said by `from`; a host elsewhere hears it from this node. Each error says its `outcome`. */
export type SendCall = (
  call: { service: CID; host: string; envelope: Uint8Array },
  asking: Pick<Asking, 'from' | 'signal' | 'trace'>,
) => Promise<Omit<Methods['call']['result'], 'ms' | 'trace'>>

export function createSendCall({ identity, execute, remote, checkAnswer, noteHead }: SendCallParts): SendCall {
  return async ({ service, host, envelope }, { from, signal, trace }) => {
    const done =
      host === identity.peerId
        ? await orUnknown(execute(envelope, { from, signal, trace }), signal)
        : await resending(
            async (onSent) => {
              const answer = await remote.call(host, envelope, { signal, onSent, ...(trace && { trace }) })
              const { time } = await checkAnswer(answer, { envelope, service, host })
              noteHead?.({ node: host, service, commit: answer.commit, seq: answer.seq, time })
              trace?.lap('proof')
              return answer
            },
            { signal },
          )
    return {
      result: decodeResult(done.result),
      gas: Number(done.gas),
      commit: done.commit.toString(),
      seq: done.seq,
      service: service.toString(),
      receipt: receiptOf(done, { envelope, service, host }),
      host,
      logs: done.logs,
      events: decodeEvents(done.events),
    }
  }
}
