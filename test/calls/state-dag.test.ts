/** A logical state as blocks: small enough to be sent, the same for equal states, and nothing is lost in them. */
import assert from 'node:assert/strict'
import * as dagCbor from '@ipld/dag-cbor'
import fc from 'fast-check'
import { CID } from 'multiformats/cid'
import type { Json } from '../../daemon/api/vocabulary.ts'
import { MAX_STATE_BLOCK_BYTES } from '../../daemon/calls/constants.ts'
import { stateBlocks } from '../../daemon/calls/view/state-dag.ts'
import { verifyBlock } from '../../daemon/store/block.ts'

type Dag = ReturnType<typeof stateBlocks>

/** Reads the blocks back, as specs/state.md says. */
function read({ cid, blocks }: Dag): Json {
  const known = new Map(blocks.map(({ cid, bytes }) => [cid.toString(), bytes]))
  const open = (link: CID): unknown => {
    const bytes = known.get(link.toString())!
    return link.code === dagCbor.code ? dagCbor.decode(bytes) : bytes
  }
  const join = (parts: unknown[]): unknown => {
    if (typeof parts[0] === 'string') return parts.join('')
    if (parts[0] instanceof Uint8Array) return Buffer.concat(parts as Uint8Array[])
    return Array.isArray(parts[0]) ? parts.flat(1) : Object.assign({}, ...parts)
  }
  const json = (node: unknown): Json => {
    if (node instanceof Uint8Array) return { '/': { bytes: Buffer.from(node).toString('base64').replace(/=+$/, '') } }
    if (Array.isArray(node)) return node.map(json)
    if (typeof node !== 'object' || node === null) return node as Json
    const tagged = (node as Record<string, unknown>)['/'] as { parts?: CID[] } | undefined
    if (tagged?.parts && CID.asCID(tagged.parts[0])) return json(join(tagged.parts.map(open)))
    return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, json(value)]))
  }
  return json(open(cid))
}

function check(state: Json): Dag {
  const dag = stateBlocks(state)
  for (const { cid, bytes } of dag.blocks) {
    verifyBlock(cid, bytes)
    assert(bytes.length <= MAX_STATE_BLOCK_BYTES, `${bytes.length} bytes`)
  }
  assert.deepEqual(read(dag), state)
  return dag
}

describe('a state as dag-cbor', () => {
  it('is one block when it is small, with bytes as bytes', () => {
    const { cid, blocks } = check({
      n: 1,
      x: 1.5,
      big: { '/': { bigint: '123' } },
      raw: { '/': { bytes: 'AQID' } },
      board: { '/': { map: [['ann', { '/': { class: ['Post', { text: 'hi' }] } }]] } },
    })
    assert.equal(blocks.length, 1)
    const root = dagCbor.decode<{ raw: Uint8Array }>(blocks[0]!.bytes)
    assert.deepEqual(root.raw, Uint8Array.of(1, 2, 3))
    assert.equal(cid.code, dagCbor.code)
  })

  it('is the same for the same state, whatever the order of keys', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string({ minLength: 1 }).filter((key) => key !== '/' && key !== '__proto__'),
          fc.jsonValue(),
        ),
        (state) => {
          const turned = Object.fromEntries(Object.entries(state).reverse())
          assert.deepEqual(stateBlocks(turned as Json).cid, stateBlocks(state as Json).cid)
        },
      ),
    )
  })

  const long = (n: number): Json[] => Array.from({ length: n }, (_, i) => ({ i, text: 'x'.repeat(90) }))
  const deep = (levels: number, key: string): Json => (levels === 0 ? 'end' : { [key]: deep(levels - 1, key) })
  const large: Record<string, Json> = {
    'a long list': { list: long(20_000) },
    'a large object': Object.fromEntries(long(10_000).map((value, i) => [`key ${i}`, value])),
    'a large Map': { m: { '/': { map: long(10_000).map((value, i) => [i, value]) } } },
    'a long text': { text: 'häuser '.repeat(100_000) },
    'long bytes': { raw: { '/': { bytes: Buffer.alloc(700_001, 7).toString('base64').replace(/=+$/, '') } } },
    'long keys, deeply nested': deep(80, 'k'.repeat(4_096)),
    'many values that just fit': { all: Array.from({ length: 6 }, (_, i) => 'x'.repeat(258_000 - i)) },
  }
  for (const [what, state] of Object.entries(large)) {
    it(`splits ${what}`, () => assert(check(state).blocks.length > 1))
  }

  it('keeps a key that is too long for a key', () => {
    const key = 'k'.repeat(300_000)
    const { cid, blocks } = stateBlocks({ [key]: 1, b: 2 })
    assert.deepEqual(read({ cid, blocks }), {
      '/': {
        object: [
          ['b', 2],
          [key, 1],
        ],
      },
    })
  })
})
