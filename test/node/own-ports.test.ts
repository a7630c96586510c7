import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { createOwnPorts, type OwnPorts } from '../../daemon/node/own-ports.ts'

const ANY = multiaddr('/ip4/127.0.0.1/tcp/0')
const SOCKET = multiaddr('/ip4/127.0.0.1/tcp/0/ws')

describe('the ports of a node', () => {
  let disk: Map<string, Uint8Array>
  const servers: Server[] = []

  const make = (): OwnPorts =>
    createOwnPorts({ get: async (key) => disk.get(key), put: async (key, value) => void disk.set(key, value) })
  const listen = async (): Promise<{ port: number; server: Server }> => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    servers.push(server)
    return { port: (server.address() as AddressInfo).port, server }
  }
  const freePort = async (): Promise<number> => {
    const { port, server } = await listen()
    server.close()
    await once(server, 'close')
    return port
  }
  const at = (port: number, rest = ''): Multiaddr => multiaddr(`/ip4/127.0.0.1/tcp/${port}${rest}`)
  /** What a node listened on once. */
  const had = async (wanted: Multiaddr[], bound: Multiaddr[]): Promise<void> => {
    const ports = make()
    await ports.choose(wanted, {})
    await ports.note(bound)
  }

  beforeEach(() => {
    disk = new Map()
  })
  after(() => {
    for (const server of servers) server.close()
  })

  it('are the same after a restart, each for its transport', async () => {
    const [tcp, socket] = [await freePort(), await freePort()]
    await had([ANY, SOCKET], [at(socket, '/ws'), at(tcp)])
    assert.deepEqual((await make().choose([ANY, SOCKET], {})).map(String), [`${at(tcp)}`, `${at(socket, '/ws')}`])
  })

  it('are the same where it listens on every interface', async () => {
    const port = await freePort()
    await had([multiaddr('/ip4/0.0.0.0/tcp/0')], [at(port), multiaddr(`/ip4/192.0.2.7/tcp/${port}`)])
    const chosen = await make().choose([multiaddr('/ip4/0.0.0.0/tcp/0')], {})
    assert.deepEqual(chosen.map(String), [`/ip4/0.0.0.0/tcp/${port}`])
  })

  it('come before the usual ones, and those before any free ones', async () => {
    const [own, usual] = [await freePort(), await freePort()]
    const choose = async (): Promise<string> => String((await make().choose([ANY], { [`${ANY}`]: usual }))[0])
    assert.equal(await choose(), `${at(usual)}`)
    await had([ANY], [at(own)])
    assert.equal(await choose(), `${at(own)}`)
  })

  it('are left to others who took them', async () => {
    const { port } = await listen()
    await had([ANY], [at(port)])
    assert.deepEqual((await make().choose([ANY], {})).map(String), [`${ANY}`])
    assert.deepEqual((await make().choose([ANY], { [`${ANY}`]: port })).map(String), [`${ANY}`])
  })

  it('serve one listener each', async () => {
    const port = await freePort()
    await had([ANY], [at(port)])
    assert.deepEqual((await make().choose([ANY, ANY], {})).map(String), [`${at(port)}`, `${ANY}`])
  })

  it('do not replace a port that was named, nor a place at a relay', async () => {
    const named = [
      at(await freePort()),
      multiaddr('/p2p-circuit'),
      multiaddr('/ip4/127.0.0.1/tcp/0/p2p/12D3KooWBWJwPGerE1bRMUZx2HzmP9EmMEyWBwitDtzfW4n2rp4A/p2p-circuit'),
    ]
    assert.deepEqual((await make().choose(named, {})).map(String), named.map(String))
  })

  it('are any where the disk holds something else', async () => {
    for (const bytes of [[0xff], [0x63, 0x61, 0x62, 0x63], [0xf6], [0xa1, 0x61, 0x78, 0x20]]) {
      disk.set('node/ports', Uint8Array.from(bytes))
      assert.deepEqual((await make().choose([ANY], {})).map(String), [`${ANY}`])
    }
  })
})
