/**
 * The ports that a node listened on last, kept on disk: others remember them, and those of a hub stand in its invites. Where several nodes of one
 * machine are started again, each gets its own, whoever comes first.
 */
import { once } from 'node:events'
import { createServer } from 'node:net'
import * as dagCbor from '@ipld/dag-cbor'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { isRelayed } from './address.ts'
import { MAX_REMEMBERED_PORTS } from './constants.ts'
import type { Memory } from './remembered-peers.ts'

const KEY = 'node/ports'
const MAX_PORT = 65_535

/** By the address with port 0 that was asked for. */
type Ports = Record<string, number>

export interface OwnPorts {
  /**
   * An address with port 0 means any free port: it gets the one that it had last if that is free, else the usual one if that is, else it stays.
   *
   * @param usual of addresses that nobody named
   */
  choose(wanted: readonly Multiaddr[], usual: Ports): Promise<Multiaddr[]>
  /** Writes down what it got. @param bound what the node listens on */
  note(bound: readonly Multiaddr[]): Promise<void>
}

export function createOwnPorts(memory: Memory): OwnPorts {
  let asked: readonly Multiaddr[] = []
  let known: Ports = {}

  const read = async (): Promise<Ports> => {
    try {
      const bytes = await memory.get(KEY)
      const stored = bytes === undefined ? {} : dagCbor.decode<Record<string, unknown>>(bytes)
      const isPort = (port: unknown): boolean => Number.isInteger(port) && Number(port) > 0 && Number(port) <= MAX_PORT
      return Object.fromEntries(Object.entries(stored).filter(([, port]) => isPort(port))) as Ports
    } catch {
      return {}
    }
  }

  return {
    async choose(wanted, usual) {
      asked = wanted.filter((address) => placeOf(address)?.port === 0)
      known = await read()
      const taken = new Set<number>()
      const chosen: Multiaddr[] = []
      for (const address of wanted) {
        const place = asked.includes(address) ? placeOf(address) : undefined
        const ports = place === undefined ? [] : [known[address.toString()], usual[address.toString()]]
        let port = 0
        for (const one of ports)
          if (port === 0 && one && !taken.has(one) && (await isFree(one, place!.host))) port = one
        taken.add(port)
        chosen.push(port === 0 ? address : withPort(address, port))
      }
      return chosen
    },

    async note(bound) {
      const got: [string, number][] = asked.flatMap((address) => {
        const found = bound.find((one) => isAt(one, address))
        return found === undefined ? [] : [[address.toString(), placeOf(found)!.port]]
      })
      if (got.every(([address, port]) => known[address] === port)) return
      const all = Object.entries({ ...known, ...Object.fromEntries(got) })
      await memory.put(KEY, dagCbor.encode(Object.fromEntries(all.slice(-MAX_REMEMBERED_PORTS)))).catch(() => undefined)
    },
  }
}

/** Of an address that names an interface and a TCP port. */
function placeOf(address: Multiaddr): { host: string; port: number; isSocket: boolean } | undefined {
  const [ip, tcp, ws] = address.getComponents()
  if ((ip?.name !== 'ip4' && ip?.name !== 'ip6') || tcp?.name !== 'tcp' || isRelayed(address)) return undefined
  return { host: ip.value ?? '', port: Number(tcp.value), isSocket: ws?.name === 'ws' }
}

/** Whether a node listens at `bound` because it was told `wanted`. */
function isAt(bound: Multiaddr, wanted: Multiaddr): boolean {
  const [here, there] = [placeOf(bound), placeOf(wanted)]
  if (here === undefined || there === undefined || here.isSocket !== there.isSocket) return false
  return ['0.0.0.0', '::', here.host].includes(there.host)
}

function withPort(address: Multiaddr, port: number): Multiaddr {
  return multiaddr(address.toString().replace(/\/tcp\/0\b/, `/tcp/${port}`))
}

async function isFree(port: number, host: string): Promise<boolean> {
  const server = createServer()
  try {
    server.listen(port, host)
    await once(server, 'listening')
    return true
  } catch {
    return false
  } finally {
    server.close()
  }
}
