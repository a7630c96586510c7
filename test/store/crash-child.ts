/**
 * Appends commits until it is killed. Prints the sequence number of each once it is acknowledged.
 *
 * Arguments: folder of the database, file with the host's key as protobuf.
 */
import { readFileSync, writeSync } from 'node:fs'
import { privateKeyFromProtobuf, publicKeyToProtobuf } from '@libp2p/crypto/keys'
import { openDatabase } from '../../daemon/store/database.ts'
import { createHistory } from '../../daemon/store/history.ts'
import { applyDelta } from '../support/image.ts'
import { collect, createDelta, createImage, newCommit, newService, verify } from './kit.ts'

const [path, keyFile] = process.argv.slice(2)
const key = privateKeyFromProtobuf(readFileSync(keyFile!))
const signer = {
  publicKey: publicKeyToProtobuf(key.publicKey),
  sign: async (bytes: Uint8Array) => await key.sign(bytes),
}
const history = createHistory({ database: await openDatabase(path!), signer, verify }, { checkpointCommits: 3 })

let head = (await collect(history.heads()))[0] ?? (await history.create(newService(createImage())))
let { image } = await history.image(head.service)
for (;;) {
  writeSync(1, `${head.seq}\n`)
  const delta = createDelta(head.seq + 1)
  image = applyDelta(image, delta)
  head = await history.append(head.service, newCommit(delta, image))
}
