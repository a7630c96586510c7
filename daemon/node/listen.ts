/** What a node listens on, and what it says when it cannot. */
import { networkInterfaces } from 'node:os'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { isRelayed } from './address.ts'
import { DEFAULT_TCP_PORT, DEFAULT_WS_PORT } from './constants.ts'
import { NodeError } from './errors.ts'

const ANY_IPV4 = '0.0.0.0'

/** The addresses of a personal node that was told of no other, with the ports that it has if they are free. */
export const USUAL_PORTS: Readonly<Record<string, number>> = {
  [`/ip4/${ANY_IPV4}/tcp/0`]: DEFAULT_TCP_PORT,
  [`/ip4/${ANY_IPV4}/tcp/0/ws`]: DEFAULT_WS_PORT,
}

/**
 * Addresses of one's own, and places at relays: those end in /p2p-circuit, after the address of the relay. /p2p-circuit alone is any relay
 * among the peers, which libp2p looks for itself.
 *
 * @throws NodeError ADDRESS_INVALID for a relay without its peer ID
 */
export function sortListen(addresses: readonly Multiaddr[]): { listen: Multiaddr[]; relays: Multiaddr[] } {
  const isPlace = (address: Multiaddr): boolean => isRelayed(address) && address.getComponents().length > 1
  const relays = addresses.filter(isPlace)
  for (const address of relays) {
    const [last, before] = address.getComponents().toReversed()
    if (last?.name === 'p2p-circuit' && before?.name === 'p2p') continue
    const hint = 'a relay is named like /ip4/203.0.113.7/tcp/4150/p2p/12D3KooW.../p2p-circuit'
    throw new NodeError('ADDRESS_INVALID', `${address} is not the address of a relay to listen on.`, hint)
  }
  return { listen: addresses.filter((address) => !isPlace(address)), relays }
}

/** Where this machine is: listeners on any interface stand for the real ones, loopback aside. */
export function ownAddresses(listen: readonly Multiaddr[]): Multiaddr[] {
  return listen.flatMap((address) => {
    if (address.getComponents()[0]?.value !== ANY_IPV4) return [address]
    const interfaces = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
    return interfaces.filter((i) => i.family === 'IPv4' && !i.internal).map((i) => multiaddr(`/ip4/${i.address}/tcp/0`))
  })
}

/** Turns what libp2p throws when it cannot listen into a coded error. */
export function listenError(error: unknown, listen: readonly Multiaddr[]): NodeError {
  const where = listen.map(String).join(', ')
  if (codes(error).has('EADDRINUSE')) {
    const hint = 'end the other program, or choose a port: amigo up --listen /ip4/0.0.0.0/tcp/0'
    return new NodeError('PORT_IN_USE', `Another program listens on one of ${where}.`, hint, { cause: error })
  }
  const hint = 'an address to listen on looks like /ip4/0.0.0.0/tcp/4150 or /ip4/0.0.0.0/tcp/4151/ws'
  return new NodeError('LISTEN_FAILED', `This node cannot listen on ${where}.`, hint, { cause: error })
}

/** System error codes anywhere in an error, its causes and its parts, and those that only its sentence names. */
function codes(error: unknown, depth = 0): Set<string> {
  const found = new Set<string>()
  if (!(error instanceof Error) || depth > 5) return found
  const { code, errors } = error as Error & { code?: unknown; errors?: unknown }
  if (typeof code === 'string') found.add(code)
  for (const word of error.message.match(/\bE[A-Z]{4,}\b/g) ?? []) found.add(word)
  const parts = errors instanceof Map ? [...errors.values()] : Array.isArray(errors) ? errors : []
  for (const part of [error.cause, ...parts]) for (const inner of codes(part, depth + 1)) found.add(inner)
  return found
}
