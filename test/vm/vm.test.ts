import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { CID } from 'multiformats/cid'
import {
  ARGS_BYTES_MAX,
  MAX_OPEN_PER_WORKER,
  MIGRATION_BYTES_MAX,
  MODULE_BYTES_MAX,
} from '../../daemon/vm/constants.ts'
import { ENGINE_SHA256 } from '../../daemon/vm/engine/engine-sha256.ts'
import { loadEngine } from '../../daemon/vm/engine/load-engine.ts'
import { leavesOf } from '../../daemon/vm/merkle.ts'
import type { Origin, Vm } from '../../daemon/vm/types.ts'
import { createVm } from '../../daemon/vm/vm.ts'
import { applyDelta, rootOf } from '../support/image.ts'
import { bytes, end, hex, request, type TestVm, testVm } from './kit.ts'

const COUNTER = bytes(`
  let n = 0
  export const init = start => n = start ?? 0
  export const increment = () => ++n
  export const spin = () => { for (;;); }
  export const stick = () => ((1n << 1000000n) - 1n).toString()
  export const text = length => 'x'.repeat(length)
`)
const ENDLESS = { gas: 2n ** 61n, wallMs: 200 }

describe('vm', () => {
  let test: TestVm
  let vm: Vm
  beforeEach(async () => {
    test = await testVm({ workers: 1, audit: false })
    vm = test.vm
  })
  afterEach(() => vm.stop())

  const start = async (key: string, first = 0): Promise<Origin> => {
    const { outcome, origin } = await vm.genesis(key, COUNTER, request('init', [first]))
    assert.equal(end(outcome), String(first))
    return origin!
  }
  const increment = async (key: string) => end((await vm.call(key, request('increment'))).outcome)

  it('names its engine by the hash of its bytes', () => {
    const cid = CID.parse(vm.engine)
    assert.deepEqual([cid.version, cid.code, cid.multihash.code], [1, 0x55, 0x12])
    assert.equal(hex(cid.multihash.digest), ENGINE_SHA256)
  })

  it('runs a service from genesis on, and gives each change and its root', async () => {
    const origin = await start('a', 5)
    assert.equal(hex(origin.root), hex(rootOf(origin.image)))
    const { outcome, change } = await vm.call('a', request('increment'))
    assert.equal(end(outcome), '6')
    assert.equal(hex(change!.root), hex(rootOf(applyDelta(origin.image, change!.delta))))
    assert.equal(end(await vm.query('a', request('increment'))), '7')
    assert.equal(await increment('a'), '7')
  })

  it('opens a service from its origin, and leaves that to its owner', async () => {
    const origin = await start('a', 1)
    const before = hex(rootOf(origin.image))
    const view = { ...origin, image: { ...origin.image, memory: Buffer.concat([origin.image.memory, bytes('rest')]) } }
    view.image.memory = view.image.memory.subarray(0, origin.image.memory.length)
    await vm.open('b', view)
    await vm.open('c', { ...origin, leaves: leavesOf(origin.image.memory) })
    assert.deepEqual([await increment('a'), await increment('b'), await increment('c')], ['2', '2', '2'])
    assert.equal(hex(rootOf(origin.image)), before)
  })

  it('refuses an origin with another root', async () => {
    const origin = await start('a')
    await assert.rejects(vm.open('b', { ...origin, root: new Uint8Array(32) }), { code: 'BAD_IMAGE' })
    assert.equal(vm.isOpen('b'), false)
    await vm.open('b', origin)
  })

  it('opens nothing if the genesis fails', async () => {
    const { outcome, origin } = await vm.genesis('a', bytes('throw 1'), request('init'))
    assert.deepEqual([end(outcome), origin, vm.isOpen('a')], ['CONTRACT_THREW', undefined, false])
    await start('a')
  })

  it('moves large results and images without loss', async () => {
    await start('a')
    const { outcome } = await vm.call('a', request('text', [500_000], { limits: { resultBytes: 600_000 } }))
    assert.equal(end(outcome).length, 500_002)
  })

  it('closes, opens again, and says what is open', async () => {
    const origin = await start('a')
    assert.deepEqual([vm.isOpen('a'), vm.isOpen('b')], [true, false])
    assert.equal(await increment('a'), '1')
    await assert.rejects(vm.open('a', origin), { code: 'ALREADY_OPEN' })
    await vm.close('a')
    await vm.close('a')
    assert.equal(vm.isOpen('a'), false)
    await assert.rejects(vm.call('a', request('increment')), { code: 'NOT_OPEN' })
    await vm.open('a', origin)
    assert.equal(await increment('a'), '1')
  })

  it('refuses what is too large, or makes no sense', async () => {
    await assert.rejects(vm.genesis('a', new Uint8Array(MODULE_BYTES_MAX + 1), request('init')), { code: 'TOO_LARGE' })
    await start('a')
    const large = { ...request('increment'), args: new Uint8Array(ARGS_BYTES_MAX + 1) }
    await assert.rejects(vm.call('a', large), { code: 'TOO_LARGE' })
    const state = { ...request('migrate'), args: new Uint8Array(MIGRATION_BYTES_MAX + 1) }
    await assert.rejects(vm.genesis('b', COUNTER, state), { code: 'TOO_LARGE' })
    for (const limits of [{ gas: -1n }, { gas: 2n ** 63n }, { wallMs: 0 }, { resultBytes: -1 }]) {
      await assert.rejects(vm.call('a', request('increment', [], { limits })), { code: 'BAD_REQUEST' })
    }
    for (const context of [{ seed: new Uint8Array(31) }, { time: 0.5 }, { time: -1 }, { time: 2 ** 53 }]) {
      await assert.rejects(vm.query('a', request('increment', [], { context })), { code: 'BAD_REQUEST' })
    }
  })

  it('ends a call that takes too long and cannot be interrupted, and with it its worker', async () => {
    const origin = await start('a')
    await start('neighbour')
    const slow = vm.call('a', request('stick', [], { limits: ENDLESS }))
    const waiting = assert.rejects(vm.call('neighbour', request('increment')), { code: 'NOT_OPEN' })
    const opening = vm.open('new', origin)
    assert.equal(end((await slow).outcome), 'WATCHDOG')
    await waiting
    assert.deepEqual([vm.isOpen('a'), vm.isOpen('neighbour')], [false, false])
    await opening
    assert.equal(await increment('new'), '1')
    await vm.open('a', origin)
    assert.equal(await increment('a'), '1')
    assert.deepEqual(test.crashes, [])
  })

  it('watches a genesis and a query as well', async () => {
    const { outcome } = await vm.genesis('a', bytes('for (;;);'), request('init', [], { limits: ENDLESS }))
    assert.equal(end(outcome), 'WATCHDOG')
    await start('a')
    assert.equal(end(await vm.query('a', request('spin', [], { limits: ENDLESS }))), 'WATCHDOG')
    // a call that can be interrupted costs nobody a place
    assert.equal(await increment('a'), '1')
  })

  it('closes the service that was idle for longest when there are too many', async () => {
    const origin = await start('0')
    for (let i = 1; i < MAX_OPEN_PER_WORKER; i++) await vm.open(String(i), origin)
    await increment('0')
    await vm.open('one more', origin)
    assert.deepEqual([vm.isOpen('0'), vm.isOpen('1'), vm.isOpen('2')], [true, false, true])
    assert.equal(await increment('0'), '2')
  })

  it('rejects what is under way and what comes later when it stops', async () => {
    await start('a')
    const running = assert.rejects(vm.call('a', request('spin', [], { limits: { ...ENDLESS, wallMs: 20_000 } })), {
      code: 'STOPPED',
    })
    await vm.stop()
    await running
    await vm.stop()
    assert.equal(vm.isOpen('a'), false)
    await assert.rejects(vm.call('a', request('increment')), { code: 'STOPPED' })
    await assert.rejects(vm.genesis('b', COUNTER, request('init')), { code: 'STOPPED' })
    await vm.close('a')
  })
})

describe('vm, with several workers', () => {
  it('runs services side by side: a slow one does not hold up another', async () => {
    const { vm } = await testVm({ workers: 2, audit: false })
    try {
      for (const key of ['a', 'b']) await vm.genesis(key, COUNTER, request('init'))
      const order: string[] = []
      const slow = vm.call('a', request('spin', [], { limits: { ...ENDLESS, wallMs: 1000 } }))
      const noted = slow.then(() => order.push('slow'))
      assert.equal(end((await vm.call('b', request('increment'))).outcome), '1')
      order.push('quick')
      await noted
      assert.deepEqual(order, ['quick', 'slow'])
      assert.equal(end((await vm.call('b', request('increment'))).outcome), '2')
    } finally {
      await vm.stop()
    }
  })

  it('opens many services at once', async () => {
    const { vm } = await testVm({ workers: 3, audit: false })
    try {
      const keys = Array.from({ length: 9 }, (_, i) => String(i))
      const made = await Promise.all(keys.map((key) => vm.genesis(key, COUNTER, request('init', [Number(key)]))))
      assert.deepEqual(
        made.map(({ outcome }) => end(outcome)),
        keys,
      )
      const called = await Promise.all(keys.map((key) => vm.call(key, request('increment'))))
      assert.deepEqual(
        called.map(({ outcome }) => Number(end(outcome)) - 1),
        keys.map(Number),
      )
    } finally {
      await vm.stop()
    }
  })
})

describe('vm, its engine', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'amigos-vm-cache-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('ends a worker in which no service lives any more, and starts another when one comes', async () => {
    const started = async (own: Vm, key: string): Promise<Worker> => {
      const [worker] = await Promise.all([once(process, 'worker'), own.genesis(key, COUNTER, request('init', []))])
      return worker[0] as Worker
    }
    const own = createVm({}, { workers: 1, idleMs: 1 })
    const first = await started(own, 'a')
    const ended = once(first, 'exit')
    await own.close('a')
    await ended
    await started(own, 'b')
    assert.equal(own.isOpen('b'), true)
    await own.stop()
  })

  it('loads and starts nothing before it is needed', async () => {
    const vm = createVm({}, { cacheDir: join(folder, 'cache') })
    assert.equal(vm.isOpen('a'), false)
    await vm.stop()
    assert.deepEqual(await readdir(folder), [])
  })

  it('is written to the cache whole, checked when it is read, and built again if it is not right', async () => {
    const cacheDir = join(folder, 'cache')
    const built = await loadEngine(cacheDir)
    const [name, ...others] = await readdir(cacheDir)
    assert.deepEqual([name, others], [`engine-${ENGINE_SHA256}.wasm`, []])
    assert.equal(Buffer.compare(await readFile(join(cacheDir, name!)), built), 0)

    const spoilt = Buffer.from(built)
    spoilt[spoilt.length >> 1]! ^= 1
    await writeFile(join(cacheDir, name!), spoilt)
    assert.equal(Buffer.compare(await loadEngine(cacheDir), built), 0)
    assert.equal(Buffer.compare(await readFile(join(cacheDir, name!)), built), 0)
  })

  it('is built for this run alone if the cache cannot be written', async () => {
    await writeFile(join(folder, 'a file'), '')
    assert((await loadEngine(join(folder, 'a file'))).length > 100_000)
  })
})
