/**
 * @libp2p/yamux, made fit for strangers. As it comes, a frame may be announced with 4 GiB and is gathered in memory until it is whole, and
 * streams that never say their protocol count like any other, writers are told to go on before what they wrote has left, and peers before
 * what they sent was read.
 */
import type { MessageStream, Stream, StreamMuxer, StreamMuxerFactory } from '@libp2p/interface'
import { yamux } from '@libp2p/yamux'
import { StreamState } from '@libp2p/yamux/stream'
import * as limits from './constants.ts'
import { NodeError } from './errors.ts'

/** The inside of the library's muxer, as of 8.0: the check at the start (bounds.ts) fails if it changes. */
export interface MuxerInside extends StreamMuxer {
  maxInboundStreams: number
  maxOutboundStreams: number
  maxEarlyStreams: number
  /** what came of the frame that is not whole yet */
  decoder: { buffer: { byteLength: number } }
  onData(data: unknown): void
  onRemoteStream(stream: Stream): void
  _newStream(...args: unknown[]): StreamInside
}

/** The inside of one of its streams. */
interface StreamInside extends Stream {
  writableNeedsDrain: boolean
  writeBufferLength: number
  /** what it lets the peer send in all, and what is left of that, in bytes */
  recvWindow: number
  recvWindowCapacity: number
  state: unknown
  /** what `onDrain` waits for */
  onDrainPromise: PromiseWithResolvers<void> | undefined
  processSendQueue(): boolean
  dispatchReadBuffer(): void
  sendWindowUpdate(): void
  safeDispatchEvent(type: string, detail?: object): boolean
}

/** the library's name for a stream that both sides know of */
const ESTABLISHED = StreamState.Established
const MAX_FRAME_BYTES = limits.STREAM_WINDOW_BYTES + limits.YAMUX_HEADER_BYTES

export function boundedYamux(): () => StreamMuxerFactory {
  const make = yamux({
    maxInboundStreams: limits.MAX_STREAMS_PER_CONNECTION,
    maxOutboundStreams: limits.MAX_STREAMS_PER_CONNECTION,
    maxEarlyStreams: limits.MAX_EARLY_STREAMS,
    streamOptions: {
      maxStreamWindowSize: limits.STREAM_WINDOW_BYTES,
      maxReadBufferLength: limits.STREAM_READ_BUFFER_BYTES,
      maxWriteBufferLength: limits.STREAM_WRITE_BUFFER_BYTES,
    },
  })
  return () => {
    const factory: StreamMuxerFactory = make()
    const createStreamMuxer = factory.createStreamMuxer.bind(factory)
    return Object.assign(factory, {
      createStreamMuxer: (connection: MessageStream) => bound(createStreamMuxer(connection) as MuxerInside),
    })
  }
}

function bound(muxer: MuxerInside): StreamMuxer {
  const onData = muxer.onData.bind(muxer)
  // what it throws ends the connection
  muxer.onData = (data) => {
    onData(data)
    if (muxer.decoder.buffer.byteLength > MAX_FRAME_BYTES) throw refused('a frame that is larger than its window')
  }
  const newStream = muxer._newStream.bind(muxer)
  muxer._newStream = (...args) => readTruly(drainTruly(newStream(...args)))
  const onRemoteStream = muxer.onRemoteStream.bind(muxer)
  muxer.onRemoteStream = (stream) => {
    const nameless = muxer.streams.filter(({ direction, protocol }) => direction === 'inbound' && protocol === '')
    onRemoteStream(stream)
    if (nameless.length >= limits.MAX_NAMELESS_STREAMS) stream.abort(refused('too many streams without a protocol'))
  }
  return muxer
}

/**
 * Tells writers to go on once what they wrote has left. As the library has it, they are told so whenever the connection can take more, whatever
 * still waits on their own stream: beside a busy stream, whoever writes to a slow reader as he is told fills the memory.
 */
function drainTruly(stream: StreamInside): StreamInside {
  const dispatch = stream.safeDispatchEvent.bind(stream)
  let isGoingOn = false
  const goOn = (): void => {
    isGoingOn = false
    try {
      stream.processSendQueue()
    } catch {
      // the stream is over, and has said so
    }
    if (stream.writeBufferLength > 0 || stream.writableNeedsDrain) return
    dispatch('drain')
    // the library keeps it for good, so that only the first who waits with `onDrain` waits at all
    stream.onDrainPromise = undefined
  }
  stream.safeDispatchEvent = (type, detail) => {
    if (type !== 'drain') return dispatch(type, detail)
    stream.writableNeedsDrain = false
    if (!isGoingOn) queueMicrotask(goOn)
    isGoingOn = true
    return true
  }
  return stream
}

/**
 * Lets the peer send on once what came was read. As the library has it, the window opens as bytes come in: a handler that begins late, as
 * while the store is busy, finds its stream reset. A stream without a protocol has no reader yet but the one that looks for its name.
 */
function readTruly(stream: StreamInside): StreamInside {
  const open = stream.sendWindowUpdate.bind(stream)
  const dispatch = stream.dispatchReadBuffer.bind(stream)
  const isNameless = (): boolean => stream.direction === 'inbound' && stream.protocol === ''
  /** Once a quarter of it was used: to say so for each small message takes as long as the message. What opens or resumes a stream is said at once. */
  const isDue = (): boolean => stream.state !== ESTABLISHED || 4 * stream.recvWindowCapacity <= 3 * stream.recvWindow
  let isHeld = false
  stream.sendWindowUpdate = () => {
    isHeld = stream.readBufferLength > 0 || isNameless()
    if (!isHeld && isDue()) open()
  }
  stream.dispatchReadBuffer = () => {
    dispatch()
    if (!isHeld) return
    try {
      stream.sendWindowUpdate()
    } catch {
      // the connection is over, and says so; nobody who reads what is left of it can be told
    }
  }
  return stream
}

function refused(what: string): NodeError {
  return new NodeError('BOUND_NOT_KEPT', `The peer sent ${what}.`, 'it runs another or a broken version')
}
