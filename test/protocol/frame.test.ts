import assert from 'node:assert/strict'
import * as dagCbor from '@ipld/dag-cbor'
import fc from 'fast-check'
import { CID } from 'multiformats/cid'
import { MAX_BODY_BYTES, MAX_DEPTH, MAX_ELEMENTS, MAX_FRAME_BYTES } from '../../protocol/constants.ts'
import { ProtocolError } from '../../protocol/errors.ts'
import { scanCbor } from '../../protocol/wire/cbor-scan.ts'
import { decodeFrame, encodeFrame, type Frame } from '../../protocol/wire/frame.ts'
import { decodeLength } from '../../protocol/wire/length-prefix.ts'
import { fromDagJson, fromHex, readVectors, toHex } from './vectors.ts'

interface FrameVectors {
  protocol: string
  valid: { name: string; hex: string; value: unknown }[]
  invalid: { name: string; hex: string; code: string }[]
}

const { valid, invalid } = readVectors<FrameVectors>('internode')
const LIMITS = { bytes: MAX_FRAME_BYTES, depth: MAX_DEPTH, elements: MAX_ELEMENTS }
const LINK = CID.parse('bafyreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy')
/** Under 2^53 in both directions, so that numbers and bigints do not meet. */
const far = fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n })
const values = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.maxSafeInteger(),
    far,
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (Object.is(number, -0) ? 0 : number)),
    fc.string({ unit: 'grapheme' }),
    fc.uint8Array(),
    fc.constant(LINK),
    fc.array(tie('value')),
    fc.dictionary(fc.string(), tie('value')).map((record) => ({ ...record })),
  ),
})).value

function codeOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    assert.ok(error instanceof ProtocolError, `not a ProtocolError: ${error}`)
    return error.code
  }
  return 'none'
}

describe('internode frames: vectors', () => {
  for (const { name, hex, value } of valid) {
    it(`accepts ${name}`, () => {
      assert.deepEqual(decodeFrame(fromHex(hex)), fromDagJson(value))
      assert.equal(toHex(encodeFrame(fromDagJson(value) as Frame)), hex)
    })
  }
  for (const { name, hex, code } of invalid) {
    it(`refuses ${name}`, () =>
      assert.equal(
        codeOf(() => decodeFrame(fromHex(hex))),
        code,
      ))
  }
})

describe('internode frames: bounds', () => {
  const response = (body: unknown): Frame => ({ type: 'response', id: 1, body })

  it('carries a body of a mebibyte and no frame above its limit', () => {
    const full = encodeFrame(response(new Uint8Array(MAX_BODY_BYTES)))
    assert.equal((decodeFrame(full) as { body: Uint8Array }).body.byteLength, MAX_BODY_BYTES)
    assert.equal(
      codeOf(() => encodeFrame(response(new Uint8Array(MAX_FRAME_BYTES)))),
      'FRAME_TOO_LARGE',
    )
    assert.equal(
      codeOf(() => decodeFrame(dagCbor.encode(response(new Uint8Array(MAX_FRAME_BYTES))))),
      'FRAME_TOO_LARGE',
    )
  })

  it('counts elements before it decodes any', () => {
    // the map, its three keys, two plain values and the list take seven
    assert.equal(
      codeOf(() => decodeFrame(dagCbor.encode(response(Array(MAX_ELEMENTS - 7).fill(0))))),
      'none',
    )
    assert.equal(
      codeOf(() => decodeFrame(dagCbor.encode(response(Array(MAX_ELEMENTS - 6).fill(0))))),
      'FRAME_TOO_MANY_ELEMENTS',
    )
  })

  it('bounds depth for lists, maps and both, however deep', () => {
    for (const wrap of [(inner: unknown) => [inner], (inner: unknown) => ({ a: inner })]) {
      let value: unknown = 0
      for (let depth = 0; depth < MAX_DEPTH - 2; depth++) value = wrap(value)
      assert.equal(
        codeOf(() => decodeFrame(encodeFrame(response(value)))),
        'none',
      )
      assert.equal(
        codeOf(() => encodeFrame(response(wrap(value)))),
        'FRAME_TOO_DEEP',
      )
    }
    assert.equal(scanCbor(new Uint8Array(1_000_000).fill(0x81), LIMITS), 'too-deep')
  })

  it('refuses to encode what is no data', () => {
    const circle: unknown[] = []
    circle.push(circle)
    for (const body of [
      undefined,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      () => 1,
      Symbol('s'),
      circle,
      { a: undefined },
    ]) {
      assert.equal(
        codeOf(() => encodeFrame(response(body))),
        'FRAME_INVALID',
      )
    }
  })
})

describe('internode frames: length prefix', () => {
  it('takes the shortest varint up to the largest frame', () => {
    assert.equal(decodeLength(new Uint8Array([5])), 5)
    assert.equal(decodeLength(new Uint8Array([0x80, 0x01])), 128)
    assert.equal(decodeLength(new Uint8Array([0x80, 0x88, 0x40])), MAX_FRAME_BYTES)
  })
  it('asks for more bytes, then refuses padding, large frames and endless varints', () => {
    assert.throws(() => decodeLength(new Uint8Array([0x80, 0x80])), RangeError)
    assert.equal(
      codeOf(() => decodeLength(new Uint8Array([0x85, 0x00]))),
      'FRAME_NOT_CANONICAL',
    )
    assert.equal(
      codeOf(() => decodeLength(new Uint8Array([0x81, 0x88, 0x40]))),
      'FRAME_TOO_LARGE',
    )
    assert.equal(
      codeOf(() => decodeLength(new Uint8Array([0x80, 0x80, 0x80]))),
      'FRAME_TOO_LARGE',
    )
  })
})

describe('internode frames: properties', () => {
  it('gives back every value of the data model', () => {
    fc.assert(
      fc.property(values, (body) => {
        const bytes = encodeFrame({ type: 'response', id: 1, body })
        assert.deepEqual(decodeFrame(bytes), { type: 'response', id: 1, body })
      }),
    )
  })

  it('throws nothing but its own error, and what it accepts it would have written so, whatever is mutated', function () {
    this.timeout(20_000)
    const seeds = valid.map(({ hex }) => fromHex(hex))
    const edit = fc.record({ at: fc.nat(), byte: fc.nat(255), kind: fc.constantFrom('set', 'insert', 'remove', 'cut') })
    const mutation = fc.tuple(fc.constantFrom(...seeds), fc.array(edit, { minLength: 1, maxLength: 4 }))
    let accepted = 0
    fc.assert(
      fc.property(mutation, ([seed, edits]) => {
        let bytes = [...seed]
        for (const { at, byte, kind } of edits) {
          const place = at % (bytes.length + 1)
          if (kind === 'cut') bytes = bytes.slice(0, place)
          else bytes.splice(place, kind === 'insert' ? 0 : 1, ...(kind === 'remove' ? [] : [byte]))
        }
        const mutated = new Uint8Array(bytes)
        let frame: Frame
        try {
          frame = decodeFrame(mutated)
        } catch (error) {
          assert.ok(error instanceof ProtocolError && error.code.startsWith('FRAME_'), String(error))
          return
        }
        accepted++
        assert.deepEqual(encodeFrame(frame), mutated)
      }),
      { numRuns: 40_000 },
    )
    assert.ok(accepted > 100, `only ${accepted} mutations were still frames: the property was hardly tried`)
  })

  it('scans exactly what decodes and encodes to the same bytes', () => {
    const heads = fc.constantFrom(
      0x00,
      0x17,
      0x18,
      0x20,
      0x40,
      0x60,
      0x61,
      0x62,
      0x80,
      0x81,
      0x82,
      0xa0,
      0xa1,
      0xd8,
      0xf4,
      0xf6,
      0xfb,
    )
    fc.assert(
      fc.property(fc.array(fc.oneof(heads, fc.nat(255)), { maxLength: 24 }), (list) => {
        const bytes = new Uint8Array(list)
        if (scanCbor(bytes, LIMITS) !== undefined) return
        let value: unknown
        try {
          value = dagCbor.decode(bytes)
        } catch (error) {
          // a link is looked into only by the decoder
          assert.ok(list.includes(42), String(error))
          return
        }
        assert.deepEqual(new Uint8Array(dagCbor.encode(value)), bytes)
      }),
      { numRuns: 20_000 },
    )
  })
})
