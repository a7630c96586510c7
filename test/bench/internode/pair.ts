/**
 * Two processes on loopback, TCP with noise and yamux as a node has them: the other one answers requests, queries and echoes. Bare echoes are of two
 * more nodes, of libp2p as it comes.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { noise } from '@chainsafe/libp2p-noise'
import { identify } from '@libp2p/identify'
import type { Libp2p, Stream } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import { lpStream } from '@libp2p/utils'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { CID } from 'multiformats/cid'
import { createAnswers } from '../../../daemon/calls/remote/answers.ts'
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
  /** One frame there and back on a bare stream, of libp2p as it comes. */
  bareEcho(body: Uint8Array): Promise<void>
  /** The same on a connection as nodes have them. */
  echo(body: Uint8Array): Promise<void>
  /** of the other process, in bytes */
  rss(): Promise<number>
  stop(): Promise<void>
}

/** As the daemon does. */
tuneCollector()

const COMMON = {
  addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
  transports: [tcp()],
  services: { identify: identify() },
}

const createBare = (): Promise<Libp2p> =>
  createLibp2p({ ...COMMON, connectionEncrypters: [noise()], streamMuxers: [yamux()] })

async function createNode(handlers: Record<string, Handler>): Promise<{ node: Libp2p; internode: Internode }> {
  const node = await createLibp2p({
    ...COMMON,
    connectionEncrypters: [boundedNoise()],
    streamMuxers: [boundedYamux()],
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
  const bare = await createBare()
  for (const one of [node, bare]) await one.handle(ECHO, echoing)
  process.on('message', () => process.send!(process.memoryUsage.rss()))
  const [address, bareAddress] = [node, bare].map((one) => String(one.getMultiaddrs()[0]))
  process.send!({ address, bareAddress, service: String(service) })
}

function echoing(stream: Stream): void {
  const lp = lpStream(stream)
  const loop = async (): Promise<void> => {
    for (;;) await lp.write(await lp.read())
  }
  loop().catch(() => undefined)
}

export async function startPair(): Promise<Pair> {
  const server = fork(import.meta.filename, ['serve'])
  const [{ address, bareAddress, service }] = (await once(server, 'message')) as [Record<string, string>]
  const bare = await createBare()
  const { node, internode } = await createNode({})
  const { remotePeer } = await node.dial(multiaddr(address!))
  return {
    internode,
    self: node.peerId.toString(),
    peer: remotePeer.toString(),
    service: CID.parse(service!),
    bareEcho: await openEcho(bare, bareAddress!),
    echo: await openEcho(node, address!),
    rss: () => rssOf(server),
    async stop() {
      server.kill()
      await internode.stop()
      await node.stop()
      await bare.stop()
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
