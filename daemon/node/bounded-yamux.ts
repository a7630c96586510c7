/**
 * @libp2p/yamux, made fit for strangers. As it comes, a frame may be announced with 4 GiB and is gathered in memory until it is whole, and
 * streams that never say their protocol count like any other.
 */
import type { MessageStream, Stream, StreamMuxer, StreamMuxerFactory } from '@libp2p/interface'
import { yamux } from '@libp2p/yamux'
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
}

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
  const onRemoteStream = muxer.onRemoteStream.bind(muxer)
  muxer.onRemoteStream = (stream) => {
    const nameless = muxer.streams.filter(({ direction, protocol }) => direction === 'inbound' && protocol === '')
    onRemoteStream(stream)
    if (nameless.length >= limits.MAX_NAMELESS_STREAMS) stream.abort(refused('too many streams without a protocol'))
  }
  return muxer
}

function refused(what: string): NodeError {
  return new NodeError('BOUND_NOT_KEPT', `The peer sent ${what}.`, 'it runs another or a broken version')
}
