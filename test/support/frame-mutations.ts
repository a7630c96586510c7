/** Frames of the internode protocol as an attacker makes them: for the tests, and in large numbers for `npm run bench -- fuzz`. */
import * as dagCbor from '@ipld/dag-cbor'
import { MAX_CREDIT_BYTES, MAX_ELEMENTS, MAX_FRAME_BYTES } from '../../protocol/constants.ts'

/** What is mutated: bytes that are frames, and bytes that just are none. */
export interface Seeds {
  valid: readonly Uint8Array[]
  invalid: readonly Uint8Array[]
}

/** Numbers in [0, 1): the same from the same seed, so that what was found is found again. Source: mulberry32. */
export function createRandom(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** @param ids that requests have, or had, on the stream in question. @returns a source of frames: most of them are none */
export function createMutations(
  { valid, invalid }: Seeds,
  random: () => number,
  ids: readonly number[] = [],
): () => Uint8Array {
  const below = (most: number): number => Math.floor(random() * most)
  const pick = <T>(from: readonly T[]): T => from[below(from.length)]!
  const all = [...valid, ...invalid]
  const records = valid.map((bytes) => dagCbor.decode<Record<string, unknown>>(bytes))
  const allIds = [...ids, ...FAR_IDS]
  const noise = (length: number): Uint8Array => Uint8Array.from({ length }, () => below(256))
  const replaced = (bytes: Uint8Array, at: number, gone: number, by: Uint8Array): Uint8Array =>
    join(bytes.subarray(0, at), by, bytes.subarray(at + gone))
  const entriesOf = (record: Record<string, unknown>): Uint8Array[] =>
    Object.entries(dagCbor.decode<Record<string, unknown>>(dagCbor.encode(record))).map(([key, value]) =>
      join(dagCbor.encode(key), dagCbor.encode(value)),
    )
  const mapOf = (entries: Uint8Array[]): Uint8Array => join(Uint8Array.of(0xa0 | entries.length), ...entries)
  const changed = (change: Record<string, unknown>): Uint8Array => dagCbor.encode({ ...pick(records), ...change })

  const ways: ((bytes: Uint8Array) => Uint8Array)[] = [
    function flipBits(bytes) {
      const flipped = Uint8Array.from(bytes)
      for (let left = 1 + below(8); left > 0; left--) flipped[below(flipped.length)]! ^= 1 << below(8)
      return flipped
    },
    (bytes) => bytes.slice(0, below(bytes.length)),
    function lieOfLength(bytes) {
      const heads = [...bytes.keys()].filter((at) => bytes[at]! >> 5 >= 2 && bytes[at]! >> 5 <= 5)
      const at = heads.length > 0 ? pick(heads) : below(bytes.length)
      const info = below(32)
      const width = info > 23 && info < 28 ? 1 << (info - 24) : 0
      return replaced(bytes, at, 1, join(Uint8Array.of((bytes[at]! & 0xe0) | info), noise(width)))
    },
    function splice(bytes) {
      const other = pick(all)
      return join(bytes.subarray(0, below(bytes.length + 1)), other.subarray(below(other.length + 1)))
    },
    function nest(bytes) {
      const levels = below(2) === 0 ? below(80) : below(MAX_NESTING)
      const level = pick([
        Uint8Array.of(0x81),
        Uint8Array.of(0xa1, 0x61, 0x61),
        Uint8Array.of(0x9f),
        Uint8Array.of(0xd8, 0x2a),
      ])
      return replaced(bytes, below(bytes.length), 1, join(...Array.from({ length: levels }, () => level)))
    },
    (bytes) => replaced(bytes, below(bytes.length), 1, join(Uint8Array.of(pick([0x1b, 0x3b, 0xfb, 0xdb])), noise(8))),
    (bytes) => replaced(bytes, below(bytes.length), below(4), noise(below(6))),
    function crowd(bytes) {
      // dear to make, so not often
      if (random() > 0.01) return bytes
      if (random() < 0.2) return new Uint8Array(MAX_FRAME_BYTES + 1)
      return dagCbor.encode({ ...pick(records), body: new Array(MAX_ELEMENTS - 20 + below(40)).fill(0) })
    },
    function repeatKey() {
      const entries = entriesOf(pick(records))
      entries.splice(below(entries.length + 1), 0, pick(entries))
      return mapOf(entries)
    },
    () => mapOf(entriesOf(pick(records)).sort(() => random() - 0.5)),
    () => changed({ id: pick(allIds) }),
    () => changed({ [pick(['extra', 'id', 'type', 'body', 'bytes', 'size', 'final', 'stream'])]: pick(EXTREMES) }),
    () => dagCbor.encode({ type: 'credit', id: pick(allIds), bytes: pick(CREDIT_EXTREMES) }),
    () => dagCbor.encode({ type: pick(ANSWERS), id: pick(allIds), ...pick<object>([{}, { body: null }]) }),
    () =>
      dagCbor.encode({
        ...{ type: 'part', id: pick(allIds), bytes: noise(1 + below(64)), final: random() < 0.5 },
        size: pick([65_280, 65_281, 70_000, 18 << 20, (18 << 20) + 1]),
      }),
  ]
  return () => {
    let bytes = pick(ways)(pick(all))
    // sometimes more than one thing is wrong with it
    while (random() < 0.2 && bytes.length > 0) bytes = pick(ways)(bytes)
    return bytes
  }
}

/** beyond what decoders that call themselves can bear, were they let */
const MAX_NESTING = 2_000
const FAR_IDS = [0, -1, 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER - 1, Number.MAX_SAFE_INTEGER]
const CREDIT_EXTREMES = [0, 1, 65_536, MAX_CREDIT_BYTES, MAX_CREDIT_BYTES + 1, 2 ** 32, Number.MAX_SAFE_INTEGER]
const ANSWERS = ['accepted', 'response', 'item', 'end', 'cancel', 'ping', 'pong']
const EXTREMES: unknown[] = [
  0,
  1,
  -1,
  0.5,
  Number.MAX_SAFE_INTEGER,
  null,
  true,
  '',
  'credit',
  '\u0000',
  [],
  {},
  new Uint8Array(3),
]

const join = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts))
