/**
 * A holder in a process of its own: `node holder.ts PORT KEY`, the key as libp2p protobuf in base64. It serves `heldDag()`, and tells
 * its parent its address. Without arguments it takes any port, a new key, and tells both.
 */
import { noise } from '@chainsafe/libp2p-noise'
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'
import { createPulls } from '../../../protocol/pull/service.ts'
import { type Dag, sourceOf, wide } from './dags.ts'

/** 64 MiB in blocks of 256 KiB. */
export const heldDag = (): Dag => wide(256, 256 * 1024)

export interface Holder {
  address: string
  key: string
}

if (process.argv[1] === import.meta.filename) {
  const [port = '0', known] = process.argv.slice(2)
  const key = known ? privateKeyFromProtobuf(Buffer.from(known, 'base64')) : await generateKeyPair('Ed25519')
  const node = await createLibp2p({
    privateKey: key as Awaited<ReturnType<typeof generateKeyPair>>,
    addresses: { listen: [`/ip4/127.0.0.1/tcp/${port}`] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux({ streamOptions: { maxStreamWindowSize: 1 << 20, maxReadBufferLength: 4 << 20 } })],
    services: { identify: identify() },
  })
  const source = sourceOf(heldDag())
  await createPulls({ node, open: async () => source }).start()
  const holder: Holder = {
    address: node.getMultiaddrs()[0]!.toString(),
    key: Buffer.from(privateKeyToProtobuf(key)).toString('base64'),
  }
  process.on('disconnect', () => process.exit())
  process.send!(holder)
}
