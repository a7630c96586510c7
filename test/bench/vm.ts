/** What the virtual machine costs, for specs/vm.md: `node test/bench/vm.ts`. Takes about 20 s. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildEngine } from '../../daemon/vm/engine/build-engine.ts'
import { readGuestProfile } from '../../daemon/vm/engine/guest-profile.ts'
import { loadEngine } from '../../daemon/vm/engine/load-engine.ts'
import { Machine } from '../../daemon/vm/machine/machine.ts'
import { createQuickJs } from '../../daemon/vm/machine/quickjs.ts'
import { leavesOf } from '../../daemon/vm/merkle.ts'
import type { CallRequest, Origin } from '../../daemon/vm/types.ts'
import { createVm } from '../../daemon/vm/vm.ts'

const CONTRACT = Buffer.from(`
  let n = 0
  const balances = new Map(Array.from({ length: 1000 }, (_, i) => ['u' + i, 1e9]))
  const chunks = []
  export const increment = () => ++n
  export function transfer(from, to, amount) {
    if (balances.get(from) < amount) throw new RangeError('insufficient')
    balances.set(from, balances.get(from) - amount)
    balances.set(to, balances.get(to) + amount)
    return balances.get(to)
  }
  export function fill(megabytes) { for (let i = 0; i < megabytes * 16; i++) chunks.push(new Uint8Array(65000).fill(i)) }
`)

function request(method: string, args: unknown[] = []): CallRequest {
  return {
    method,
    args: Buffer.from(JSON.stringify(args)),
    context: {
      caller: 'caller',
      owner: 'owner',
      service: 'service',
      time: 1_700_000_000_000,
      seed: new Uint8Array(32),
    },
    limits: { gas: 100_000_000_000n, wallMs: 60_000, resultBytes: 65_536 },
  }
}
const transfer = (i: number): CallRequest => request('transfer', [`u${(i * 7) % 1000}`, `u${(i * 13) % 1000}`, 1])

/** Prints the median over `times` runs, after as many that are not counted. */
async function median(what: string, times: number, run: (i: number) => unknown): Promise<void> {
  const taken: number[] = []
  for (let i = 0; i < 2 * times; i++) {
    const start = performance.now()
    await run(i)
    if (i >= times) taken.push(performance.now() - start)
  }
  const value = taken.sort((a, b) => a - b)[times >> 1]!
  console.log(`  ${what}: ${value < 1 ? `${(value * 1000).toFixed(1)} us` : `${value.toFixed(1)} ms`}`)
}

async function once<T>(what: string, run: () => Promise<T>): Promise<T> {
  const start = performance.now()
  const result = await run()
  console.log(`  ${what}: ${(performance.now() - start).toFixed(0)} ms`)
  return result
}

const cacheDir = await mkdtemp(join(tmpdir(), 'amigos-bench-'))
try {
  console.log('engine')
  await once('build, not cached', buildEngine)
  await loadEngine(cacheDir)
  const bytes = await once('load from the cache', () => loadEngine(cacheDir))
  const module = new WebAssembly.Module(bytes)
  const engine = createQuickJs(module, readGuestProfile(module))

  for (const megabytes of [0, 48]) {
    const { machine } = Machine.genesis(engine, CONTRACT, request('init'))
    machine!.call(request('fill', [megabytes]))
    const origin: Origin = { image: machine!.image(), root: machine!.root() }
    const leaves = leavesOf(origin.image.memory)
    console.log(`machine, ${((origin.image.pages * 65_536) / 1e6).toFixed(1)} MB live`)
    await median('query increment', 3000, () => machine!.query(request('increment')))
    await median('call increment (runs, delta, root)', 3000, () => machine!.call(request('increment')))
    await median('call transfer (runs, delta, root)', 3000, (i) => machine!.call(transfer(i)))
    let delta = 0
    for (let i = 0; i < 1000; i++) delta += machine!.call(transfer(i)).change!.delta.bytes.length
    console.log(`  delta of a transfer: ${Math.round(delta / 1000)} bytes`)
    await median('query that runs out of gas', 200, () => {
      const short = request('increment')
      machine!.query({ ...short, limits: { ...short.limits, gas: 1000n } })
    })
    const copy = () => ({ ...origin.image, memory: origin.image.memory.slice() })
    await median('open from an image', 7, () => Machine.open(engine, { ...origin, image: copy() }))
    await median('open, leaves known', 7, () => Machine.open(engine, { ...origin, image: copy(), leaves }))
  }
  await median('genesis', 7, () => Machine.genesis(engine, CONTRACT, request('init')))

  console.log('through createVm')
  const vm = createVm({}, { cacheDir, workers: 2 })
  const { origin } = await once('first genesis, with the worker', () => vm.genesis('a', CONTRACT, request('init')))
  await once('second genesis, with its worker', () => vm.genesis('b', CONTRACT, request('init')))
  await median('query increment', 3000, () => vm.query('a', request('increment')))
  await median('call increment', 3000, () => vm.call('a', request('increment')))
  await median('20 calls at once on each of 2 services', 200, () =>
    Promise.all(Array.from({ length: 40 }, (_, i) => vm.call(i % 2 ? 'a' : 'b', request('increment')))),
  )
  await median('open and close', 20, async (i) => {
    await vm.open(`c${i}`, origin!)
    await vm.close(`c${i}`)
  })
  await vm.stop()
} finally {
  await rm(cacheDir, { recursive: true, force: true })
}
