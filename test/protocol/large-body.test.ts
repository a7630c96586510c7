import assert from 'node:assert/strict'
import fc from 'fast-check'
import { MAX_ANSWER_BYTES, PART_BYTES } from '../../protocol/constants.ts'
import type { ProtocolError } from '../../protocol/errors.ts'
import { decodeBody, encodeBody } from '../../protocol/wire/frame.ts'
import { encodePieces, partsOf } from '../../protocol/wire/large-body.ts'

const fails = (code: string) => (error: unknown) => (error as ProtocolError).code === code

describe('the pieces of a large body', () => {
  it('are the bytes that encoding it as a whole gives, whatever it is', () => {
    const large = fc
      .integer({ min: PART_BYTES - 2, max: 3 * PART_BYTES })
      .map((length) => new Uint8Array(length).fill(length))
    const small = fc.oneof(fc.constant(null), fc.integer(), fc.string(), fc.uint8Array(), fc.array(fc.integer()))
    const record = fc.dictionary(fc.string({ maxLength: 30 }), fc.oneof(large, small), { maxKeys: 30 })
    fc.assert(
      fc.property(
        fc.oneof(
          large,
          small,
          record.map((fields) => ({ ...fields })),
        ),
        (body) => {
          const parts = [...partsOf(encodePieces(body))]
          assert.equal(Buffer.compare(Buffer.concat(parts), encodeBody(body)), 0)
          for (const part of parts.slice(0, -1)) assert.equal(part.length, PART_BYTES)
          assert.ok(parts.at(-1)!.length > 0)
          assert.deepEqual(decodeBody(Buffer.concat(parts)), body)
        },
      ),
    )
  })

  it('hold what the handler gave, not a copy', () => {
    const bytes = new Uint8Array(1 << 20)
    assert.equal(encodePieces(bytes)[1], bytes)
    assert.ok(encodePieces({ gas: 1, result: bytes }).includes(bytes))
  })

  it('are none where there is no answer', () => {
    const bytes = new Uint8Array(PART_BYTES + 1)
    let deep: unknown = 0
    for (let i = 0; i < 70; i++) deep = [deep]
    assert.throws(() => encodePieces({ bytes, deep }), fails('FRAME_TOO_DEEP'))
    assert.throws(() => encodePieces({ bytes, other: undefined }), fails('FRAME_INVALID'))
    assert.throws(() => encodePieces({ bytes, many: new Array(70_000).fill(0) }), fails('FRAME_TOO_MANY_ELEMENTS'))
    assert.throws(() => encodePieces(new Uint8Array(MAX_ANSWER_BYTES)), fails('FRAME_TOO_LARGE'))
    const half = new Uint8Array(MAX_ANSWER_BYTES / 2)
    assert.throws(() => encodePieces({ a: half, b: half }), fails('FRAME_TOO_LARGE'))
  })
})
