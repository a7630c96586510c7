import assert from 'node:assert/strict'
import fc from 'fast-check'
import { MAX_BODY_BYTES, MAX_READ_BUFFER_BYTES } from '../../protocol/constants.ts'
import type { ProtocolError } from '../../protocol/errors.ts'
import { createFrameReader, type FrameReader } from '../../protocol/wire/frame-reader.ts'
import { withLengths } from '../../protocol/wire/length-prefix.ts'

const drain = (reader: FrameReader): Uint8Array[] => {
  const frames: Uint8Array[] = []
  // each is valid until the next
  for (let frame = reader.next(); frame !== undefined; frame = reader.next()) frames.push(Uint8Array.from(frame))
  return frames
}
const fails = (code: string) => (error: unknown) => (error as ProtocolError).code === code

describe('a reader of frames', () => {
  it('gives the frames that were written, however they are cut and whenever they are taken', () => {
    const frames = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 20 })
    const cuts = fc.array(fc.tuple(fc.integer({ min: 1, max: 400 }), fc.boolean()), { minLength: 1 })
    fc.assert(
      fc.property(frames, cuts, (written, pieces) => {
        const bytes = withLengths(written)
        const reader = createFrameReader()
        const read: Uint8Array[] = []
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const [size, isTaken] = pieces[i % pieces.length]!
          // a copy each, as a network has it: what was given out must not change with what comes
          reader.feed(Uint8Array.from(bytes.subarray(at, at + size)))
          if (isTaken) read.push(...drain(reader))
          at += size
        }
        read.push(...drain(reader))
        assert.deepEqual(read.map(Buffer.from), written.map(Buffer.from))
        assert.equal(reader.isInside, false)
      }),
    )
  })

  it('reads the largest frame byte by byte, and what follows it, in time that grows with its length alone', () => {
    const body = new Uint8Array(MAX_BODY_BYTES).fill(7)
    const bytes = withLengths([body, Uint8Array.of(1, 2, 3)])
    const reader = createFrameReader()
    for (let at = 0; at < body.length; at++) {
      reader.feed(bytes.slice(at, at + 1))
      assert.equal(reader.next(), undefined)
    }
    reader.feed(bytes.slice(body.length))
    const [large, small] = drain(reader)
    assert.equal(Buffer.compare(large!, body), 0)
    assert.deepEqual([...small!], [1, 2, 3])
  })

  it('gives a frame in the same memory until the next is asked for, whatever comes meanwhile', () => {
    const reader = createFrameReader()
    const frames = Array.from({ length: 200 }, (_, i) => new Uint8Array(40_000).fill(i + 1))
    const bytes = withLengths(frames)
    let [at, read] = [0, 0]
    const feed = (size: number): void => {
      if (at < bytes.length) reader.feed(Uint8Array.from(bytes.subarray(at, at + size)))
      at += size
    }
    while (read < frames.length) {
      feed(30_000)
      for (let frame = reader.next(); frame !== undefined; frame = reader.next()) {
        feed(7_000)
        feed(5)
        assert.equal(Buffer.compare(frame, frames[read++]!), 0)
      }
    }
  })

  it('knows when it is inside a frame, or inside a length', () => {
    const reader = createFrameReader()
    assert.equal(reader.isInside, false)
    for (const byte of [0x80, 0x01, 0x00]) {
      reader.feed(Uint8Array.of(byte))
      assert.equal(reader.next(), undefined)
      assert.equal(reader.isInside, true)
    }
    reader.feed(new Uint8Array(127))
    assert.equal(reader.next()!.length, 128)
    assert.equal(reader.isInside, false)
  })

  it('refuses a length over the limit before anything of the frame has come, and more than it may hold', () => {
    const endless = createFrameReader()
    endless.feed(new Uint8Array(1_000).fill(0x80))
    assert.throws(() => endless.next(), fails('FRAME_TOO_LARGE'))
    const unread = createFrameReader()
    unread.feed(new Uint8Array(MAX_READ_BUFFER_BYTES))
    assert.throws(() => unread.feed(new Uint8Array(1)), fails('FLOODING'))
  })
})
