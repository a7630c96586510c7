/** The hub of the network, when it is another node: asked over the internode protocol, its answer checked by whoever uses it. */
import type { Internode } from '../../protocol/types.ts'
import { CallsError } from '../calls/errors.ts'
import { badAnswer, isBytesOrNull, isCid, reader } from '../calls/remote/wire.ts'
import { HUB_ANSWER_MS } from './constants.ts'
import type { Hub } from './types.ts'

/** Codes that mean: nobody answered. */
const AWAY: ReadonlySet<string> = new Set(['PEER_UNREACHABLE', 'CONNECTION_LOST', 'TIMED_OUT', 'PEER_REFUSED', 'BUSY'])

/** @param peer the first registrar of the manifest */
export function createRemoteHub(internode: Pick<Internode, 'request'>, peer: string): Hub {
  return {
    peer,
    async nameOf(username, { signal }) {
      try {
        const answer = await internode.request(peer, 'name', { username }, { signal, timeoutMs: HUB_ANSWER_MS })
        const read = reader(answer, (field) => badAnswer(peer, field))
        return { record: read('record', isBytesOrNull), book: read('book', isCid) }
      } catch (cause) {
        if (signal.aborted || !AWAY.has((cause as { code?: string }).code ?? '')) throw cause
        const hint = 'try again when it is up; names that are registered resolve without it'
        throw new CallsError('HUB_UNREACHABLE', `The hub of this network, ${peer}, does not answer.`, hint, { cause })
      }
    },
  }
}
