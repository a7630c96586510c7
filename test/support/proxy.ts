/** A TCP proxy in front of a socket in the file system: what leads to it can be cut and restored, whoever knows no other way stays out. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

export interface CutProxy {
  readonly port: number
  /** Whatever is on its way is lost, and nobody gets in. */
  cut(): void
  restore(): Promise<void>
  /** From now on nothing comes back; what is sent still arrives. Until the next cut. */
  mute(): void
  /** bytes that have gone in */
  forwarded(): number
}

export async function startProxy(target: string): Promise<CutProxy> {
  const sockets = new Set<Socket>()
  let server: Server | undefined
  let port = 0
  let isMute = false
  let forwarded = 0

  const accept = (socket: Socket): void => {
    const onward = connect(target)
    for (const one of [socket, onward]) {
      sockets.add(one)
      one.on('error', () => {})
      one.on('close', () => {
        sockets.delete(one)
        socket.destroy()
        onward.destroy()
      })
    }
    socket.on('data', (bytes) => {
      forwarded += bytes.length
      onward.write(bytes)
    })
    onward.on('data', (bytes) => {
      if (!isMute) socket.write(bytes)
    })
  }
  const restore = async (): Promise<void> => {
    isMute = false
    server = createServer(accept).listen(port, '127.0.0.1')
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
  }

  await restore()
  return {
    get port() {
      return port
    },
    restore,
    cut() {
      server?.close()
      for (const socket of sockets) socket.destroy()
    },
    mute() {
      isMute = true
    },
    forwarded: () => forwarded,
  }
}
