/** Being a relay: nodes that nobody can dial are reached through this one, which passes on what it cannot read. */
import { type CircuitRelayService, circuitRelayServer } from '@libp2p/circuit-relay-v2'
import type { Stream } from '@libp2p/interface'
import * as limits from './constants.ts'

/** The inside of the library's server, as of 4.2: the tests with real relays fail if it changes. */
interface ServerInside extends CircuitRelayService {
  handleConnect(request: { stream: { unwrap(): Stream } }, options: object): Promise<void>
  stopHop(...args: unknown[]): Promise<Stream | undefined>
}

/** Both ends of a circuit: its streams on the connections with either node. */
type End = Stream & { readonly writableNeedsDrain: boolean; readonly readStatus: string }

type Make = ReturnType<typeof circuitRelayServer>

/** As the library comes, it reads as fast as one end sends and keeps what the other does not take. */
export function boundedRelay(): Make {
  const make = circuitRelayServer({
    maxInboundHopStreams: limits.MAX_CIRCUITS_PER_PEER,
    maxOutboundHopStreams: limits.MAX_CIRCUITS_PER_PEER,
    maxOutboundStopStreams: limits.MAX_STREAMS_PER_PROTOCOL,
    reservations: {
      maxReservations: limits.MAX_RESERVATIONS,
      reservationTtl: limits.RESERVATION_MS,
      // a connection that is announced as limited carries no name and no block: the limits below are kept without being announced
      applyDefaultLimit: false,
    },
  })
  return (components) => {
    const server = make(components) as ServerInside
    const { handleConnect } = server
    const open = new Set<Stream>()
    server.handleConnect = async (request, options) => {
      let destination: Stream | undefined
      const stopHop: ServerInside['stopHop'] = async (...args) => {
        // no answer is a failed connection, which is what the asker is told
        if (open.size >= limits.MAX_CIRCUITS) return undefined
        destination = await server.stopHop(...args)
        return destination
      }
      await handleConnect.call(Object.create(server, { stopHop: { value: stopHop } }) as ServerInside, request, options)
      if (destination === undefined) return
      const circuit = destination
      open.add(circuit)
      circuit.addEventListener('close', () => open.delete(circuit))
      limit(request.stream.unwrap() as End, circuit as End)
    }
    return server
  }
}

/** Ends a circuit after so much time and so many bytes both ways, and holds little of it in between. */
function limit(source: End, destination: End): void {
  let left = limits.CIRCUIT_BYTES
  const end = (): void => {
    for (const stream of [source, destination])
      stream.abort(new Error('the time or the bytes of this circuit are over'))
  }
  const timer = setTimeout(end, limits.CIRCUIT_MS).unref()
  destination.addEventListener('close', () => clearTimeout(timer))
  for (const stream of [source, destination]) {
    stream.addEventListener('message', ({ data }) => {
      left -= data.byteLength
      if (left < 0) end()
    })
  }
  holdBack(source, destination)
  holdBack(destination, source)
}

/** Reads no more from one end while what came from it waits for the other to take it. */
function holdBack(from: End, to: End): void {
  from.addEventListener('message', () => {
    if (to.writableNeedsDrain && from.readStatus === 'readable') from.pause()
  })
  to.addEventListener('drain', () => {
    if (from.readStatus === 'paused') from.resume()
  })
}
