import assert from 'node:assert/strict'
import * as dagCbor from '@ipld/dag-cbor'
import fc from 'fast-check'
import { cborBlock, cidFrom, DAG_CBOR, rawBlock, sha256 } from '../../daemon/store/block.ts'
import { decodeCanonical } from '../../daemon/store/canonical.ts'
import type { StepBody } from '../../daemon/store/commit-body.ts'
import { checkSignature, decodeCommit, sealCommit } from '../../daemon/store/commit-codec.ts'
import { MAX_CALLS_PER_COMMIT, MAX_COMMIT_BYTES } from '../../daemon/store/constants.ts'
import type { Signer } from '../../daemon/store/database-types.ts'
import { StoreError } from '../../daemon/store/errors.ts'
import { links } from '../../daemon/store/links.ts'
import { CONTRACT, coded, createSigner, ENGINE, verify } from './kit.ts'

const node = (n: number) => cborBlock({ n }).cid

const bodyOf = (signer: Signer): StepBody => ({
  kind: 'step',
  service: node(1),
  seq: 3,
  epoch: 0,
  parent: node(2),
  before: sha256(Uint8Array.of(0)),
  contract: CONTRACT,
  engine: ENGINE,
  time: 1_700_000_000_000,
  calls: [
    { envelope: Uint8Array.of(1, 2), result: Uint8Array.of(3), gas: 2n ** 63n },
    { envelope: node(9), result: Uint8Array.of(), gas: 7n },
  ],
  delta: Uint8Array.of(0, 1, 0, 0),
  root: sha256(Uint8Array.of(1)),
  host: signer.publicKey,
})

describe('store: commit codec', () => {
  let signer: Signer
  let body: StepBody
  before(async () => {
    signer = await createSigner()
    body = bodyOf(signer)
  })

  it('gives back what was signed, and the signature holds', async () => {
    const { cid, bytes } = await sealCommit(body, signer)
    const commit = decodeCommit(cid, bytes)
    await checkSignature(commit, verify)
    assert.deepEqual(dagCbor.encode(commit.body), dagCbor.encode(body))
    assert.equal((commit.body as StepBody).delta instanceof Uint8Array, true)
  })

  it('binds the signature to its purpose, its body and its key', async () => {
    const { cid, bytes } = await sealCommit(body, signer)
    const { sig } = decodeCommit(cid, bytes)
    const other = await createSigner()
    const forgeries = [
      { body: { ...body, time: body.time + 1 }, sig },
      { body: { ...body, host: other.publicKey }, sig },
      { body, sig: await signer.sign(dagCbor.encode(body)) },
      { body: { ...body, host: Uint8Array.from([8, 1, 18, 32, ...new Uint8Array(32).fill(255)]) }, sig },
    ]
    for (const forged of forgeries)
      await assert.rejects(checkSignature({ cid, ...forged }, verify), coded('BAD_SIGNATURE'))
  })

  it('answers mutated blocks with a coded error, or their signature does not hold', async () => {
    const { cid, bytes } = await sealCommit(body, signer)
    const changes = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 })
    const pieces = fc.record({ changes, from: fc.nat(bytes.length), drop: fc.nat(3), again: fc.boolean() })
    await fc.assert(
      fc.asyncProperty(pieces, async ({ changes, from, drop, again }) => {
        let mutated = Uint8Array.from([...bytes.subarray(0, from), ...bytes.subarray(from + drop)])
        for (const [at, value] of changes) mutated[at % mutated.length] = value
        if (again) mutated = Uint8Array.from([...mutated, ...mutated.subarray(from)])
        if (Buffer.compare(mutated, bytes) === 0) return
        await assert.rejects(
          async () => await checkSignature(decodeCommit(cid, mutated), verify),
          (error) => error instanceof StoreError,
        )
        try {
          links(cid, mutated)
        } catch (error) {
          assert(error instanceof StoreError, `${error}`)
        }
      }),
      { numRuns: 1500 },
    )
  })

  it('answers any dag-cbor and any bytes with a value or a coded error', () => {
    const check = (bytes: Uint8Array): void => {
      for (const read of [
        () => decodeCommit(node(1), bytes),
        () => links(node(1), bytes),
        () => decodeCanonical(bytes, 1000),
      ]) {
        try {
          read()
        } catch (error) {
          assert(error instanceof StoreError, `${error}`)
        }
      }
    }
    fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), check), { numRuns: 2000 })
    fc.assert(fc.property(fc.jsonValue().map(dagCbor.encode), check), { numRuns: 500 })
  })

  it('takes the canonical form of dag-cbor only', () => {
    const invalid: Record<string, string> = {
      'keys out of order': 'a2616200616100',
      'a key twice': 'a2616100616101',
      'a number too long': '1800',
      'an item of unknown length': '9f00ff',
      'a short float': 'f93c00',
      'an integer as a float': 'fb3ff0000000000000',
      'not a number': 'fb7ff8000000000000',
      undefined: 'f7',
      'another tag': 'c100',
      'a tag without a link': 'd82a00',
      'something after the end': '0000',
      'less than announced': '8200',
      'very many announced': '9bffffffffffffffff',
      'text that is cut': '7bffffffffffffffff61',
      'text that is not UTF-8': '61ff',
      nothing: '',
      'a deep nest': `${'81'.repeat(17)}00`,
      'too many items': `994001${'00'.repeat(0x4001)}`,
    }
    for (const [what, hex] of Object.entries(invalid)) {
      assert.throws(() => decodeCanonical(Buffer.from(hex, 'hex'), 1 << 20), coded('BLOCK_INVALID'), what)
    }
    assert.throws(() => decodeCanonical(new Uint8Array(11), 10), coded('BLOCK_TOO_LARGE'))
    assert.deepEqual(decodeCanonical(Buffer.from('82f6fb3ff8000000000000', 'hex'), 100), [null, 1.5])
  })

  it('refuses fields that are missing, out of range, of another kind, or unknown', async () => {
    const block = decodeCommit(node(1), (await sealCommit(body, signer)).bytes)
    const { delta: _, ...noDelta } = body
    const bodies: unknown[] = [
      noDelta,
      { ...body, seq: 0 },
      { ...body, seq: -1 },
      { ...body, seq: 1.5 },
      { ...body, extra: 1 },
      { ...body, root: new Uint8Array(31) },
      { ...body, host: new Uint8Array(36) },
      { ...body, service: CONTRACT },
      { ...body, contract: 'text' },
      { ...body, delta: new Uint8Array(5000) },
      { ...body, delta: rawBlock(Uint8Array.of(5)).cid },
      { ...body, calls: [{ envelope: Uint8Array.of(), result: Uint8Array.of(), gas: -1 }] },
      {
        ...body,
        calls: Array.from({ length: MAX_CALLS_PER_COMMIT + 1 }, () => Array.isArray(body.calls) && body.calls[0]),
      },
      { ...body, genesis: { owner: '', nonce: Uint8Array.of(), args: Uint8Array.of() } },
      [],
      null,
      CONTRACT,
    ]
    for (const bad of bodies) {
      const bytes = dagCbor.encode({ body: bad, sig: block.sig })
      assert.throws(() => decodeCommit(node(1), bytes), coded('BLOCK_INVALID'))
    }
    const large = dagCbor.encode({ body, sig: block.sig, pad: new Uint8Array(MAX_COMMIT_BYTES) })
    assert.throws(() => decodeCommit(node(1), large), coded('BLOCK_TOO_LARGE'))
    await assert.rejects(sealCommit({ ...body, time: -1 }, signer), coded('STATE_INVALID'))
  })

  it('lists the links of a block, each once, without the engine', async () => {
    const { cid, bytes } = await sealCommit({ ...body, delta: node(5) }, signer)
    const found = links(cid, bytes).map(String).sort()
    const expected = [node(1), node(2), CONTRACT, node(9), node(5)]
    assert.deepEqual(found, expected.map(String).sort())
    const twice = cborBlock({ a: [CONTRACT, { b: CONTRACT }], c: cidFrom(DAG_CBOR, sha256(Uint8Array.of())) })
    assert.equal(links(twice.cid, twice.bytes).length, 2)
    assert.deepEqual(links(CONTRACT, Uint8Array.of(255)), [])
  })
})
