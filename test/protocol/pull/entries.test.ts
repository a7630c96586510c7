/** Requests and entries: what is sent is what is read, and what is wrong ends with its code. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { CID } from 'multiformats/cid'
import { MAX_BLOCK_BYTES } from '../../../protocol/pull/constants.ts'
import { encodeFailure, encodeVarint, HEAD } from '../../../protocol/pull/entries.ts'
import { createEntryReader } from '../../../protocol/pull/entry-reader.ts'
import { createIntake } from '../../../protocol/pull/intake.ts'
import { keyOf } from '../../../protocol/pull/key.ts'
import type { Outlet } from '../../../protocol/pull/outlet.ts'
import { decodeRequest, encodeRequest } from '../../../protocol/pull/request.ts'
import { sendBlocks } from '../../../protocol/pull/send.ts'
import { createWalk } from '../../../protocol/pull/walk.ts'
import { fromDagJson, fromHex, readVectors, toHex } from '../vectors.ts'
import { anyDag, type Dag, sourceOf } from './dags.ts'

interface PullVectors {
  requests: {
    valid: { name: string; hex: string; value: unknown }[]
    invalid: { name: string; hex: string; code: string }[]
  }
  transfers: {
    valid: { name: string; roots: string[]; have: string[]; hex: string; blocks: string[]; missing: string[] }[]
    invalid: { name: string; roots: string[]; have: string[]; hex: string; code: string }[]
  }
}
const vectors = readVectors<PullVectors>('pull')

/** Reads a transfer as an asker does. */
function read(roots: readonly CID[], have: readonly CID[], parts: Iterable<Uint8Array>) {
  const walk = createWalk({ roots: roots.map((cid) => keyOf(cid)!), have: have.map((cid) => keyOf(cid)!) })
  const intake = createIntake(walk, { bytes: 2 ** 40, blockBytes: MAX_BLOCK_BYTES })
  const blocks: string[] = []
  let isOver = false
  const reader = createEntryReader({
    block: (bytes) => void blocks.push(intake.block(bytes).cid.toString()),
    missing: intake.absent,
    end() {
      intake.end()
      isOver = true
    },
    failure(error) {
      throw error
    },
  })
  for (const part of parts) reader.feed(part)
  return { blocks, missing: intake.missing.map(({ cid }) => cid.toString()), skip: intake.skip, isOver, reader, intake }
}

/** What the other side writes. */
async function written(dag: Dag, skip = 0, have: string[] = []): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  const outlet: Outlet = {
    block: (bytes) => void parts.push(encodeVarint(HEAD.block + bytes.length), bytes),
    missing: () => void parts.push(Uint8Array.of(HEAD.missing)),
    ready: async () => undefined,
    end: async () => void parts.push(Uint8Array.of(HEAD.end)),
    failure: async (body) => void parts.push(body),
  }
  await sendBlocks({ roots: [keyOf(dag.root)!], have, skip, claim: {} }, sourceOf(dag), outlet, {
    transferBytes: 2 ** 40,
  })
  return Buffer.concat(parts)
}

describe('pull requests', () => {
  for (const { name, hex, value } of vectors.requests.valid) {
    it(`reads and writes ${name}`, () => {
      const { roots, have, skip, service, grant } = fromDagJson(value) as {
        roots: CID[]
        have: CID[]
        skip: number
        service: CID | null
        grant: Uint8Array | null
      }
      const request = {
        roots: roots.map((cid) => keyOf(cid)!),
        have: have.map((cid) => keyOf(cid)!),
        skip,
        claim: { ...(service && { service }), ...(grant && { grant }) },
      }
      assert.equal(toHex(encodeRequest(request)), hex)
      assert.deepEqual(decodeRequest(fromHex(hex)), request)
    })
  }
  for (const { name, hex, code } of vectors.requests.invalid) {
    it(`refuses ${name}`, () => {
      assert.throws(() => decodeRequest(fromHex(hex)), { code })
    })
  }

  it('are read or refused, whatever the bytes', () => {
    const [{ hex } = { hex: '' }] = vectors.requests.valid
    const change = fc.tuple(fc.nat(hex.length / 2 - 1), fc.nat(255))
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const bytes = fromHex(hex)
        for (const [at, byte] of changes) bytes[at] = byte
        try {
          assert.deepEqual(encodeRequest(decodeRequest(bytes)), bytes)
        } catch (error) {
          assert.match((error as { code: string }).code, /^FRAME_(INVALID|TOO_LARGE)$/)
        }
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('transfers', () => {
  for (const { name, roots, have, hex, blocks, missing } of vectors.transfers.valid) {
    it(`reads ${name}`, () => {
      const found = read(
        roots.map((cid) => CID.parse(cid)),
        have.map((cid) => CID.parse(cid)),
        [fromHex(hex)],
      )
      assert.deepEqual([found.blocks, found.missing, found.isOver], [blocks, missing, true])
    })
  }
  for (const { name, roots, have, hex, code } of vectors.transfers.invalid) {
    it(`refuses ${name}`, () => {
      const feed = (): unknown =>
        read(
          roots.map((cid) => CID.parse(cid)),
          have.map((cid) => CID.parse(cid)),
          [fromHex(hex)],
        )
      assert.throws(feed, { code })
    })
  }

  it('are read as they were written, however they are cut, and go on from any point', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyDag,
        fc.array(fc.integer({ min: 1, max: 200 }), { maxLength: 30 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (dag, cuts, where) => {
          const bytes = await written(dag)
          const whole = read([dag.root], [], pieces(bytes, cuts))
          assert(whole.isOver)
          // the stream breaks somewhere: the rest comes over another one
          const half = read([dag.root], [], pieces(bytes.subarray(0, Math.floor(bytes.length * where)), cuts))
          if (half.isOver) return
          const rest = await written(dag, half.skip, [...half.intake.lacks])
          const found: string[] = []
          const reader = createEntryReader({
            block: (block) => void found.push(half.intake.block(block).cid.toString()),
            missing: half.intake.absent,
            end: half.intake.end,
            failure: assert.fail,
          })
          reader.feed(rest)
          assert.deepEqual([...half.blocks, ...found], whole.blocks)
          assert.deepEqual(half.intake.missing, whole.intake.missing)
          assert.equal(half.intake.due, undefined)
        },
      ),
    )
  })

  it('that are wrong anywhere end with a code, and no wrong block is given on', async () => {
    const OFFENCES = /^(WRONG_BLOCK|FRAME_(MALFORMED|TOO_LARGE|UNEXPECTED|INVALID))$/
    await fc.assert(
      fc.asyncProperty(anyDag, fc.nat(), fc.integer({ min: 1, max: 255 }), async (dag, at, change) => {
        const bytes = Buffer.from(await written(dag))
        const right = read([dag.root], [], [bytes])
        bytes[at % bytes.length]! ^= change
        try {
          const { blocks, isOver, reader } = read([dag.root], [], [bytes])
          // less may have come, and never anything else
          if (isOver) assert(blocks.length <= right.blocks.length)
          else assert(!reader.isBetween() || blocks.length <= right.blocks.length)
        } catch (error) {
          assert.match((error as { code: string }).code, OFFENCES)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('say what went wrong on the other side', () => {
    const body = encodeFailure({ code: 'ACCESS_DENIED', message: 'No.', hint: '' })
    const entry = Buffer.concat([Uint8Array.of(HEAD.failure), encodeVarint(body.length), body])
    const root = CID.parse('bafkreiekadrbr2tmzmrj2ijf5xmpwm4vbz4wqtzx5q2unz7ol3k6vmqg2e')
    assert.throws(() => read([root], [], [entry]), { code: 'ACCESS_DENIED', message: 'No.', party: 'remote' })
  })
})

function* pieces(bytes: Uint8Array, cuts: readonly number[]): Generator<Uint8Array> {
  let at = 0
  for (const cut of cuts) {
    yield bytes.subarray(at, at + cut)
    at += cut
  }
  yield bytes.subarray(at)
}
