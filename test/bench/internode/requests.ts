/**
 * What a request and a query cost, beside a bare length-prefixed echo on a stream of libp2p as it comes and a unary call of @grpc/grpc-js; and such an
 * echo on a connection as nodes have them.
 */
import { createRemote } from '../../../daemon/calls/remote/remote.ts'
import { newIdentity } from '../../support/host.ts'
import { median } from '../kit/median.ts'
import { runPeer } from '../kit/peers.ts'
import type { Row } from '../kit/report.ts'
import { startPair } from './pair.ts'

const SEQUENTIAL = 2_000
const CONCURRENT = 10_000
const IN_FLIGHT = 64
const NOTHING = new TextEncoder().encode('[]')
const BODY = new Uint8Array(64).fill(1)
const signal = new AbortController().signal

interface Measured {
  /** microseconds */
  p50: number
  /** answers per second with IN_FLIGHT under way */
  rate: number
}

async function measure(ask: () => Promise<unknown>): Promise<Measured> {
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

export async function requests(): Promise<Row[]> {
  const { internode, self, peer, service, bareEcho, echo, stop } = await startPair()
  const identity = { ...(await newIdentity()), peerId: self }
  const remote = createRemote(internode, identity)
  const rounds: Record<'bare' | 'echo' | 'request' | 'query' | 'grpc', Measured>[] = []
  for (const _ of [1, 2, 3])
    rounds.push({
      bare: await measure(() => bareEcho(BODY)),
      echo: await measure(() => echo(BODY)),
      request: await measure(() => internode.request(peer, 'noop', BODY, { signal })),
      query: await measure(() => remote.query(peer, { service, method: 'noop', args: NOTHING }, { signal })),
      grpc: await runPeer<Measured>('grpc.mjs'),
    })
  await stop()
  const of = (pick: (round: (typeof rounds)[number]) => number): number => median(rounds.map(pick))
  const bare = { p50: of((r) => r.bare.p50), rate: of((r) => r.bare.rate) }
  const grpc = { p50: of((r) => r.grpc.p50), rate: of((r) => r.grpc.rate) }
  const latency = { value: of((r) => r.query.p50), unit: 'us' }
  const [echoed, called] = ['bare lpStream echo', '@grpc/grpc-js unary']
  return [
    { name: 'echo-latency-p50', value: of((r) => r.echo.p50), unit: 'us', peer: echoed, peerValue: bare.p50 },
    { name: 'request-latency-p50', value: of((r) => r.request.p50), unit: 'us', peer: echoed, peerValue: bare.p50 },
    { name: 'request-throughput', value: of((r) => r.request.rate), unit: '1/s', peer: echoed, peerValue: bare.rate },
    { name: 'query-latency-p50', ...latency, peer: echoed, peerValue: bare.p50 },
    { name: 'query-latency-p50-grpc', ...latency, peer: called, peerValue: grpc.p50 },
    { name: 'query-throughput', value: of((r) => r.query.rate), unit: '1/s', peer: called, peerValue: grpc.rate },
  ]
}
