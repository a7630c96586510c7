/**
 * What a request over the internode costs, beside a bare length-prefixed echo on a stream of its own: two processes, TCP on loopback.
 *
 *   npm run bench -- internode
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { noise } from '@chainsafe/libp2p-noise'
import { identify } from '@libp2p/identify'
import type { Libp2p, Stream } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import { lpStream } from '@libp2p/utils'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { createInternode } from '../../protocol/service.ts'
import type { Internode } from '../../protocol/types.ts'
import { median } from './kit/median.ts'
import { type Row, report } from './kit/report.ts'

const ECHO = '/bench/echo/1.0.0'
const SEQUENTIAL = 5_000
const CONCURRENT = 20_000
const IN_FLIGHT = 64
const BODY = new Uint8Array(64).fill(1)
const signal = new AbortController().signal

async function createNode(): Promise<{ node: Libp2p; internode: Internode }> {
  const node = await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux({ streamOptions: { maxStreamWindowSize: 1 << 20, maxReadBufferLength: 4 << 20 } })],
    services: { identify: identify() },
  })
  const internode = createInternode(
    { node, handlers: { noop: async (body) => body } },
    { network: 'bench', agent: 'bench' },
  )
  await internode.start()
  return { node, internode }
}

async function serve(): Promise<void> {
  const { node } = await createNode()
  await node.handle(ECHO, (stream: Stream) => {
    const lp = lpStream(stream)
    const loop = async (): Promise<void> => {
      for (;;) await lp.write(await lp.read())
    }
    loop().catch(() => undefined)
  })
  process.send!(node.getMultiaddrs().map(String))
}

/** p50 in microseconds, and answers per second with IN_FLIGHT under way. */
async function measure(ask: () => Promise<unknown>): Promise<{ p50: number; rate: number }> {
  for (let i = 0; i < 1_000; i++) await ask()
  const times: number[] = []
  for (let i = 0; i < SEQUENTIAL; i++) {
    const start = performance.now()
    await ask()
    times.push(performance.now() - start)
  }
  times.sort((a, b) => a - b)
  let left = CONCURRENT
  const worker = async (): Promise<void> => {
    while (left-- > 0) await ask()
  }
  const start = performance.now()
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker))
  const rate = (CONCURRENT / (performance.now() - start)) * 1_000
  return { p50: times[SEQUENTIAL >> 1]! * 1_000, rate }
}

/** Frames come back in order, so the oldest waiting asker gets the next one. */
async function openEcho(node: Libp2p, address: string): Promise<() => Promise<unknown>> {
  const lp = lpStream(await node.dialProtocol(multiaddr(address), ECHO))
  const waiting: (() => void)[] = []
  const loop = async (): Promise<void> => {
    for (;;) {
      await lp.read()
      waiting.shift()?.()
    }
  }
  loop().catch(() => undefined)
  return async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    waiting.push(resolve)
    await lp.write(BODY)
    await promise
  }
}

async function ask(): Promise<Row[]> {
  const server = fork(import.meta.filename, ['serve'])
  const [[address]] = (await once(server, 'message')) as [string[]]
  const { node, internode } = await createNode()
  const { remotePeer } = await node.dial(multiaddr(address!))
  const echo = await openEcho(node, address!)
  const request = (): Promise<unknown> => internode.request(remotePeer.toString(), 'noop', BODY, { signal })
  const rounds: Record<'bare' | 'ours', Awaited<ReturnType<typeof measure>>>[] = []
  for (const _ of [1, 2, 3]) rounds.push({ bare: await measure(echo), ours: await measure(request) })
  server.kill()
  await internode.stop()
  await node.stop()
  const of = (pick: (round: (typeof rounds)[number]) => number): number => median(rounds.map(pick))
  const peer = 'bare lpStream echo'
  return [
    { name: 'request-latency-p50', value: of((r) => r.ours.p50), unit: 'us', peer, peerValue: of((r) => r.bare.p50) },
    { name: 'request-throughput', value: of((r) => r.ours.rate), unit: '1/s', peer, peerValue: of((r) => r.bare.rate) },
  ]
}

await (process.argv[2] === 'serve' ? serve() : report([ask]))
