/** Ed25519 private keys in files of their own, readable by their user only. */
import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { link, open, unlink } from 'node:fs/promises'
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import type { Ed25519PrivateKey } from '@libp2p/interface'
import { NodeError } from './errors.ts'

/** A protobuf-wrapped Ed25519 private key: 4 bytes of header and 64 of key. */
const KEY_FILE_BYTES = 68

/**
 * Reads the key, or makes one on first use. Atomic: of two processes that make it at once, both end up with the same key.
 *
 * @throws NodeError KEY_INVALID if the file is not a key of ours, HOME_INSECURE if others could read it
 */
export async function loadOrCreateKey(path: string): Promise<Ed25519PrivateKey> {
  return (await readKey(path)) ?? (await createKey(path))
}

async function readKey(path: string): Promise<Ed25519PrivateKey | undefined> {
  let file: Awaited<ReturnType<typeof open>>
  try {
    file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0))
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    const message = code === 'ELOOP' ? `${path} is a symbolic link.` : `The key ${path} cannot be read.`
    throw new NodeError('KEY_INVALID', message, 'put the key file itself back, or restore a backup', { cause })
  }
  try {
    const stat = await file.stat()
    if (process.platform !== 'win32' && (stat.mode & 0o077) !== 0) {
      throw new NodeError('HOME_INSECURE', `Others may read the key ${path}.`, `run: chmod 600 ${path}`)
    }
    const bytes = Buffer.alloc(KEY_FILE_BYTES + 1)
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0)
    return parseKey(bytes.subarray(0, bytesRead), path)
  } finally {
    await file.close()
  }
}

function parseKey(bytes: Uint8Array, path: string): Ed25519PrivateKey {
  try {
    const key = privateKeyFromProtobuf(Uint8Array.from(bytes))
    if (key.type === 'Ed25519') return key
  } catch {
    // told below: what the library says of a broken key helps nobody
  }
  throw new NodeError(
    'KEY_INVALID',
    `${path} does not hold an Ed25519 key.`,
    'restore it from a backup; a new key is a new identity',
  )
}

/** Written under a temporary name, synced, then linked: the link fails if somebody was first. */
async function createKey(path: string): Promise<Ed25519PrivateKey> {
  const key = await generateKeyPair('Ed25519')
  const temporary = `${path}.${randomUUID()}`
  const file = await open(temporary, 'wx', 0o600)
  try {
    await file.writeFile(privateKeyToProtobuf(key))
    await file.sync()
  } finally {
    await file.close()
  }
  try {
    await link(temporary, path)
    return key
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    const first = await readKey(path)
    if (first === undefined) throw error
    return first
  } finally {
    await unlink(temporary)
  }
}
