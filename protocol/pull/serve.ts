import type { Stream } from '@libp2p/interface'
import { lpStream } from '@libp2p/utils'
import { toCodedError } from '../coded-error.ts'
import { ProtocolError } from '../errors.ts'
import { MAX_REQUEST_BUFFER_BYTES, MAX_REQUEST_BYTES, type PullLimits } from './constants.ts'
import { createHeadReader, encodeFailure } from './entries.ts'
import { lost, offence, PullOffence } from './errors.ts'
import { farewell } from './farewell.ts'
import { createOutlet, type Outlet } from './outlet.ts'
import { decodeRequest, type PullRequest } from './request.ts'
import { sendBlocks } from './send.ts'
import type { Open } from './types.ts'

/** Serves one stream to its end. Never rejects. Has to be called before anything is awaited: else the request may be lost. */
export type Serve = (stream: Stream, peer: string, signal: AbortSignal) => Promise<{ isOffence: boolean }>

export function createServe(open: Open, limits: PullLimits): Serve {
  return async (stream, peer, stopping) => {
    const read = requestOn(stream)
    const gone = new AbortController()
    const signal = AbortSignal.any([stopping, gone.signal])
    stream.addEventListener('close', () => gone.abort(), { once: true })
    const outlet = createOutlet(stream, limits, signal)
    try {
      const request = await read(AbortSignal.any([signal, AbortSignal.timeout(limits.requestMs)]))
      const source = await open(peer, request.claim, { signal })
      await sendBlocks(request, guarded(source, signal), outlet, limits)
      await farewell(stream, limits)
      return { isOffence: false }
    } catch (error) {
      await end(stream, outlet, error, limits)
      return { isOffence: error instanceof PullOffence }
    }
  }
}

/** Says why not. The request is waited for: what is said before it may be lost on the other side. */
export async function turnAway(stream: Stream, error: ProtocolError, limits: PullLimits): Promise<void> {
  const read = requestOn(stream)
  const signal = AbortSignal.timeout(limits.requestMs)
  const why = await read(signal).then(
    () => error,
    (failure: unknown) => failure,
  )
  await end(stream, createOutlet(stream, limits, signal), why, limits)
}

/** Says why, and ends the stream. */
async function end(stream: Stream, outlet: Outlet, error: unknown, limits: PullLimits): Promise<void> {
  const { code, party } = error as ProtocolError
  const isGone = error instanceof ProtocolError && (party === 'network' || code === 'TIMED_OUT' || code === 'STOPPED')
  try {
    if (isGone || stream.status !== 'open') throw error
    await outlet.failure(encodeFailure(toCodedError(error)))
    await farewell(stream, limits)
  } catch {
    stream.abort(error as Error)
  }
}

/** Listens at once; the request is read when it is asked for. */
function requestOn(stream: Stream): (signal: AbortSignal) => Promise<PullRequest> {
  const lp = lpStream(stream, {
    maxDataLength: MAX_REQUEST_BYTES,
    maxBufferSize: MAX_REQUEST_BUFFER_BYTES,
    lengthDecoder: (prefix) => lengthOf(prefix.subarray()),
  })
  return async (signal) => {
    let bytes: Uint8Array
    try {
      bytes = (await lp.read({ signal })).subarray()
    } catch (error) {
      throw error instanceof ProtocolError ? error : lost('The request did not come.')
    }
    return decodeRequest(bytes)
  }
}

/** As lpStream asks: a RangeError while bytes are missing. */
function lengthOf(prefix: Uint8Array): number {
  const head = createHeadReader()
  for (const byte of prefix) {
    const length = head.take(byte)
    if (length === undefined) continue
    if (length > MAX_REQUEST_BYTES) throw offence('FRAME_TOO_LARGE', 'The request is too long.')
    return length
  }
  throw new RangeError('more bytes needed')
}

/** Reads nothing for a peer that is gone. */
function guarded(source: Awaited<ReturnType<Open>>, signal: AbortSignal): Awaited<ReturnType<Open>> {
  const check = (): void => {
    if (signal.aborted) throw lost('The stream closed.')
  }
  return {
    get: async (cid) => {
      check()
      return source.get(cid)
    },
    ...(source.getMany && {
      getMany: async (cids) => {
        check()
        return source.getMany!(cids)
      },
    }),
  }
}
