/**
 * A DAG pulled in one go, beside a bare stream whose receiver hashes and keeps the same blocks, and beside Helia's bitswap in a session:
 * two processes on one machine, TCP on loopback, noise and yamux, both with the database of a node. Each run begins with an empty one.
 */
import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { CID } from 'multiformats/cid'
import { loadOrCreateKey } from '../../../daemon/node/key-file.ts'
import { createNode } from '../../../daemon/node/node.ts'
import { type Block, cborBlock, rawBlock } from '../../../daemon/store/block.ts'
import { openDatabase } from '../../../daemon/store/database.ts'
import { builtInNetwork } from '../../../registry/network/built-in.ts'
import { tempFolder } from '../../support/temp.ts'
import { median } from '../kit/median.ts'
import type { Row } from '../kit/report.ts'
import {
  type Bring,
  bringBare,
  bringByBitswap,
  bringByPull,
  type Offer,
  type Side,
  serveBare,
  servePull,
} from './pull-peers.ts'

const MIB = 1 << 20
/** less while something is being tried: PULL_MIB=256 */
const LARGE = Number(process.env['PULL_MIB'] ?? 1024)
/** a line for each run, with the processor time of the asking side in microseconds */
const VERBOSE = process.env['PULL_VERBOSE'] !== undefined
/** a run that takes longer never ends, and counts as that */
const MOST_MS = 180_000
const SMALL = 1_000
const SMALL_BYTES = 128

interface Shape {
  count: number
  bytes: number
}

async function makeSide(folder: string): Promise<Side & { stop(): Promise<void> }> {
  const database = await openDatabase(join(folder))
  const node = await createNode(
    {
      key: await loadOrCreateKey(`${folder}.key`),
      network: builtInNetwork(),
      blockstore: database.blockstore as never,
      datastore: database.datastore,
      local: database.blocks,
      records: {},
      version: '0',
      log: () => {},
    },
    { listen: ['/ip4/127.0.0.1/tcp/0'], bootstrap: [], offline: false },
  )
  await node.start()
  return {
    node,
    database,
    async stop() {
      await node.stop()
      await database.close()
      await rm(folder, { recursive: true })
      await rm(`${folder}.key`)
    },
  }
}

async function serve(folder: string, { count, bytes }: Shape): Promise<void> {
  const side = await makeSide(folder)
  const leaves: CID[] = []
  const blocks: Uint8Array[] = []
  for (let i = 0; i < count; i++) {
    const block: Block = rawBlock(randomBytes(bytes))
    leaves.push(block.cid)
    blocks.push(block.bytes)
    await side.database.scope().put([block])
  }
  const root = cborBlock({ leaves })
  await side.database.commit([{ put: 'block', ...root }])
  await side.database.compact()
  await servePull(side)
  await serveBare(side, blocks)
  const offer: Offer = {
    address: side.node.addresses()[0]!,
    root: root.cid.toString(),
    leaves: leaves.map(String),
    bytes: count * bytes,
  }
  process.on('disconnect', () => process.exit())
  process.send!(offer)
}

/** Seconds that each way takes: the median of so many rounds, the ways taking turns. */
async function measure(shape: Shape, ways: Record<string, Bring>, rounds: number): Promise<Record<string, number>> {
  const folder = await tempFolder('amigos-bench')
  const server = fork(import.meta.filename, ['serve', join(folder.path, 'server'), JSON.stringify(shape)])
  const times = new Map(Object.keys(ways).map((name) => [name, [] as number[]]))
  try {
    const [offer] = (await once(server, 'message')) as [Offer]
    for (let round = 0; round < rounds; round++)
      for (const [name, bring] of Object.entries(ways)) {
        const side = await makeSide(join(folder.path, `${name}-${round}`))
        const cpu = process.cpuUsage()
        const start = performance.now()
        const isOver = await Promise.race([bring(side, offer).then(() => true), wait(MOST_MS, false, { ref: false })])
        times.get(name)!.push(isOver ? (performance.now() - start) / 1_000 : Number.POSITIVE_INFINITY)
        if (VERBOSE) console.error(name, times.get(name)!.at(-1), process.cpuUsage(cpu))
        await side.stop()
      }
    return Object.fromEntries([...times].map(([name, values]) => [name, median(values)]))
  } finally {
    server.kill()
    await folder.remove()
  }
}

const WAYS = { pull: bringByPull, bare: bringBare, bitswap: bringByBitswap }

async function rows(name: string, shape: Shape, unit: string, amount: number, rounds: number): Promise<Row[]> {
  const taken = await measure(shape, WAYS, rounds)
  const rate = (way: keyof typeof WAYS): number => amount / taken[way]!
  const ours = { name, value: rate('pull'), unit }
  return [
    { ...ours, peer: 'bare stream, hashed and kept', peerValue: rate('bare') },
    { ...ours, peer: "Helia's bitswap in a session", peerValue: rate('bitswap') },
  ]
}

export const pull1GiB = (): Promise<Row[]> => rows('pull-1gib', { count: LARGE, bytes: MIB }, 'MiB/s', LARGE, 3)

export const pull1000Blocks = (): Promise<Row[]> =>
  rows('pull-1000-blocks', { count: SMALL, bytes: SMALL_BYTES }, 'blocks/s', SMALL, 7)

if (process.argv[2] === 'serve' && process.argv[1] === import.meta.filename)
  await serve(process.argv[3]!, JSON.parse(process.argv[4]!) as Shape)
