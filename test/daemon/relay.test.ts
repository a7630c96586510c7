/** Three real processes: a relay, a host that can be reached through it alone, and whoever calls that host. */
import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createClient } from '../../daemon/api/client.ts'
import type { Client } from '../../daemon/api/types.ts'
import type { PeerSummary } from '../../daemon/api/vocabulary.ts'
import { type RunningNode, startNode } from '../support/amigo.ts'
import { tempFolder } from '../support/temp.ts'
import { until } from '../support/until.ts'

const SOURCE = `
let total = 0
export function add(by: number): number { total += by; return total }
/** @query */
export function current(): number { return total }
/** @query */
export function repeat(times: number): string { return 'x'.repeat(times) }
`
/** more than a frame holds */
const LARGE = 5_000_000

describe('a host behind a relay', function () {
  this.timeout(60_000)
  let folder: Awaited<ReturnType<typeof tempFolder>>
  let relay: RunningNode
  let host: RunningNode
  let bob: RunningNode
  let his: Client
  let name: string

  before(async () => {
    folder = await tempFolder()
    const contract = join(folder.path, 'counter')
    await mkdir(contract)
    await writeFile(join(contract, 'amigo.yaml'), 'name: counter\nversion: 0.1.0\nmain: main.ts\n')
    await writeFile(join(contract, 'main.ts'), SOURCE)
    relay = await startNode(join(folder.path, 'relay'), ['--relay'])
    const [address] = relay.info.addresses
    host = await startNode(join(folder.path, 'host'), [], [`${address}/p2p-circuit`])
    bob = await startNode(join(folder.path, 'bob'), ['--offline'], [])
    his = createClient({ home: bob.info.home })
    name = (await host.run<{ name: string }>('publish', contract)).name
    await bob.run('connect', address!)
  })
  after(async () => {
    await Promise.all([relay?.kill(), host?.kill(), bob?.kill()])
    await folder.remove()
  })

  const add = async (): Promise<unknown> => (await his.request('call', { name, method: 'add', args: [1] })).result

  it('has no other address than the one at the relay', async () => {
    assert.deepEqual(host.info.addresses, [`${relay.info.addresses[0]}/p2p-circuit/p2p/${host.info.peerId}`])
  })

  it('is found by its name, called and asked through the relay', async () => {
    assert.equal(await add(), 1)
    assert.equal(await add(), 2)
    assert.equal((await bob.run<{ result: number }>('query', name, 'current')).result, 2)
    const { peers } = await bob.run<{ peers: PeerSummary[] }>('peers')
    const there = peers.find(({ peerId }) => peerId === host.info.peerId)
    assert.ok(there?.relayed && there.internode, JSON.stringify(peers))
    assert.ok(there.agent?.startsWith('amigos/') && there.sent.frames > 0 && there.received.bytes > 0)
  })

  it('gives large answers, and its whole service', async () => {
    const { result } = await his.request('query', { name, method: 'repeat', args: [LARGE] })
    assert.equal((result as string).length, LARGE)
    const pulled = await bob.run<{ trust: string; blocks: number }>('pull', name)
    assert.equal(pulled.trust, 'signed')
  })

  it('answers pings, and is chatted with both ways', async () => {
    const ping = await bob.run<{ peerId: string; lost: number }>('ping', name, '--count', '2')
    assert.deepEqual([ping.peerId, ping.lost], [host.info.peerId, 0])
    const sent = await bob.run<{ state: string }>('chat', host.info.peerId, 'hello behind there')
    assert.equal(sent.state, 'delivered')
    const back = await host.run<{ state: string }>('chat', bob.info.peerId, 'hello in front')
    assert.equal(back.state, 'delivered')
  })

  it('is out of reach without the relay, says so, and is back with it: nothing is done twice', async () => {
    const [address] = relay.info.addresses
    await relay.kill()
    await until(
      () => host.run<{ addresses: string[] }>('status'),
      ({ addresses }) => addresses.length === 0,
    )
    const failed = await bob.try('call', name, 'add', '1')
    assert.notEqual(failed.code, 0)
    assert.equal(failed.json<{ error: { code: string } }>().error.code, 'PEER_UNREACHABLE')

    const [listen] = address!.split('/p2p/')
    relay = await startNode(relay.info.home, ['--relay'], [listen!])
    await until(
      () => host.run<{ addresses: string[] }>('status'),
      ({ addresses }) => addresses.length === 1,
    )
    assert.equal(
      await until(
        () => add().catch(() => undefined),
        (result) => result !== undefined,
      ),
      3,
    )
  })
})
