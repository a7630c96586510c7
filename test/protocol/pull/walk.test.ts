/** The order in which both sides go through a DAG. */
import assert from 'node:assert/strict'
import * as dagCbor from '@ipld/dag-cbor'
import fc from 'fast-check'
import { CID } from 'multiformats/cid'
import { cidOf, type Key, keyOf } from '../../../protocol/pull/key.ts'
import { linksIn } from '../../../protocol/pull/links.ts'
import { createWalk } from '../../../protocol/pull/walk.ts'
import { anyDag, chain, createForge, type Dag } from './dags.ts'

/** The definition: as it stands in specs/pull.md, and recursive. */
function order({ root, blocks }: Dag, have: readonly Key[] = []): { key: Key; isThere: boolean }[] {
  const seen = new Set<Key>(have)
  const found: { key: Key; isThere: boolean }[] = []
  const visit = (key: Key): void => {
    if (seen.has(key)) return
    seen.add(key)
    const bytes = blocks.get(key)
    found.push({ key, isThere: bytes !== undefined })
    for (const link of bytes ? linksByDecoding(key, bytes) : []) visit(link)
  }
  visit(keyOf(root)!)
  return found
}

function linksByDecoding(key: Key, bytes: Uint8Array): Key[] {
  const found: Key[] = []
  const look = (value: unknown): void => {
    const cid = CID.asCID(value)
    if (cid !== null) found.push(keyOf(cid)!)
    else if (typeof value === 'object' && value !== null && !(value instanceof Uint8Array))
      for (const inner of Object.values(value)) look(inner)
  }
  // the decoder keeps the order of the bytes
  if (cidOf(key).code === dagCbor.code) look(dagCbor.decode(bytes))
  return found
}

function walked({ root, blocks }: Dag, have: readonly Key[] = []): { key: Key; isThere: boolean }[] {
  const walk = createWalk({ roots: [keyOf(root)!], have })
  const found: { key: Key; isThere: boolean }[] = []
  for (let key = walk.next(); key !== undefined; key = walk.next()) {
    const bytes = blocks.get(key)
    found.push({ key, isThere: bytes !== undefined })
    if (bytes) walk.enter(key, bytes)
  }
  return found
}

describe('the walk of a pull', () => {
  it('is depth first, in the order of the links, and gives nothing twice', () => {
    fc.assert(fc.property(anyDag, (dag) => assert.deepEqual(walked(dag), order(dag))))
  })

  it('stops at what the asker has', () => {
    fc.assert(
      fc.property(anyDag, fc.array(fc.nat(40)), (dag, picks) => {
        const keys = [...dag.blocks.keys()]
        const have = picks.flatMap((pick) => keys[pick] ?? [])
        assert.deepEqual(walked(dag, have), order(dag, have))
      }),
    )
  })

  it('goes on at any point: what was lacking is had, so many blocks are skipped', () => {
    fc.assert(
      fc.property(anyDag, fc.nat(45), (dag, cut) => {
        const all = walked(dag)
        const before = all.slice(0, cut)
        const lacking = before.filter(({ isThere }) => !isThere).map(({ key }) => key)
        const skip = before.length - lacking.length
        assert.deepEqual(walked(dag, lacking).slice(skip), all.slice(cut))
      }),
    )
  })

  it('says which block led to the one that is next', () => {
    fc.assert(
      fc.property(anyDag, ({ root, blocks }) => {
        const walk = createWalk({ roots: [keyOf(root)!], have: [] })
        assert.equal(walk.next(), keyOf(root))
        assert.equal(walk.parent(), undefined)
        walk.enter(keyOf(root)!, blocks.get(keyOf(root)!)!)
        for (let key = walk.next(); key !== undefined; key = walk.next()) {
          const parent = walk.parent()!
          assert(linksIn(blocks.get(parent)!).includes(key))
          const bytes = blocks.get(key)
          if (bytes) walk.enter(key, bytes)
        }
      }),
    )
  })

  it('needs no stack for a chain, however long', () => {
    const dag = chain(20_000)
    assert.equal(walked(dag).length, 2 * 20_000 - 1)
  })

  it('passes over a block that is linked a million times', () => {
    const forge = createForge()
    const leaf = forge.raw(Uint8Array.of(1))
    const many = Array.from({ length: 50_000 }, () => leaf)
    let root = leaf
    for (let i = 0; i < 20; i++) root = forge.cbor({ i, many, next: root })
    assert.equal(walked({ root, blocks: forge.blocks }).length, 21)
  })

  it('ends with an error where too many links wait, or there are too many blocks', () => {
    const dag = chain(100)
    const walkAll = (init: { blocks?: number; pending?: number }): void => {
      const walk = createWalk({ roots: [keyOf(dag.root)!], have: [], ...init })
      for (let key = walk.next(); key !== undefined; key = walk.next()) walk.enter(key, dag.blocks.get(key)!)
    }
    assert.throws(() => walkAll({ blocks: 198 }), { code: 'PULL_TOO_LARGE' })
    assert.throws(() => walkAll({ pending: 50 }), { code: 'PULL_TOO_LARGE' })
    walkAll({ blocks: 199, pending: 100 })
  })
})

describe('the links of a block', () => {
  const forge = createForge()
  const [one, two] = [forge.raw(Uint8Array.of(1)), forge.cbor({})]
  const told = (value: unknown): (string | undefined)[] => linksIn(dagCbor.encode(value)).map((key) => `${cidOf(key)}`)

  it('are those that a walk follows, in the order of the bytes, each once', () => {
    // keys are sorted by their length first: "z" comes before "aa"
    assert.deepEqual(told({ aa: one, z: [two, one, two] }), [`${two}`, `${one}`])
    assert.deepEqual(
      told({ big: 2n ** 63n, neg: -5, float: 0.1, text: 'x'.repeat(300), bytes: new Uint8Array(70_000), one }),
      [`${one}`],
    )
  })

  it('leave out other kinds of CIDs', () => {
    const v0 = CID.parse('QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG')
    const dagPb = CID.createV1(0x70, one.multihash)
    const identity = CID.parse('bafkqaaa')
    assert.deepEqual(told([v0, dagPb, identity, one]), [`${one}`])
  })

  it('are none where the bytes are no canonical dag-cbor', () => {
    const block = dagCbor.encode({ one })
    assert.equal(linksIn(block).length, 1)
    assert.deepEqual(linksIn(block.subarray(0, -1)), [])
    assert.deepEqual(linksIn(Uint8Array.of(...block, 0)), [])
    assert.deepEqual(linksIn(Uint8Array.of(0xbf, 0xff)), [])
    let deep: unknown = one
    for (let i = 0; i < 64; i++) deep = [deep]
    assert.deepEqual(linksIn(dagCbor.encode(deep)), [])
    assert.deepEqual(linksIn(dagCbor.encode(Array.from({ length: 65_536 }, () => 0))), [])
  })

  it('are the same as those that a decoder finds', () => {
    fc.assert(
      fc.property(anyDag, ({ blocks }) => {
        for (const [key, bytes] of blocks)
          if (cidOf(key).code === dagCbor.code)
            assert.deepEqual(linksIn(bytes), [...new Set(linksByDecoding(key, bytes))])
      }),
    )
  })
})
