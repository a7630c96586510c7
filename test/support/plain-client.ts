/**
 * A second implementation of the asking side, from the words of specs/internode.md and nothing of this project: DAG-CBOR and libp2p are all it
 * uses. Where it cannot be written so, the specification lacks something.
 */
import { randomBytes } from 'node:crypto'
import * as dagCbor from '@ipld/dag-cbor'
import { generateKeyPair, publicKeyToProtobuf } from '@libp2p/crypto/keys'
import type { Libp2p } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { base36 } from 'multiformats/bases/base36'
import { CID } from 'multiformats/cid'
import { identity } from 'multiformats/hashes/identity'
import { untilTrue } from './until.ts'

// biome-ignore lint/suspicious/noExplicitAny: what comes is whatever the specification says
type Frame = { type: string; [field: string]: any }

export interface PlainClient {
  say(frame: Frame): void
  /** The next frame that is so, taken out of what came. */
  hear(isIt: (frame: Frame) => boolean): Promise<Frame>
  /** Sends a request, and answers its ID. */
  request(method: string, body: unknown, options?: { stream?: boolean; timeoutMs?: number }): number
  /** The whole answer to it: a response or an error, put together if it comes in parts. */
  answer(id: number): Promise<Frame>
}

/** Sections 1 to 3: a stream, and the handshake. */
export async function connectPlain(node: Libp2p, target: Multiaddr[], network: string): Promise<PlainClient> {
  const stream = await node.dialProtocol(target, '/amigos/internode/1.0.0')
  const heard: Frame[] = []
  let rest = Buffer.alloc(0)
  let lastId = 0

  const say = (frame: Frame): void => {
    const bytes = dagCbor.encode(frame)
    stream.send(Buffer.concat([varint(bytes.length), bytes]))
  }
  stream.addEventListener('message', ({ data }) => {
    rest = Buffer.concat([rest, data.subarray()])
    for (let head = readVarint(rest); head && rest.length >= head.end + head.value; head = readVarint(rest)) {
      const frame = dagCbor.decode<Frame>(rest.subarray(head.end, head.end + head.value))
      rest = rest.subarray(head.end + head.value)
      if (frame.type === 'ping') say({ type: 'pong', id: frame['id'] })
      else heard.push(frame)
    }
  })
  const hear: PlainClient['hear'] = async (isIt) => {
    await untilTrue(() => heard.some(isIt))
    return heard.splice(heard.findIndex(isIt), 1)[0]!
  }
  say({ type: 'hello', versions: [1], network, agent: 'plain/1', capabilities: [] })
  await hear(({ type }) => type === 'hello')

  return {
    say,
    hear,
    request(method, body, { stream: isStream = false, timeoutMs = 30_000 } = {}) {
      say({ type: 'request', id: ++lastId, method, body, stream: isStream, timeoutMs })
      return lastId
    },
    async answer(id) {
      const first = await hear((frame) => frame['id'] === id)
      if (first.type !== 'part') return first
      const parts: Uint8Array[] = [first['bytes']]
      for (let left = first['size'] - first['bytes'].length; left > 0; ) {
        // a little more than a part, for the fields around it
        say({ type: 'credit', id, bytes: 65_536 + 128 })
        const part = await hear((frame) => frame['id'] === id)
        parts.push(part['bytes'])
        left -= part['bytes'].length
      }
      return { type: 'response', id, body: dagCbor.decode(Buffer.concat(parts)) }
    },
  }
}

export interface PlainUser {
  /** `k51...` */
  id: string
  /** Section 8. @param domain `amigos/call/1` or `amigos/query/1` */
  sign(domain: string, fields: { network: string; service: CID; method: string; args: unknown[] }): Promise<Uint8Array>
}

export async function createPlainUser(): Promise<PlainUser> {
  const key = await generateKeyPair('Ed25519')
  const caller = publicKeyToProtobuf(key.publicKey)
  return {
    id: CID.createV1(0x72, identity.digest(caller)).toString(base36),
    async sign(domain, { args, ...fields }) {
      const rest = { v: 1, caller, nonce: randomBytes(16), ttlMs: 60_000, gas: 0, args: json(args) }
      const body = dagCbor.encode({ ...fields, ...rest })
      return dagCbor.encode({ body, signature: await key.sign(Buffer.concat([Buffer.from(`${domain}\0`), body])) })
    },
  }
}

export const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))
export const parsed = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes))

function varint(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128)
  return Uint8Array.from([...bytes, rest])
}

/** Undefined while bytes of it are missing. */
function readVarint(bytes: Uint8Array): { value: number; end: number } | undefined {
  let value = 0
  for (let i = 0; i < bytes.length; i++) {
    value += (bytes[i]! % 128) * 128 ** i
    if (bytes[i]! < 128) return { value, end: i + 1 }
  }
  return undefined
}
