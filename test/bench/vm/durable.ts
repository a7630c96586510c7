/** Calls that are made durable: signed, executed, committed with fsync, on a host without a network. */
import { randomBytes } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { openCall } from '../../../daemon/calls/receipt/signed-call.ts'
import { createExecuteOpened } from '../../../daemon/calls/run/execute.ts'
import { CHECKPOINT_COMMITS, REST_COMMITS } from '../../../daemon/store/constants.ts'
import { PREPARE_MS } from '../../../daemon/vm/constants.ts'
import { type Host, startHost } from '../../support/host.ts'
import { median, medianUs } from '../kit/median.ts'
import type { Row } from '../kit/report.ts'

const TOKEN = `
  const balances = new Map<string, number>(Array.from({ length: 1000 }, (_, i) => ['user' + i, 1_000_000]))
  export function transfer(from: string, to: string, amount: number): number {
    const balance = balances.get(from) ?? 0
    if (balance < amount) throw new RangeError('insufficient')
    balances.set(from, balance - amount)
    balances.set(to, (balances.get(to) ?? 0) + amount)
    return balance - amount
  }
`
const COUNTER = 'let n = 0\nexport function increment(): number { return ++n }'
const never = new AbortController().signal
/** Calls under way at a time, from so many sources: what the queue of a service takes. */
const IN_FLIGHT = 960
const SOURCES = 8
const CALLS = 24_000
/** Calls after which the code of both threads is compiled. */
const WARM = 12_000

async function onHost<T>(use: (host: Host) => Promise<T>): Promise<T> {
  const host = await startHost()
  try {
    return await use(host)
  } finally {
    await host.stop()
  }
}

/** One call after the other, each a commit with its fsync, beside a synced write of as many bytes to the same kind of database. */
export const commits = (): Promise<Row[]> =>
  onHost(async (host) => {
    const service = await host.serve(TOKEN)
    const [first, count] = [await blockBytes(host), 1000]
    const execute = createExecuteOpened({ ...host, now: Date.now })
    const signed = await sign(host, service, 'transfer', 2 * count, (i) => [
      `user${(i * 7) % 1000}`,
      `user${(i * 13) % 1000}`,
      1,
    ])
    const call = (i: number) => execute(signed[i]!.call, signed[i]!.envelope, { from: 'local', signal: never })
    const commit = await medianUs(call, { times: count, warm: count })
    await host.history.idle()
    const bytes = ((await blockBytes(host)) - first) / (2 * count)
    const write = await medianUs(
      (i) => host.database.commit([{ put: 'meta', key: `bench/${i}`, value: randomBytes(Math.round(bytes)) }]),
      { times: count, warm: 100 },
    )
    const head = (await host.history.head(service))!
    const { delta } = await host.history.commit(head.commit)
    const lines = delta && 'lines' in delta ? new Set(Array.from(delta.lines, (line) => line >> 4)).size * 4096 : 0
    return [
      { name: 'commit-durable', value: commit / 1000, unit: 'ms', peer: 'bare synced write', peerValue: write / 1000 },
      { name: 'commit-bytes', value: bytes, unit: 'bytes', peer: 'the changed pages of 4 KiB', peerValue: lines },
    ]
  })

/** Many callers of one service at a time, signatures checked before, beside one call after the other. */
export const groups = (): Promise<Row> =>
  onHost(async (host) => {
    const service = await host.serve(COUNTER)
    const execute = createExecuteOpened({ ...host, now: Date.now })
    const run = async (calls: Awaited<ReturnType<typeof sign>>, inFlight: number): Promise<number> => {
      const waiting = [...calls]
      const start = performance.now()
      const worker = async (_: unknown, i: number): Promise<void> => {
        for (let next = waiting.pop(); next !== undefined; next = waiting.pop())
          await execute(next.call, next.envelope, { from: `source ${i % SOURCES}`, signal: never })
      }
      await Promise.all(Array.from({ length: inFlight }, worker))
      return (calls.length / (performance.now() - start)) * 1000
    }
    await run(await sign(host, service, 'increment', WARM), IN_FLIGHT)
    const rates: number[] = []
    for (let round = 0; round < 3; round++)
      rates.push(await run(await sign(host, service, 'increment', CALLS / 3), IN_FLIGHT))
    const alone = await run(await sign(host, service, 'increment', 500), 1)
    const unit = 'calls/s'
    return { name: 'group-commit', value: median(rates), unit, peer: 'one call after the other', peerValue: alone }
  })

/** A query to a service that is closed: its state is read from the disk and opened in a warm worker; beside one to an open service. */
export const coldOpen = (): Promise<Row> =>
  onHost(async (host) => {
    const service = await host.serve(COUNTER)
    for (let i = 0; i < 2.5 * CHECKPOINT_COMMITS; i++) await host.call(service, 'increment')
    // as when it is closed because nobody uses it
    await host.history.rest(service)
    await host.history.idle()
    for (let i = 0; i < REST_COMMITS / 2; i++) await host.call(service, 'increment')
    const warm = await medianUs(() => host.query(service, 'increment'), { times: 200 })
    const cold: number[] = []
    for (let i = 0; i < 30; i++) {
      await host.instances.discard(service)
      // it was closed long ago: the worker has had time for what it does when it is idle
      await setTimeout(5 * PREPARE_MS)
      const start = performance.now()
      await host.query(service, 'increment')
      cold.push(performance.now() - start)
    }
    return { name: 'cold-open', value: median(cold), unit: 'ms', peer: 'warm query', peerValue: warm / 1000 }
  })

async function sign(
  host: Host,
  service: Parameters<Host['sign']>[0],
  method: string,
  count: number,
  args: (i: number) => Parameters<Host['sign']>[2] = () => [],
) {
  const signed = []
  for (let i = 0; i < count; i++) {
    const envelope = await host.sign(service, method, args(i))
    signed.push({ envelope, call: await openCall(envelope, 'call', host.identity) })
  }
  return signed
}

/** All blocks of the database: commits, deltas, checkpoints. */
async function blockBytes(host: Host): Promise<number> {
  let bytes = 0
  for await (const { bytes: chunks } of host.database.blockstore.getAll())
    for await (const chunk of chunks) bytes += chunk.length
  return bytes
}
