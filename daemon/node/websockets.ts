/**
 * @libp2p/websockets, made fit for strangers. As it comes, one malformed frame ends the process (nobody listens to the `error`
 * of `ws`), a silent connection keeps a node from stopping, and a frame may be 100 MiB before anybody is authenticated.
 */
import type { Server, Socket } from 'node:net'
import type { Listener, Transport } from '@libp2p/interface'
import { webSockets } from '@libp2p/websockets'
import { FIRST_BYTE_MS, MAX_WEBSOCKET_FRAME_BYTES } from './constants.ts'

/** What a server-side socket of `ws` has that matters here. */
interface WsSocket {
  on(event: 'error', listener: () => void): unknown
  close(code?: number, reason?: string): void
  terminate(): void
}

/** The inside of the library's listener, as of 10.1: a test with real garbage fails if it changes. */
interface Inside extends Listener {
  server: Server
  wsServer: { options: { maxPayload: number } }
  onWsServerConnection(socket: WsSocket, request: unknown): void
}

/** RFC 6455, 7.4.1: this code is never sent, and `ws` refuses to; the library means: end it at once. */
const ABNORMAL_CLOSURE = 1006

type Make = ReturnType<typeof webSockets>

/** The WebSockets transport of libp2p, with listeners made fit for strangers. */
export function hardenedWebSockets(): Make {
  const make = webSockets()
  return (components) => {
    const transport: Transport = make(components)
    const createListener = transport.createListener.bind(transport)
    return Object.assign(transport, {
      createListener: (options: Parameters<typeof createListener>[0]) => harden(createListener(options) as Inside),
    }) as ReturnType<Make>
  }
}

function harden(listener: Inside): Listener {
  listener.wsServer.options.maxPayload = MAX_WEBSOCKET_FRAME_BYTES
  guardConnections(listener)
  trackSockets(listener)
  return listener
}

function guardConnections(listener: Inside): void {
  const accept = listener.onWsServerConnection.bind(listener)
  listener.onWsServerConnection = (socket, request) => {
    // `ws` has closed the connection by then: all that is missing is somebody who listens
    socket.on('error', () => {})
    const close = socket.close.bind(socket)
    socket.close = (code, reason) => (code === ABNORMAL_CLOSURE ? socket.terminate() : close(code, reason))
    accept(socket, request)
  }
}

/** The library knows a socket only after its first byte: those before it are ours to end. */
function trackSockets(listener: Inside): void {
  const sockets = new Set<Socket>()
  listener.server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    const silent = setTimeout(() => {
      if (socket.bytesRead === 0) socket.destroy()
    }, FIRST_BYTE_MS)
    socket.on('error', () => socket.destroy())
    socket.once('close', () => {
      clearTimeout(silent)
      sockets.delete(socket)
    })
  })
  const close = listener.close.bind(listener)
  listener.close = async () => {
    const closed = close()
    for (const socket of sockets) socket.destroy()
    await closed
  }
}
