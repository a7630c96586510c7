import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  CHECK_MS,
  HEADERS_MS,
  KEEP_ALIVE_MS,
  MAX_CONNECTIONS,
  MAX_HEADER_BYTES,
  MAX_HEADERS,
  MAX_REQUESTS_PER_CONNECTION,
  PORT_ATTEMPTS,
  REQUEST_MS,
  SILENCE_MS,
} from './constants.ts'
import { PageError } from './errors.ts'
import { malformedAnswer } from './respond.ts'

export interface Listeners {
  port: number
  close(): Promise<void>
}

/** Both loopback addresses: a browser may try either for `localhost`, and nobody else shall answer there. */
const V4 = '127.0.0.1'
const V6 = '::1'

/** Machines without IPv6 have no ::1 to listen on. */
const NO_V6: readonly string[] = ['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL', 'EPROTONOSUPPORT']

/** Listens on 127.0.0.1 and, where there is one, on ::1, at the same port. Port 0 takes one that is free on both. */
export async function listen(port: number, listener: RequestListener): Promise<Listeners> {
  for (let attempt = 1; ; attempt++) {
    const v4 = await open(V4, port, listener)
    const actual = (v4.address() as AddressInfo).port
    try {
      const v6 = await open(V6, actual, listener)
      return { port: actual, close: () => closeAll([v6, v4]) }
    } catch (error) {
      if (NO_V6.includes(codeOf(error))) return { port: actual, close: () => closeAll([v4]) }
      await closeAll([v4])
      if (port !== 0 || attempt === PORT_ATTEMPTS) throw error
    }
  }
}

function open(host: string, port: number, listener: RequestListener): Promise<Server> {
  const server = createServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: HEADERS_MS,
      requestTimeout: REQUEST_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: CHECK_MS,
      // ours says it in words, with the headers of every answer
      requireHostHeader: false,
    },
    listener,
  )
  server.maxHeadersCount = MAX_HEADERS
  server.maxConnections = MAX_CONNECTIONS
  server.maxRequestsPerSocket = MAX_REQUESTS_PER_CONNECTION
  server.setTimeout(SILENCE_MS)
  // Node's own answer to an unknown Expect header has none of our headers
  server.on('checkExpectation', listener)
  server.on('clientError', (error, socket) => {
    if (socket.writable) socket.end(malformedAnswer(codeOf(error)))
    else socket.destroy()
  })
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(startError(error, port)))
    server.listen({ host, port, exclusive: true }, () => resolve(server))
  })
}

async function closeAll(servers: readonly Server[]): Promise<void> {
  await Promise.all(
    servers.map((server) => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      return closed
    }),
  )
}

function startError(error: NodeJS.ErrnoException, port: number): Error {
  const another = 'choose another with --http PORT, or let the system choose with --http 0'
  if (error.code === 'EADDRINUSE')
    return new PageError('PORT_IN_USE', `port ${port} is taken by another program`, another)
  if (error.code === 'EACCES')
    return new PageError('PORT_REFUSED', `the system does not let this account use port ${port}`, another)
  if (NO_V6.includes(codeOf(error))) return error
  return new PageError('LISTEN_FAILED', `the page could not listen on port ${port} (${codeOf(error)})`, another)
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown }).code ?? '')
}
