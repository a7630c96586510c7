import assert from 'node:assert/strict'
import fc from 'fast-check'
import { MAX_ANSWER_BYTES, PART_BYTES } from '../../protocol/constants.ts'
import { decodeFrame, encodeFrame, type Frame } from '../../protocol/wire/frame.ts'
import { beginsAsPart, encodePart } from '../../protocol/wire/part-frame.ts'
import { readFrames } from './vectors.ts'

const ids = fc.oneof(
  fc.integer({ min: 1, max: 2 ** 33 }),
  fc.constantFrom(23, 24, 255, 256, 65_535, 65_536, 2 ** 53 - 1),
)
const parts = fc.record(
  {
    type: fc.constant('part' as const),
    id: ids,
    size: fc.oneof(fc.constant(PART_BYTES + 1), fc.integer({ min: PART_BYTES + 1, max: MAX_ANSWER_BYTES })),
    bytes: fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 300 }),
      fc.constantFrom(PART_BYTES, 1_000).map((length) => new Uint8Array(length).fill(length)),
    ),
    final: fc.boolean(),
  },
  { noNullPrototype: true },
)

describe('the frame of a part', () => {
  it('is what encoding it like any other frame gives', () => {
    fc.assert(
      fc.property(parts, (part) => {
        assert.equal(Buffer.compare(encodePart(part), encodeFrame(part)), 0)
        assert.ok(beginsAsPart(encodePart(part)))
        assert.deepEqual(decodeFrame(encodePart(part)), part)
      }),
    )
  })

  it('is known by how it begins, and no other frame begins so', () => {
    for (const bytes of readFrames().valid) assert.equal(beginsAsPart(bytes), decodeFrame(bytes).type === 'part')
    for (const bytes of [[], [0xa5], [0xa5, 0x62, 0x69, 0x64], [0xa5, 0x62, 0x69, 0x64, 0x1b]]) {
      assert.equal(beginsAsPart(Uint8Array.from(bytes)), false)
    }
  })

  it('is the only one whose bytes are looked at where they came', () => {
    const of = (frame: Frame): { given: Uint8Array; bytes: Uint8Array } => {
      const given = encodeFrame(frame)
      const read = decodeFrame(given)
      return { given, bytes: (read.type === 'part' ? read.bytes : (read as { body: unknown }).body) as Uint8Array }
    }
    const part = of({ type: 'part', id: 1, size: PART_BYTES + 1, bytes: new Uint8Array(9), final: true })
    assert.equal(part.bytes.buffer, part.given.buffer)
    const response = of({ type: 'response', id: 1, body: new Uint8Array(30_000) })
    assert.notEqual(response.bytes.buffer, response.given.buffer)
  })
})
