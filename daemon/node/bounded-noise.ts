/**
 * Noise whose connections hold a bounded number of bytes that wait to be sent: as the library makes them, any number. And they send a message in
 * one piece: as the library has it, two bytes of length are written for themselves, which wakes the peer twice.
 */
import { noise } from '@chainsafe/libp2p-noise'
import type { ConnectionEncrypter, MessageStream, SecuredConnection } from '@libp2p/interface'
import { CONNECTION_WRITE_BUFFER_BYTES, JOINED_BYTES_MAX } from './constants.ts'

type Make = ReturnType<typeof noise>
type Secure = ConnectionEncrypter['secureInbound']

/**
 * A peer that asks and does not read loses its connection once so much waits for it. Streams hold back by themselves; answers to Yamux's
 * pings and its window updates do not.
 */
export function boundedNoise(): Make {
  const make = noise()
  return (components) => {
    const encrypter = make(components) as ConnectionEncrypter
    return Object.assign(encrypter, {
      secureInbound: bounded(encrypter.secureInbound.bind(encrypter)),
      secureOutbound: bounded(encrypter.secureOutbound.bind(encrypter)),
    }) as ReturnType<Make>
  }
}

const bounded =
  (secure: Secure): ((connection: MessageStream, ...rest: never[]) => Promise<SecuredConnection>) =>
  async (...args) => {
    const secured = await (secure as (...args: unknown[]) => ReturnType<Secure>)(...args)
    secured.connection.maxWriteBufferLength = CONNECTION_WRITE_BUFFER_BYTES
    joinSmall(secured.connection as unknown as NoiseInside)
    return secured
  }

/** The inside of the library's connection, as of 17.0. */
interface NoiseInside {
  encrypt(chunk: unknown): Pieces
}

interface Pieces {
  readonly byteLength: number
  /** all of them in one */
  subarray(): Uint8Array
  consume(bytes: number): void
  append(bytes: Uint8Array): void
}

/** Copying what is small costs less than writing once more. */
function joinSmall(connection: NoiseInside): void {
  const encrypt = connection.encrypt.bind(connection)
  connection.encrypt = (chunk) => {
    const message = encrypt(chunk)
    if (message.byteLength > JOINED_BYTES_MAX) return message
    const joined = message.subarray()
    message.consume(joined.length)
    message.append(joined)
    return message
  }
}
