/** The key of a program in a browser: made there, kept there, and never seen by anybody, the program included. */
import { AmigoError } from './errors.ts'
import { publicKeyOf, userIdOf } from './ids.ts'

/** Who signs. */
export interface Signer {
  user: string
  /** libp2p protobuf */
  publicKey: Uint8Array
  sign(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array>
}

/** A pair of Ed25519 keys of WebCrypto. */
export interface KeyPair {
  readonly publicKey: CryptoKey
  readonly privateKey: CryptoKey
}

type CryptoKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>

const ALGORITHM = 'Ed25519'
const DATABASE = 'amigos'
const STORE = 'keys'
const OWN = 'user'

export async function signerOf({ publicKey: key, privateKey }: KeyPair): Promise<Signer> {
  const publicKey = publicKeyOf(new Uint8Array(await crypto.subtle.exportKey('raw', key)))
  return {
    user: userIdOf(publicKey),
    publicKey,
    sign: async (bytes) => new Uint8Array(await crypto.subtle.sign(ALGORITHM, privateKey, bytes)),
  }
}

/** The key of this origin in this browser, which is made on first use. @throws AmigoError KEY_INVALID */
export async function ownKey(): Promise<KeyPair> {
  const database = await openDatabase()
  try {
    const known = await ask(database.transaction(STORE, 'readonly').objectStore(STORE).get(OWN))
    if (known !== undefined) return known as KeyPair
    const made = await makeKey()
    const store = database.transaction(STORE, 'readwrite').objectStore(STORE)
    // another tab may have been faster: whose key is there first counts
    const other = await ask(store.get(OWN))
    if (other !== undefined) return other as KeyPair
    await ask(store.put(made, OWN))
    return made
  } finally {
    database.close()
  }
}

async function makeKey(): Promise<KeyPair> {
  try {
    return (await crypto.subtle.generateKey(ALGORITHM, false, ['sign', 'verify'])) as KeyPair
  } catch {
    const hint = 'it takes a page of https or localhost in Chrome 137, Firefox 129, Safari 17 or newer'
    throw new AmigoError('KEY_INVALID', 'This browser makes no Ed25519 keys here.', hint, 'not-sent')
  }
}

/** What of IndexedDB (W3C) is used; Node has none. */
interface Request {
  result: unknown
  error: unknown
  onsuccess: () => void
  onerror: () => void
  onupgradeneeded?: () => void
}
interface Database {
  createObjectStore(name: string): void
  transaction(store: string, mode: string): { objectStore(name: string): Store }
  close(): void
}
interface Store {
  get(key: string): Request
  put(value: unknown, key: string): Request
}

async function openDatabase(): Promise<Database> {
  const { indexedDB } = globalThis as unknown as { indexedDB: { open(name: string, version: number): Request } }
  const request = indexedDB.open(DATABASE, 1)
  request.onupgradeneeded = () => (request.result as Database).createObjectStore(STORE)
  return (await ask(request)) as Database
}

function ask(request: Request): Promise<unknown> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () =>
      reject(
        new AmigoError('KEY_INVALID', 'The browser keeps nothing for this page.', String(request.error), 'not-sent'),
      )
  })
}
