/** Pulls between processes, and what becomes of one whose holder is killed. */
import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { multiaddr } from '@multiformats/multiaddr'
import { type Key, keyOf } from '../../../protocol/pull/key.ts'
import { createPulls } from '../../../protocol/pull/service.ts'
import { createTestnet, type Testnet } from '../nodes.ts'
import { type Holder, heldDag } from './holder.ts'

const never = new AbortController().signal

describe('pulls between processes', () => {
  let net: Testnet
  const holders: ChildProcess[] = []
  beforeEach(() => {
    net = createTestnet()
  })
  afterEach(async () => {
    for (const holder of holders.splice(0)) holder.kill('SIGKILL')
    await net.stop()
  })

  async function hold(...args: string[]): Promise<Holder & { kill(): void }> {
    const child = fork(join(import.meta.dirname, 'holder.ts'), args)
    holders.push(child)
    const [holder] = (await once(child, 'message')) as [Holder]
    return { ...holder, kill: () => void child.kill('SIGKILL') }
  }

  async function start(): Promise<{ pull: (address: string, onBlock: (blocks: number) => void) => Promise<Key[]> }> {
    const node = await net.createBare()
    const pulls = createPulls(
      { node, open: async () => ({ get: async () => undefined }) },
      { limits: { retries: 60, retryMs: 50, maxRetryMs: 250 } },
    )
    await pulls.start()
    return {
      async pull(address, onBlock) {
        const { remotePeer } = await node.dial(multiaddr(address))
        await node.peerStore.merge(remotePeer, { multiaddrs: [multiaddr(address)] })
        const taken: Key[] = []
        await pulls.pull(
          remotePeer.toString(),
          { roots: [heldDag().root] },
          {
            signal: never,
            take: async (blocks) => void taken.push(...blocks.map(({ cid }) => keyOf(cid)!)),
            onProgress: ({ blocks }) => onBlock(blocks),
          },
        )
        return taken
      },
    }
  }

  it('bring everything', async () => {
    const { address } = await hold()
    const taken = await (await start()).pull(address, () => {})
    assert.deepEqual(new Set(taken), new Set(heldDag().blocks.keys()))
  })

  it('go on where they were when the holder was killed and comes back, and bring each block once', async () => {
    const holder = await hold()
    const port = multiaddr(holder.address)
      .getComponents()
      .find(({ name }) => name === 'tcp')!.value!
    let back: Promise<unknown> | undefined
    const taken = await (await start()).pull(holder.address, (blocks) => {
      if (blocks < 30 || back) return
      holder.kill()
      back = hold(port, holder.key)
    })
    assert(back !== undefined)
    await back
    assert.equal(taken.length, new Set(taken).size)
    assert.deepEqual(new Set(taken), new Set(heldDag().blocks.keys()))
  })
})
