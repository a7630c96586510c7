/** What small requests wait for while large answers are under way, and what a million of them leave in memory. */
import type { Internode } from '../../../protocol/types.ts'
import type { Row } from '../kit/report.ts'
import { startPair } from './pair.ts'

/** less while something is being tried: INTERNODE_PART=10 */
const PART = Number(process.env['INTERNODE_PART'] ?? 1)
const LARGE = 100
const LARGE_BYTES = 10 << 20
const SMALL_IDLE = 5_000
const WARM_UP = 100_000 / PART
const REQUESTS = 1_000_000 / PART
const IN_FLIGHT = 64
const BODY = new Uint8Array(64).fill(1)
const signal = new AbortController().signal

interface Asked {
  internode: Internode
  peer: string
}

async function timeOfOne({ internode, peer }: Asked): Promise<number> {
  const start = performance.now()
  await internode.request(peer, 'noop', BODY, { signal })
  return performance.now() - start
}

const p99 = (times: number[]): number => times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)]!

/** One small request after the other, as somebody waits for them. */
async function timesWhile(pair: Asked, isOver: () => boolean): Promise<number[]> {
  const times: number[] = []
  while (!isOver()) times.push(await timeOfOne(pair))
  return times
}

export async function smallBesideLarge(): Promise<Row[]> {
  const pair = await startPair()
  let left = SMALL_IDLE
  await timesWhile(pair, () => left-- <= 0)
  left = SMALL_IDLE
  const idle = await timesWhile(pair, () => left-- <= 0)
  const start = performance.now()
  let under = LARGE / PART
  const large = Array.from({ length: LARGE / PART }, async () => {
    const answer = (await pair.internode.request(pair.peer, 'large', null, {
      signal,
      timeoutMs: 600_000,
    })) as Uint8Array
    if (answer.length !== LARGE_BYTES) throw new Error('not the whole answer')
    under--
  })
  const beside = await timesWhile(pair, () => under === 0)
  await Promise.all(large)
  const seconds = (performance.now() - start) / 1_000
  await pair.stop()
  return [
    {
      name: 'small-beside-large-p99',
      value: p99(beside),
      unit: 'ms',
      peer: 'the same when idle',
      peerValue: p99(idle),
    },
    { name: 'small-beside-large-count', value: beside.length, unit: 'requests', peer: 'seconds', peerValue: seconds },
  ]
}

export async function rssAfterMany(): Promise<Row> {
  const pair = await startPair()
  const ask = async (count: number): Promise<void> => {
    let left = count
    const worker = async (): Promise<void> => {
      while (left-- > 0) await timeOfOne(pair)
    }
    await Promise.all(Array.from({ length: IN_FLIGHT }, worker))
  }
  await ask(WARM_UP)
  const before = await pair.rss()
  await ask(REQUESTS)
  const growth = (await pair.rss()) - before
  await pair.stop()
  const mib = (bytes: number): number => bytes / (1 << 20)
  return { name: 'rss-after-1m', value: mib(growth), unit: 'MiB', peer: 'what it was before', peerValue: mib(before) }
}
