/** Whether a peer has refused a request for good, or whether asking again may help. */
import { ProtocolError } from '../../../protocol/errors.ts'

/**
 * Codes that come from the peer, or are put down to it, and yet are no decision of its: its node stops, its disk is full, it was
 * updated in the middle of a frame, this node keeps away from it for some minutes.
 */
const PASSING = /^(?:INTERNAL|HOST_FAILED|STOPPED|STOPPING|STORE_\w+|FRAME_\w+|ID_REUSED|FLOODING|PEER_REFUSED)$/

/** The code of a refusal; undefined for whatever may pass, also for errors that are not coded. */
export function refusalOf(error: unknown): string | undefined {
  if (!(error instanceof ProtocolError) || error.party !== 'remote' || error.retryable) return undefined
  return PASSING.test(error.code) ? undefined : error.code
}
