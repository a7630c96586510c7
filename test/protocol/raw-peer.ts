/** A peer on a real stream that the test plays: it says what it likes, whenever it likes, and nothing by itself. */
import type { Libp2p, Stream } from '@libp2p/interface'
import { PROTOCOL } from '../../protocol/constants.ts'
import { decodeFrame, encodeFrame, type Frame } from '../../protocol/wire/frame.ts'
import { createFrameReader } from '../../protocol/wire/frame-reader.ts'
import { helloOf } from '../../protocol/wire/hello.ts'
import { withLengths } from '../../protocol/wire/length-prefix.ts'
import { untilTrue } from '../support/until.ts'

export const HELLO: Frame = helloOf({ network: 'test', agent: 'raw' })

export interface RawPeer {
  readonly stream: Stream
  /** all that it has heard so far */
  readonly heard: Frame[]
  say(...frames: Frame[]): void
  /** bytes as a frame: with the length in front of them that they have */
  frame(bytes: Uint8Array): void
  /** bytes as they are */
  send(bytes: Uint8Array): void
  /** Resolves when a frame is heard that is so, or was before; rejects when the stream is over first. */
  until(isIt: (frame: Frame) => boolean): Promise<Frame>
  /** Ends its side, and resolves with the reason it heard last, if any, when the other has ended its own. */
  leave(): Promise<string | undefined>
  /** no more can come */
  isOver(): boolean
}

/** A peer that has connected and says nothing until it is told to. */
export async function openRaw(raw: Libp2p, target: Libp2p): Promise<RawPeer> {
  const stream = await raw.dialProtocol(target.getMultiaddrs(), PROTOCOL)
  const reader = createFrameReader()
  const heard: Frame[] = []
  stream.addEventListener('message', ({ data }) => {
    reader.feed(data instanceof Uint8Array ? data : data.subarray())
    for (let bytes = reader.next(); bytes !== undefined; bytes = reader.next()) heard.push(decodeFrame(bytes))
  })
  const isOver = (): boolean => stream.status !== 'open' || stream.remoteWriteStatus === 'closed'
  const peer: RawPeer = {
    stream,
    heard,
    say: (...frames) => peer.send(withLengths(frames.map(encodeFrame))),
    frame: (bytes) => peer.send(withLengths([bytes])),
    send(bytes) {
      if (stream.writeStatus === 'writable') stream.send(bytes)
    },
    async until(isIt) {
      await untilTrue(() => heard.some(isIt) || isOver())
      const found = heard.find(isIt)
      if (found === undefined) throw new Error(`the stream is over; heard ${JSON.stringify(heard.at(-1))}`)
      return found
    },
    async leave() {
      await stream.close().catch(() => undefined)
      await untilTrue(isOver)
      const last = heard.at(-1)
      return last?.type === 'goodbye' ? last.reason : undefined
    },
    isOver,
  }
  return peer
}

/** The same after the handshake. */
export async function greetRaw(raw: Libp2p, target: Libp2p): Promise<RawPeer> {
  const peer = await openRaw(raw, target)
  peer.say(HELLO)
  await peer.until(({ type }) => type === 'hello')
  return peer
}
