import { connect } from 'node:net'

/** Sends bytes to a port of this machine and gives all that comes back until the other side closes. */
export function rawRequest(port: number, bytes: string, host = '127.0.0.1'): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = ''
    const socket = connect({ port, host })
    socket.setEncoding('utf8')
    socket.on('connect', () => socket.write(bytes))
    socket.on('data', (text) => {
      received += text
    })
    // a server that refuses early may reset while bytes are still on their way
    socket.on('error', (error: NodeJS.ErrnoException) => (received === '' ? reject(error) : resolve(received)))
    socket.on('close', () => resolve(received))
  })
}

/** One request on a connection of its own, with exactly these headers. */
export function get(
  port: number,
  target: string,
  headers: readonly string[] = [`Host: localhost:${port}`],
  method = 'GET',
): Promise<string> {
  return rawRequest(port, [`${method} ${target} HTTP/1.1`, ...headers, 'Connection: close', '', ''].join('\r\n'))
}

export function statusOf(response: string): number {
  return Number(/^HTTP\/1\.1 (\d{3}) /.exec(response)?.[1])
}

export function headerOf(response: string, name: string): string | undefined {
  const head = response.split('\r\n\r\n', 1)[0]!
  return new RegExp(`^${name}: (.*)$`, 'im').exec(head)?.[1]?.trim()
}

export function bodyOf(response: string): string {
  return response.slice(response.indexOf('\r\n\r\n') + 4)
}
