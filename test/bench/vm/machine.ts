/** The machine by itself: no thread, no disk, no network. */
import { buildEngine } from '../../../daemon/vm/engine/build-engine.ts'
import { readGuestProfile } from '../../../daemon/vm/engine/guest-profile.ts'
import { Machine } from '../../../daemon/vm/machine/machine.ts'
import { createQuickJs } from '../../../daemon/vm/machine/quickjs.ts'
import { leavesOf } from '../../../daemon/vm/merkle.ts'
import type { CallRequest } from '../../../daemon/vm/types.ts'
import { median, medianUs } from '../kit/median.ts'
import { runPeer } from '../kit/peers.ts'
import type { Row } from '../kit/report.ts'
import { createBareQuickJs } from './bare-quickjs.ts'

const COUNTER = `
  let n = 0
  const chunks = []
  export const increment = () => ++n
  export function fill(megabytes) { for (let i = 0; i < megabytes * 16; i++) chunks.push(new Uint8Array(65000).fill(i)) }
`
/** The token of test/bench/peers/token.sol, statement by statement. */
const TOKEN = `
  const addresses = Array.from({ length: 1001 }, (_, i) => '0x' + i.toString(16).padStart(40, '0'))
  const balances = new Map()
  let transfers = 0
  for (let i = 1; i <= 1000; i++) balances.set(addresses[i], 1000000n)
  export function run(count) {
    for (let i = 0; i < count; i++) {
      const from = addresses[i * 7 % 1000 + 1]
      const to = addresses[i * 13 % 1000 + 1]
      const balance = balances.get(from)
      if (balance < 1n) throw new RangeError('insufficient')
      balances.set(from, balance - 1n)
      balances.set(to, balances.get(to) + 1n)
      transfers++
    }
    return transfers
  }
`
const TRANSFERS = 20_000

const module = new WebAssembly.Module(await buildEngine())
const engine = createQuickJs(module, readGuestProfile(module))

export function request(method: string, args: unknown[] = []): CallRequest {
  const context = {
    caller: 'caller',
    origin: 'caller',
    chain: [],
    call: '',
    owner: 'owner',
    service: 'service',
    time: 1_700_000_000_000,
  }
  return {
    method,
    args: Buffer.from(JSON.stringify(args)),
    context: { ...context, seed: new Uint8Array(32) },
    limits: { gas: 100_000_000_000n, wallMs: 60_000, resultBytes: 65_536 },
  }
}

function machineOf(source: string): Machine {
  const { machine } = Machine.genesis(engine, Buffer.from(source), request('init'))
  return machine!
}

/** A query of an increment, put back, beside the same call in the engine as it comes, which meters nothing and keeps what it did. */
export async function queries(): Promise<Row[]> {
  const small = machineOf(COUNTER)
  const query = await medianUs(() => small.query(request('increment')), { times: 5000 })
  const bare = await createBareQuickJs(COUNTER)
  const increment = await medianUs(() => bare('increment'), { times: 5000 })
  const large = machineOf(COUNTER)
  large.call(request('fill', [58]))
  const filled = await medianUs(() => large.query(request('increment')), { times: 5000 })
  return [
    { name: 'query-increment', value: query, unit: 'us', peer: 'bare quickjs-wasi call', peerValue: increment },
    { name: 'query-increment-64mb', value: filled, unit: 'us', peer: 'query-increment', peerValue: query },
  ]
}

/** Opening from an image, beside what it cannot do without: an instance, and the memory copied into it. */
export async function machineOpen(): Promise<Row> {
  const machine = machineOf(COUNTER)
  const [image, root] = [machine.image(), machine.root()]
  const leaves = leavesOf(image.memory)
  const copy = () => ({ ...image, memory: image.memory.slice() })
  const value = await medianUs(() => Machine.open(engine, { image: copy(), root, leaves }), { times: 15 })
  const bare = await medianUs(
    () => {
      const guest = engine.createGuest(image.anchors)
      guest.instance.memory.set(image.memory)
    },
    { times: 15 },
  )
  return { name: 'machine-open', value: value / 1000, unit: 'ms', peer: 'instance and copy', peerValue: bare / 1000 }
}

/** Many transfers inside one call, with delta and root at its end, beside two Ethereum virtual machines. */
export async function transfers(): Promise<Row[]> {
  const machine = machineOf(TOKEN)
  const taken: number[] = []
  for (let i = 0; i < 9; i++) {
    const start = performance.now()
    machine.call(request('run', [TRANSFERS]))
    if (i > 1) taken.push(((performance.now() - start) / TRANSFERS) * 1000)
  }
  const value = median(taken)
  const { edr, ethereumjs } = await runPeer<{ edr: number; ethereumjs: number }>('evm.mjs')
  return [
    { name: 'transfer-edr', value, unit: 'us', peer: 'Hardhat EDR', peerValue: edr },
    { name: 'transfer-ethereumjs', value, unit: 'us', peer: '@ethereumjs/vm', peerValue: ethereumjs },
  ]
}
