/** Two processes on loopback, TCP with noise and yamux: the other one answers requests, queries and echoes. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { identify } from '@libp2p/identify'
import type { Libp2p, Stream } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import { lpStream } from '@libp2p/utils'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { CID } from 'multiformats/cid'
import { createAnswers } from '../../../daemon/calls/answers.ts'
import { boundedNoise } from '../../../daemon/node/bounded-noise.ts'
import { boundedYamux } from '../../../daemon/node/bounded-yamux.ts'
import { tuneCollector } from '../../../daemon/tune-collector.ts'
import { createInternode } from '../../../protocol/service.ts'
import type { Handler, Internode } from '../../../protocol/types.ts'
import { startHost } from '../../support/host.ts'

const ECHO = '/bench/echo/1.0.0'
const LARGE = new Uint8Array(10 << 20).fill(7)

export interface Pair {
  internode: Internode
  /** peer ID of this process */
  self: string
  /** of the other one */
  peer: string
  /** a contract's service on it, with the function `noop` */
  service: CID
  /** One frame there and back on a bare stream. */
  echo(body: Uint8Array): Promise<void>
  /** of the other process, in bytes */
  rss(): Promise<number>
  stop(): Promise<void>
}

/** As the daemon does. */
tuneCollector()

async function createNode(handlers: Record<string, Handler>): Promise<{ node: Libp2p; internode: Internode }> {
  const node = await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [boundedNoise()],
    streamMuxers: [boundedYamux()],
    services: { identify: identify() },
  })
  const internode = createInternode({ node, handlers }, { network: 'bench', agent: 'bench' })
  await internode.start()
  return { node, internode }
}

async function serve(): Promise<void> {
  const host = await startHost()
  const service = await host.serve('export function noop(): null { return null }')
  const answers = createAnswers({ ...host, log: console.error })
  const { node } = await createNode({ ...answers, noop: async (body) => body, large: async () => LARGE })
  await node.handle(ECHO, (stream: Stream) => {
    const lp = lpStream(stream)
    const loop = async (): Promise<void> => {
      for (;;) await lp.write(await lp.read())
    }
    loop().catch(() => undefined)
  })
  process.on('message', () => process.send!(process.memoryUsage.rss()))
  process.send!({ address: String(node.getMultiaddrs()[0]), service: String(service) })
}

export async function startPair(): Promise<Pair> {
  const server = fork(import.meta.filename, ['serve'])
  const [{ address, service }] = (await once(server, 'message')) as [{ address: string; service: string }]
  const { node, internode } = await createNode({})
  const { remotePeer } = await node.dial(multiaddr(address))
  return {
    internode,
    self: node.peerId.toString(),
    peer: remotePeer.toString(),
    service: CID.parse(service),
    echo: await openEcho(node, address),
    rss: () => rssOf(server),
    async stop() {
      server.kill()
      await internode.stop()
      await node.stop()
    },
  }
}

async function rssOf(server: ChildProcess): Promise<number> {
  server.send('rss')
  const [bytes] = (await once(server, 'message')) as [number]
  return bytes
}

/** Frames come back in order, so the oldest waiting asker gets the next one. */
async function openEcho(node: Libp2p, address: string): Promise<Pair['echo']> {
  const lp = lpStream(await node.dialProtocol(multiaddr(address), ECHO))
  const waiting: (() => void)[] = []
  const loop = async (): Promise<void> => {
    for (;;) {
      await lp.read()
      waiting.shift()?.()
    }
  }
  loop().catch(() => undefined)
  return async (body) => {
    const { promise, resolve } = Promise.withResolvers<void>()
    waiting.push(resolve)
    await lp.write(body)
    await promise
  }
}

if (process.argv[2] === 'serve') await serve()
