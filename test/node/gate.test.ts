import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { mock } from 'node:test'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PeerId } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { dnsaddrResolver } from 'libp2p'
import type { AmigosNode } from '../../daemon/node/node.ts'
import { createNodes, soon, type TestNodes } from './helpers.ts'

/** Counts who knocks, and shuts the door. */
async function startDoor(
  where: { host: string } | { path: string },
): Promise<{ server: Server; knocks: () => number }> {
  let knocks = 0
  const server = createServer((socket) => {
    knocks++
    socket.destroy()
  })
  server.listen('path' in where ? where : { ...where, port: 0 })
  await once(server, 'listening')
  return { server, knocks: () => knocks }
}

describe('a node that lives on no local network', () => {
  let nodes: TestNodes
  let node: AmigosNode
  let stranger: PeerId
  let doors: Awaited<ReturnType<typeof startDoor>>[]
  let port: number

  before(async () => {
    nodes = await createNodes()
  })
  after(() => nodes.remove())
  beforeEach(async () => {
    doors = [await startDoor({ host: '127.0.0.1' }), await startDoor({ path: join(nodes.path, 'door') })]
    port = (doors[0]!.server.address() as AddressInfo).port
    node = (await nodes.make('a', { offline: true })).node
    await node.start()
    stranger = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
  })
  afterEach(async () => {
    mock.restoreAll()
    await nodes.stop()
    for (const { server } of doors) server.close()
  })

  const knocks = (): number[] => doors.map((door) => door.knocks())
  const dialStranger = async (addresses: string[]): Promise<unknown> => {
    await node.libp2p.peerStore.save(stranger, { multiaddrs: addresses.map((address) => multiaddr(address)) })
    return node.libp2p.dial(stranger, soon())
  }

  it("dials none of a stranger's addresses that lead there", async () => {
    const hosts = ['ip4/127.0.0.1', 'ip6/::ffff:7f00:1', 'dns4/localhost', 'dns/A.LOCALHOST.', 'dns4/127.0.0.1']
    const addresses = [
      ...hosts.flatMap((host) => [`/${host}/tcp/${port}`, `/${host}/tcp/${port}/ws`]),
      `/ip6zone/lo/ip6/::1/tcp/${port}`,
      `/dns4/127.0.0.1#.localhost/tcp/${port}/ws`,
      `/ip4/8.8.8.8/tcp/443/tls/sni/localhost/ws`,
      `/unix/${encodeURIComponent(join(nodes.path, 'door'))}`,
    ]
    await assert.rejects(dialStranger(addresses), { name: 'DialDeniedError' })
    for (const address of addresses)
      await assert.rejects(node.libp2p.dial(multiaddr(address), soon()), { name: 'DialDeniedError' }, address)
    assert.deepEqual(knocks(), [0, 0])
  })

  it('dials them once its user has named one', async () => {
    await assert.rejects(node.connect(`/ip4/127.0.0.1/tcp/${port}`, soon()), { code: 'DIAL_FAILED' })
    assert.deepEqual(knocks(), [1, 0])
    await assert.rejects(dialStranger([`/dns4/localhost/tcp/${port}`]))
    assert.deepEqual(knocks(), [2, 0])
  })

  it('asks no name server about a name that its user did not name, and judges what the answer leads to', async () => {
    const asked = mock.method(dnsaddrResolver, 'resolve', async () => [multiaddr(`/ip4/127.0.0.1/tcp/${port}`)])
    await assert.rejects(dialStranger(['/dnsaddr/seed.example']))
    assert.equal(asked.mock.callCount(), 0)
    await assert.rejects(node.connect('/dnsaddr/seed.example', soon()), { code: 'DIAL_FAILED' })
    assert.equal(asked.mock.callCount(), 1)
    assert.deepEqual(knocks(), [0, 0])
  })
})
