/** Pulls between real nodes over TCP, honest and hostile ones. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import type { Libp2p, Stream } from '@libp2p/interface'
import fc from 'fast-check'
import type { CID } from 'multiformats/cid'
import { PULL_PROTOCOL, type PullLimits } from '../../../protocol/pull/constants.ts'
import { encodeVarint, HEAD } from '../../../protocol/pull/entries.ts'
import { cidOf, hasLinks, type Key, keyOf } from '../../../protocol/pull/key.ts'
import { linksIn } from '../../../protocol/pull/links.ts'
import { createPulls } from '../../../protocol/pull/service.ts'
import type { Block, Open, PullOptions, Pulls, Source } from '../../../protocol/pull/types.ts'
import { untilTrue } from '../../support/until.ts'
import { createTestnet, type Testnet } from '../nodes.ts'
import { chain, createForge, type Dag, sourceOf, wide } from './dags.ts'

const never = new AbortController().signal
const nothing: Open = async () => ({ get: async () => undefined })

/** Where an asker keeps what comes. */
function keeper() {
  const kept = new Map<Key, Uint8Array>()
  const take = async (blocks: Block[]): Promise<void> => {
    for (const { cid, bytes } of blocks) kept.set(keyOf(cid)!, bytes)
  }
  return { kept, options: { take, signal: never } satisfies PullOptions }
}

const streamsOf = (node: Libp2p): number =>
  node.getConnections().flatMap(({ streams }) => streams.filter(({ protocol }) => protocol === PULL_PROTOCOL)).length

describe('pulls between nodes', () => {
  let net: Testnet
  let host: Libp2p
  let asker: Libp2p
  let peer: string
  const running: Pulls[] = []

  beforeEach(async () => {
    net = createTestnet()
    ;[host, asker] = await Promise.all([net.createBare(), net.createBare()])
    await net.introduce(host, asker)
    peer = host.peerId.toString()
  })
  afterEach(async () => {
    for (const pulls of running.splice(0)) await pulls.stop()
    await net.stop()
  })

  async function start(node: Libp2p, open: Open, limits: Partial<PullLimits> = {}): Promise<Pulls> {
    const pulls = createPulls({ node, open }, { limits: { retryMs: 1, ...limits } })
    await pulls.start()
    running.push(pulls)
    return pulls
  }
  const serve = (dag: Pick<Dag, 'blocks'>, limits?: Partial<PullLimits>): Promise<Pulls> =>
    start(host, async () => sourceOf(dag), limits)

  for (const [name, dag] of [
    ['a chain of 500 blocks with leaves', chain(500)],
    ['blocks of 1 MiB', wide(20, 1 << 20)],
    ['a block of 2 MiB, and empty ones', wide(3, 2 << 20)],
    ['a single empty block', wide(1, 0)],
  ] as const) {
    it(`bring ${name}`, async () => {
      await serve(dag)
      const { kept, options } = keeper()
      const pulled = await (await start(asker, nothing)).pull(peer, { roots: [dag.root] }, options)
      assertSame(kept, dag.blocks)
      assert.equal(pulled.blocks, dag.blocks.size)
      assert.equal(
        pulled.bytes,
        [...dag.blocks.values()].reduce((sum, { length }) => sum + length, 0),
      )
      await untilTrue(() => streamsOf(asker) + streamsOf(host) === 0)
    })
  }

  it('say which blocks the peer lacks, and who links to them', async () => {
    const dag = wide(10, 10)
    const [gone] = [...dag.blocks.keys()]
    await serve({ blocks: new Map([...dag.blocks].filter(([key]) => key !== gone)) })
    const pulls = await start(asker, nothing)
    const pulled = await pulls.pull(peer, { roots: [dag.root] }, keeper().options)
    assert.equal(pulled.blocks, 10)
    assert.deepEqual(
      pulled.missing.map(({ cid, parent }) => [keyOf(cid), `${parent}`]),
      [[gone, `${dag.root}`]],
    )
    const nowhere = await pulls.pull(peer, { roots: [createForge().raw(Uint8Array.of(9))] }, keeper().options)
    assert.deepEqual([nowhere.blocks, nowhere.missing.length, nowhere.missing[0]?.parent], [0, 1, undefined])
  })

  it('ask only for what comes after that which is here', async () => {
    const dag = wide(10, 10)
    const reads: string[] = []
    const source = sourceOf(dag)
    await start(host, async () => ({
      get: (cid) => {
        reads.push(cid.toString())
        return source.get(cid)
      },
    }))
    const { kept, options } = keeper()
    for (const [key, bytes] of [...dag.blocks].slice(0, 4)) kept.set(key, bytes)
    kept.set(keyOf(dag.root)!, dag.blocks.get(keyOf(dag.root)!)!)
    const here = { get: async (cid: CID) => kept.get(keyOf(cid)!), has: async (cid: CID) => kept.has(keyOf(cid)!) }
    const pulls = await start(asker, nothing)
    assert.equal((await pulls.pull(peer, { roots: [dag.root] }, { ...options, here })).blocks, 6)
    assert.equal(reads.length, 7, 'the root, and no leaf that is skipped')
    assert.deepEqual(new Set(kept.keys()), new Set(dag.blocks.keys()))
    assert.equal((await pulls.pull(peer, { roots: [dag.root] }, { ...options, here })).blocks, 0)
    assert.equal(reads.length, 7)
  })

  it('take what a disk damaged for what is not there, on both sides', async () => {
    const dag = chain(20)
    const keys = [...dag.blocks.keys()]
    const hurt = (at: number): Map<Key, Uint8Array> => new Map(dag.blocks).set(keys[at]!, Uint8Array.of(0xf6))
    await serve({ blocks: hurt(0) })
    const pulls = await start(asker, nothing)
    const pulled = await pulls.pull(peer, { roots: [dag.root] }, keeper().options)
    assert.deepEqual([pulled.blocks, pulled.missing.map(({ cid }) => keyOf(cid))], [dag.blocks.size - 1, [keys[0]]])

    const { kept, options } = keeper()
    const middle = keys.findIndex((key) => hasLinks(key) && key !== keys[0] && key !== keyOf(dag.root))
    const here = sourceOf({ blocks: hurt(middle) })
    await pulls.pull(peer, { roots: [dag.root] }, { ...options, here: { get: here.get, has: async () => true } })
    assert(kept.has(keys[middle]!))
  })

  it('go on over another stream when one breaks, and bring each block once', async () => {
    const dag = wide(300, 10_000)
    let asked = 0
    const requests: number[] = []
    await start(host, async () => {
      const from = requests.push(asked)
      const source = sourceOf(dag)
      return {
        async get(cid) {
          asked++
          // a reset in the middle, twice
          if (from < 3 && asked === from * 120) for (const { streams } of host.getConnections()) abortAll(streams)
          return source.get(cid)
        },
      }
    })
    const taken: string[] = []
    const pulls = await start(asker, nothing)
    const pulled = await pulls.pull(
      peer,
      { roots: [dag.root] },
      { signal: never, take: async (blocks) => void taken.push(...blocks.map(({ cid }) => cid.toString())) },
    )
    assert(requests.length >= 2)
    assert.equal(pulled.blocks, dag.blocks.size)
    assert.equal(new Set(taken).size, taken.length)
  })

  it('go on after the most that one transfer sends', async () => {
    const dag = wide(10, 100_000)
    await serve(dag, { transferBytes: 250_000 })
    const { kept, options } = keeper()
    await (await start(asker, nothing)).pull(peer, { roots: [dag.root] }, options)
    assert.deepEqual(new Set(kept.keys()), new Set(dag.blocks.keys()))
  })

  it('hold no more than they should while what came is being kept', async () => {
    const dag = wide(40, 1 << 20)
    await serve(dag)
    const limits = { batchBytes: 1 << 20, heldBytes: 2 << 20 }
    const { promise: mayGoOn, resolve: goOn } = Promise.withResolvers<void>()
    let given = 0
    let most = 0
    const taking = (await start(asker, nothing, limits)).pull(
      peer,
      { roots: [dag.root] },
      {
        signal: never,
        onProgress: ({ blocks }) => {
          most = Math.max(most, blocks - given)
        },
        async take(blocks) {
          await mayGoOn
          given += blocks.length
        },
      },
    )
    await untilTrue(() => most >= 2)
    // whatever is under way has time to come
    for (let i = 0; i < 50; i++) await new Promise(setImmediate)
    const held = most
    goOn()
    assert.equal((await taking).blocks, 41)
    assert(held <= 6 && most <= 10, `${held} blocks held, ${most} at most`)
  })

  it('tell the peer what its authority says, and hand on what it claims', async () => {
    const dag = wide(2, 10)
    const claims: unknown[] = []
    await start(host, async (who, claim) => {
      claims.push([who, `${claim.service}`, claim.grant?.length])
      if (!claim.grant) throw Object.assign(new Error('Not for you.'), { code: 'ACCESS_DENIED', hint: 'Ask.' })
      return sourceOf(dag)
    })
    const pulls = await start(asker, nothing)
    const wanted = { roots: [dag.root], service: dag.root }
    await assert.rejects(pulls.pull(peer, wanted, keeper().options), {
      code: 'ACCESS_DENIED',
      message: 'Not for you.',
      hint: 'Ask.',
      party: 'remote',
    })
    const grant = Uint8Array.of(1)
    assert.equal((await pulls.pull(peer, { ...wanted, grant }, keeper().options)).blocks, 3)
    const who = asker.peerId.toString()
    assert.deepEqual(claims, [
      [who, `${dag.root}`, undefined],
      [who, `${dag.root}`, 1],
    ])
  })

  it('are told BUSY beyond what is served at a time, and served after it', async () => {
    const dag = wide(2, 10)
    const { promise: mayGoOn, resolve: goOn } = Promise.withResolvers<void>()
    let opened = 0
    const open: Open = async () => {
      opened++
      await mayGoOn
      return sourceOf(dag)
    }
    await start(host, open, { servedPerPeer: 2 })
    const pulls = await start(asker, nothing)
    const ask = () => pulls.pull(peer, { roots: [dag.root] }, keeper().options)
    const two = [ask(), ask()]
    await untilTrue(() => opened === 2)
    await assert.rejects(ask(), { code: 'BUSY', party: 'remote' })
    goOn()
    await Promise.all(two)
    assert.equal((await ask()).blocks, 3)
  })

  it('end with the caller, with this node, and with its own limits', async () => {
    const dag = wide(4, 10)
    const silent: Source = { get: () => new Promise(() => {}) }
    await start(host, async () => silent)
    const pulls = await start(asker, nothing, { asked: 1 })
    const controller = new AbortController()
    const pulling = pulls.pull(peer, { roots: [dag.root] }, { ...keeper().options, signal: controller.signal })
    await assert.rejects(pulls.pull(peer, { roots: [dag.root] }, keeper().options), { code: 'BUSY', party: 'local' })
    await untilTrue(() => streamsOf(host) === 1)
    controller.abort()
    await assert.rejects(pulling, { code: 'CANCELLED' })
    const last = pulls.pull(peer, { roots: [dag.root] }, keeper().options)
    await untilTrue(() => streamsOf(host) === 1)
    const stopped = assert.rejects(last, { code: 'STOPPED' })
    await pulls.stop()
    await stopped
    await assert.rejects(pulls.pull(peer, { roots: [dag.root] }, keeper().options), { code: 'STOPPED' })
    await untilTrue(() => streamsOf(asker) === 0)
  })

  it('pass on what the keeper throws, and what is too much', async () => {
    const dag = wide(10, 1_000)
    await serve(dag)
    const pulls = await start(asker, nothing, { batchBytes: 1 })
    const { options } = keeper()
    const full = Object.assign(new Error('disk full'), { code: 'STORE_UNAVAILABLE' })
    const take = () => Promise.reject(full)
    await assert.rejects(pulls.pull(peer, { roots: [dag.root] }, { ...options, take }), full)
    for (const limits of [{ blocks: 5 }, { bytes: 5_000 }, { blockBytes: 999 }])
      await assert.rejects(pulls.pull(peer, { roots: [dag.root] }, { ...options, limits }), { code: 'PULL_TOO_LARGE' })
    const roots = Array.from({ length: 65 }, () => dag.root)
    await assert.rejects(pulls.pull(peer, { roots }, options), { code: 'REQUEST_INVALID', party: 'local' })
    // none of it is the peer's fault
    assert.equal((await pulls.pull(peer, { roots: [dag.root] }, options)).blocks, 11)
  })

  it('say when the peer does not speak it', async () => {
    const pulls = await start(asker, nothing)
    await assert.rejects(pulls.pull(peer, { roots: [wide(1, 1).root] }, keeper().options), { code: 'PULL_UNSUPPORTED' })
  })

  it('say when the peer no longer has what was sent before', async () => {
    const dag = chain(10)
    await serve({ blocks: new Map() })
    const here = sourceOf(dag)
    const has = async (): Promise<boolean> => true
    let left = 5
    const get = async (cid: CID) => (left-- > 0 ? here.get(cid) : undefined)
    const pulls = await start(asker, nothing)
    const pulling = pulls.pull(peer, { roots: [dag.root] }, { ...keeper().options, here: { get, has } })
    await assert.rejects(pulling, { code: 'CANNOT_RESUME', party: 'remote' })
  })

  describe('with a hostile host', () => {
    const dag = wide(3, 1_000)
    const blockOf = (cid: CID): Uint8Array => dag.blocks.get(keyOf(cid)!)!
    const entry = (bytes: Uint8Array): Uint8Array => Buffer.concat([encodeVarint(HEAD.block + bytes.length), bytes])
    const root = entry(blockOf(dag.root))

    async function against(
      behave: (stream: Stream) => void,
      limits: Partial<PullLimits> = {},
      options: Partial<PullOptions> = {},
    ): Promise<unknown> {
      // once it is asked: what comes before is not read
      const onStream = (stream: Stream): void =>
        stream.addEventListener('message', () => behave(stream), { once: true })
      await host.handle(PULL_PROTOCOL, onStream, { maxInboundStreams: 100 })
      const { kept, options: keeping } = keeper()
      const pulls = await start(asker, nothing, limits)
      try {
        await pulls.pull(peer, { roots: [dag.root] }, { ...keeping, ...options })
        return assert.fail('it brought something')
      } catch (error) {
        // no block that was not asked for
        for (const key of kept.keys()) assert(dag.blocks.has(key))
        return (error as { code: string }).code
      } finally {
        await untilTrue(() => streamsOf(asker) === 0)
      }
    }

    it('that sends another block, ends with WRONG_BLOCK', async () => {
      assert.equal(await against((stream) => void stream.send(entry(Uint8Array.of(1, 2)))), 'WRONG_BLOCK')
    })

    it('that sends the blocks in another order, ends with WRONG_BLOCK', async () => {
      const leaves = [...dag.blocks.values()].slice(0, 3).reverse().map(entry)
      assert.equal(await against((stream) => void stream.send(Buffer.concat([root, ...leaves]))), 'WRONG_BLOCK')
    })

    it('that sends without end, is cut off', async () => {
      const endless = (stream: Stream): void => {
        const missing = Buffer.alloc(100_000, HEAD.missing)
        const more = (): void => {
          while (stream.status === 'open' && stream.send(missing));
        }
        stream.addEventListener('drain', more)
        more()
      }
      assert.equal(await against(endless), 'FRAME_UNEXPECTED')
    })

    it('that sends one endless head, is cut off', async () => {
      assert.equal(await against((stream) => void stream.send(Buffer.alloc(1_000, 0x80))), 'FRAME_MALFORMED')
    })

    it('that announces a block over the limit, is cut off before it comes', async () => {
      const head = encodeVarint(HEAD.block + (2 << 20) + 1)
      assert.equal(await against((stream) => void stream.send(head)), 'FRAME_TOO_LARGE')
    })

    it('that cuts a block short, ends with FRAME_TRUNCATED', async () => {
      const cut = (stream: Stream): void => {
        stream.send(root.subarray(0, -1))
        void stream.close()
      }
      assert.equal(await against(cut), 'FRAME_TRUNCATED')
    })

    it('that closes between two blocks each time, is given up', async () => {
      const close = (stream: Stream): void => {
        stream.send(root)
        void stream.close()
      }
      assert.match(`${await against(close, { retries: 2 })}`, /^(CONNECTION_LOST|WRONG_BLOCK)$/)
    })

    it('that says nothing, ends with TIMED_OUT', async () => {
      assert.equal(await against(() => {}, { firstMs: 50, stallMs: 50 }), 'TIMED_OUT')
    })

    it('that sends a byte now and then, ends with TIMED_OUT', async () => {
      const trickle = (stream: Stream): void => {
        let at = 0
        const timer = setInterval(() => {
          if (stream.status === 'open') stream.send(Uint8Array.of(root[at++]!))
          else clearInterval(timer)
        }, 1)
      }
      assert.equal(await against(trickle, { firstMs: 50, stallMs: 50 }), 'TIMED_OUT')
    })

    it('that ends before it is asked, is given up', async () => {
      await host.handle(PULL_PROTOCOL, (stream) => void stream.close(), { maxInboundStreams: 100 })
      const pulls = await start(asker, nothing, { retries: 2 })
      await assert.rejects(pulls.pull(peer, { roots: [dag.root] }, keeper().options), { code: 'CONNECTION_LOST' })
    })

    it('that sends anything at all, ends with a code or with what was asked for', async () => {
      const order = [dag.root, ...linksIn(blockOf(dag.root)).map(cidOf)]
      const honest = Buffer.concat([...order.map((cid) => entry(blockOf(cid))), Uint8Array.of(HEAD.end)])
      let bytes = honest
      const onStream = (stream: Stream): void =>
        stream.addEventListener(
          'message',
          () => {
            stream.send(bytes)
            void stream.close()
          },
          { once: true },
        )
      await host.handle(PULL_PROTOCOL, onStream, { maxInboundStreams: 100 })
      const pulls = await start(asker, nothing, { offences: 1_000, retries: 0, farewellMs: 100 })
      const change = fc.record({ at: fc.nat(honest.length - 1), by: fc.integer({ min: 1, max: 255 }) })
      const mutation = fc.record({ changes: fc.array(change, { maxLength: 3 }), length: fc.nat(honest.length) })
      await fc.assert(
        fc.asyncProperty(mutation, async ({ changes, length }) => {
          bytes = Buffer.from(honest.subarray(0, changes.length > 0 ? undefined : length))
          for (const { at, by } of changes) bytes[at]! ^= by
          const { kept, options } = keeper()
          const code = await pulls.pull(peer, { roots: [dag.root] }, options).then(
            () => 'done',
            (error: { code: string }) => error.code,
          )
          assert.match(code, /^(done|WRONG_BLOCK|CONNECTION_LOST|FRAME_[A-Z_]+)$/)
          for (const [key, block] of kept) assert.equal(Buffer.compare(block, dag.blocks.get(key)!), 0)
        }),
        { numRuns: 200 },
      )
      await untilTrue(() => streamsOf(asker) === 0)
    })

    it('is refused after it broke the protocol too often', async () => {
      await host.handle(PULL_PROTOCOL, (stream) => void stream.send(Uint8Array.of(HEAD.end)), {
        maxInboundStreams: 100,
      })
      const refused: string[] = []
      const pulls = createPulls(
        { node: asker, open: nothing },
        { limits: { offences: 2 }, onRefused: (who, ms) => refused.push(`${who} ${ms > 0}`) },
      )
      await pulls.start()
      running.push(pulls)
      const ask = () => pulls.pull(peer, { roots: [dag.root] }, keeper().options)
      for (const _ of [1, 2]) await assert.rejects(ask(), { code: 'FRAME_UNEXPECTED' })
      await assert.rejects(ask(), { code: 'PEER_REFUSED' })
      assert.deepEqual(refused, [`${peer} true`])
    })
  })

  describe('with a hostile asker', () => {
    const open = async (): Promise<Stream> => asker.dialProtocol(host.peerId, PULL_PROTOCOL)

    /** What the host answers to these bytes, whole. */
    async function answered(bytes: Uint8Array): Promise<Buffer> {
      const stream = await open()
      const parts: Uint8Array[] = []
      const { promise, resolve } = Promise.withResolvers<void>()
      stream.addEventListener('message', ({ data }) => void parts.push(data.subarray()))
      for (const event of ['end', 'close'] as const) stream.addEventListener(event, () => resolve())
      if (stream.status !== 'open') return Buffer.alloc(0)
      stream.send(bytes)
      await promise
      stream.abort(new Error('over'))
      return Buffer.concat(parts)
    }

    it('that asks for nonsense, is told so and refused in the end', async () => {
      await serve(wide(1, 1), { offences: 3 })
      const answer = await answered(Uint8Array.of(1, 0xf6))
      assert.equal(answer[0], HEAD.failure)
      assert.match(answer.toString('latin1'), /FRAME_INVALID/)
      assert.match((await answered(Buffer.alloc(20, 0xff))).toString('latin1'), /FRAME_MALFORMED|FRAME_TOO_LARGE/)
      await answered(Uint8Array.of(1, 0))
      await untilTrue(() => streamsOf(host) === 0)
      assert.equal((await answered(Uint8Array.of(1, 0))).length, 0, 'reset at once')
    })

    it('that asks for nothing, or in drops, loses its stream', async () => {
      await serve(wide(1, 1), { requestMs: 50, farewellMs: 50 })
      const streams = [await open(), await open()]
      streams[1]!.send(Uint8Array.of(100, 1))
      await untilTrue(() => streams.every(({ status }) => status !== 'open'))
      await untilTrue(() => streamsOf(host) === 0)
    })

    it('that does not read, costs a bounded amount of memory and loses its stream', async () => {
      const dag = wide(60, 1 << 20)
      let read = 0
      const source = sourceOf(dag)
      await start(
        host,
        async () => ({
          get: (cid) => {
            read++
            return source.get(cid)
          },
        }),
        { stallMs: 300 },
      )
      const { encodeRequest } = await import('../../../protocol/pull/request.ts')
      const body = encodeRequest({ roots: [keyOf(dag.root)!], have: [], skip: 0, claim: {} })
      const stream = await open()
      stream.pause()
      stream.send(Buffer.concat([encodeVarint(body.length), body]))
      await untilTrue(() => streamsOf(host) === 1)
      await untilTrue(() => streamsOf(host) === 0)
      assert(read < 20, `${read} blocks were read for it`)
      stream.abort(new Error('over'))
    })

    it('that opens streams without end, has a bounded number of them', async () => {
      const silent: Source = { get: () => new Promise(() => {}) }
      await start(host, async () => silent, { servedPerPeer: 2, requestMs: 200, farewellMs: 50 })
      const streams = await Promise.all(Array.from({ length: 60 }, () => open().catch(() => undefined)))
      assert(streamsOf(host) <= 8, `${streamsOf(host)} streams`)
      for (const stream of streams) stream?.abort(new Error('over'))
      await untilTrue(() => streamsOf(host) === 0)
    })
  })

  it('cost a peer that vanishes nothing but its stream', async () => {
    const dag = wide(50, 1 << 20)
    await serve(dag)
    const pulls = await start(asker, nothing, { retries: 0 })
    const pulling = pulls.pull(
      peer,
      { roots: [dag.root] },
      {
        ...keeper().options,
        onProgress: ({ blocks }) => blocks === 3 && void host.stop(),
      },
    )
    await assert.rejects(pulling, { code: /^(CONNECTION_LOST|PEER_UNREACHABLE)$/ })
    await untilTrue(() => streamsOf(asker) === 0)
  })

  it('check what is random as well', async () => {
    const forge = createForge()
    const leaves = Array.from({ length: 200 }, (_, i) => forge.raw(randomBytes(i * 97)))
    const dag = { root: forge.cbor({ leaves }), blocks: forge.blocks }
    await serve(dag)
    const { kept, options } = keeper()
    await (await start(asker, nothing)).pull(peer, { roots: [dag.root] }, options)
    assertSame(kept, dag.blocks)
  })
})

function abortAll(streams: readonly Stream[]): void {
  for (const stream of streams) if (stream.protocol === PULL_PROTOCOL) stream.abort(new Error('a broken line'))
}

function assertSame(kept: ReadonlyMap<Key, Uint8Array>, blocks: ReadonlyMap<Key, Uint8Array>): void {
  assert.deepEqual(new Set(kept.keys()), new Set(blocks.keys()))
  for (const [key, bytes] of blocks) assert.equal(Buffer.compare(kept.get(key)!, bytes), 0)
}
