/** Noise whose connections hold a bounded number of bytes that wait to be sent: as the library makes them, any number. */
import { noise } from '@chainsafe/libp2p-noise'
import type { ConnectionEncrypter, MessageStream, SecuredConnection } from '@libp2p/interface'
import { CONNECTION_WRITE_BUFFER_BYTES } from './constants.ts'

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
    return secured
  }
