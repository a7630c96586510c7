/** What strangers send to the open ports of a node: it goes on, and it stops when it is told to. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { amigo, type RunningNode, startNode } from '../support/amigo.ts'
import { tempFolder } from '../support/temp.ts'

const UPGRADE = [
  'GET / HTTP/1.1',
  'Host: x',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version: 13',
  '\r\n',
].join('\r\n')

const GARBAGE: Record<string, Buffer> = {
  nothing: Buffer.alloc(0),
  zeros: Buffer.alloc(10_000),
  ones: Buffer.alloc(10_000, 0xff),
  text: Buffer.from('hello?\r\n\r\n'.repeat(100)),
  'an HTTP request': Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
  'a broken upgrade': Buffer.from('GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'),
  'an upgrade and a malformed frame': Buffer.concat([Buffer.from(UPGRADE), Buffer.alloc(100, 0xff)]),
  'an upgrade and a frame of 4 GiB': Buffer.concat([
    Buffer.from(UPGRADE),
    Buffer.from([0x82, 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 1, 2, 3, 4]),
  ]),
  'an upgrade and a text that is not UTF-8': Buffer.concat([
    Buffer.from(UPGRADE),
    Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0xff, 0xff]),
  ]),
  'a multistream header and nothing else': Buffer.from('\x13/multistream/1.0.0\n'),
}

const portOf = (address: string): number => Number(address.match(/\/tcp\/(\d+)/)![1])

/** Sends, and waits until the other side ends it, or everything is sent and it stays silent for good. */
async function throwAt(port: number, bytes: Buffer): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  await once(socket, 'connect')
  socket.resume()
  await new Promise<void>((resolve) => {
    socket.write(bytes, () => resolve())
    socket.once('close', () => resolve())
  })
  return socket
}

describe('garbage at the open ports', function () {
  this.timeout(60_000)
  let folder: Awaited<ReturnType<typeof tempFolder>>
  let node: RunningNode
  let ports: number[]
  const sockets: Socket[] = []

  before(async () => {
    folder = await tempFolder()
    node = await startNode(join(folder.path, 'node'), ['--listen', '/ip4/127.0.0.1/tcp/0/ws'])
    ports = [...node.info.addresses.map(portOf), Number(new URL(node.info.http).port)]
    assert.equal(ports.length, 3)
  })
  after(async () => {
    for (const socket of sockets) socket.destroy()
    await node?.kill()
    await folder.remove()
  })

  for (const [what, bytes] of Object.entries(GARBAGE)) {
    it(`survives ${what}`, async () => {
      for (const port of ports) sockets.push(await throwAt(port, bytes))
      assert.equal((await node.run<{ peerId: string }>('id')).peerId, node.info.peerId)
    })
  }

  it('stops at once, although some of them still hold their connections', async () => {
    for (const port of ports) sockets.push(await throwAt(port, Buffer.alloc(0)))
    const down = await amigo(['down', '--json', '--timeout', '20s'], { home: node.info.home })
    assert.deepEqual(down.json(), { stopped: true })
    assert.equal(await node.stop(), 0)
  })
})
