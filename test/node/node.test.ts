import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer, type Server } from 'node:net'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { sha256 } from 'multiformats/hashes/sha2'
import { createNodes, soon, type TestNodes } from './helpers.ts'

describe('a node', () => {
  let nodes: TestNodes
  const make: TestNodes['make'] = (...args) => nodes.make(...args)
  const block = async (text: string): Promise<{ cid: CID; bytes: Uint8Array }> => {
    const bytes = new TextEncoder().encode(text)
    return { cid: CID.createV1(raw.code, await sha256.digest(bytes)), bytes }
  }

  before(async () => {
    nodes = await createNodes()
  })
  after(() => nodes.remove())
  afterEach(() => nodes.stop())

  it('listens on TCP and WebSocket, and says full addresses', async () => {
    const { node } = await make('a')
    await node.start()
    const addresses = node.addresses()
    assert.equal(addresses.length, 2)
    assert.ok(addresses.every((address) => address.endsWith(`/p2p/${node.peerId}`)))
    assert.ok(addresses.some((address) => address.includes('/ws/')))
  })

  it('is connected to over either transport, and gives its blocks by bitswap', async () => {
    const a = await make('a')
    await a.node.start()
    const [tcp, ws] = a.node.addresses().sort((x) => (x.includes('/ws/') ? 1 : -1))
    for (const [i, address] of [tcp!, ws!].entries()) {
      const b = await make(`b${i}`)
      await b.node.start()
      assert.equal(await b.node.connect(address, soon()), a.node.peerId)
      const wanted = await block(`a block over ${address}`)
      await a.database.blocks.put([wanted])
      const bytes = await b.node.fetcher.block(wanted.cid, { ...soon(), providers: [a.node.peerId] })
      assert.deepEqual(Uint8Array.from(bytes), wanted.bytes)
      assert.ok(b.node.traffic.received > wanted.bytes.length && b.node.traffic.sent > 0, 'it is counted')
      assert.ok(await b.database.blocks.has(wanted.cid), 'it is kept')
    }
  })

  it('walks a whole DAG, and counts what came from elsewhere', async () => {
    const a = await make('a')
    const b = await make('b')
    await a.node.start()
    await b.node.start()
    await b.node.connect(a.node.addresses()[0]!, soon())
    const blocks = await Promise.all(Array.from({ length: 50 }, (_, i) => block(`leaf ${i}`)))
    await a.database.blocks.put(blocks)
    await b.database.blocks.put(blocks.slice(1, 11))
    const [root, ...leaves] = blocks.map(({ cid }) => cid)
    const links = (cid: CID): CID[] => (cid.equals(root!) ? leaves : [])
    const moved = await b.node.fetcher.dag(root!, links, { ...soon(), providers: [a.node.peerId] })
    assert.equal(moved.blocks, 40)
  })

  it('says that nobody has a block, alone and among others', async () => {
    const a = await make('a')
    const b = await make('b')
    await a.node.start()
    const { cid } = await block('nobody has this')
    await assert.rejects(a.node.fetcher.block(cid, soon()), { code: 'CONTENT_NOT_FOUND' })
    await b.node.start()
    await b.node.connect(a.node.addresses()[0]!, soon())
    const brief = { signal: AbortSignal.timeout(1_000) }
    await assert.rejects(b.node.fetcher.block(cid, brief), { code: 'CONTENT_NOT_FOUND' })
  })

  it('names a busy port', async () => {
    const server: Server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const { node } = await make('a', { listen: [`/ip4/127.0.0.1/tcp/${port}`] })
    await assert.rejects(node.start(), { code: 'PORT_IN_USE' })
    server.close()
  })

  it('says which addresses of others it would dial: none that cannot be read', async () => {
    const { node } = await make('a')
    const peer = '12D3KooWBmAwcd4PJNJvfV89HwE48nwkRmAgo8Vy3uQEyNNHBox2'
    const at = (text: string): boolean => node.mayDial(`${text}/p2p/${peer}`)
    assert.deepEqual(
      ['/ip4/8.8.8.8/tcp/1', '/ip4/10.0.0.1/tcp/1', '/ip4/8.8.8.8/tcp/1/p2p/nobody/p2p-circuit'].map(at),
      [true, false, false],
    )
  })

  it('names addresses that are none, and peers that do not answer', async () => {
    await assert.rejects(make('x', { listen: ['nonsense'] }), { code: 'ADDRESS_INVALID' })
    await assert.rejects(make('y', { bootstrap: ['/ip4/127.0.0.1/tcp/1'] }), { code: 'ADDRESS_INVALID' })
    const { node } = await make('a')
    await node.start()
    await assert.rejects(node.connect('/ip4/127.0.0.1/tcp/1', soon()), { code: 'DIAL_FAILED' })
  })

  it('stays silent offline', async () => {
    const { node } = await make('a', { offline: true })
    await node.start()
    assert.deepEqual(node.addresses(), [])
  })
})
