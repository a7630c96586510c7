/** The keys of this node's user: the first one, which the user's ID stands for, and those that took its place for signing homes. */
import { open, readFile, rename, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import * as dagCbor from '@ipld/dag-cbor'
import { MAX_KEY_LINKS } from '../../../registry/constants.ts'
import { areLinked, checkLinks, makeLink } from '../../../registry/home/key-chain.ts'
import type { KeyLink, UserSigner } from '../../../registry/home/types.ts'
import { loadOrCreateKey } from '../../node/key-file.ts'
import { signerOf } from '../../node/signer.ts'
import { CallsError } from '../errors.ts'
import type { Signer } from '../types.ts'

export interface UserKeys extends UserSigner {
  /** public key that signs now, in libp2p protobuf bytes */
  current(): Uint8Array
  /**
   * Makes a new key, which the one before names as its successor; both are on disk when it resolves.
   * @throws CallsError KEY_CHANGES_FULL
   */
  change(): Promise<void>
}

/** Public: each key by the one before. Beside the key files, so that whoever keeps these keeps it. */
const LINKS_FILE = 'user.links'
const keyFile = (number: number): string => `user-${number}.key`

/**
 * @param home data folder
 * @param first signs with the first key
 * @throws CallsError KEY_LINKS_INVALID if the links are not those of this user; NodeError KEY_INVALID, HOME_INSECURE
 */
export async function openUserKeys(home: string, first: Signer): Promise<UserKeys> {
  let links = await readLinks(join(home, LINKS_FILE), first.publicKey)
  let signer = links.length === 0 ? first : await keyOf(home, links.length)
  const newest = links.at(-1)?.key ?? first.publicKey
  if (!Buffer.from(signer.publicKey).equals(newest)) throw invalid(home)

  return {
    publicKey: first.publicKey,
    links: () => links,
    sign: (bytes) => signer.sign(bytes),
    current: () => signer.publicKey,
    async change() {
      const number = links.length + 1
      if (number > MAX_KEY_LINKS) {
        const hint = 'a user’s key can be changed no more; start as a new user, and say so on your page'
        throw new CallsError('KEY_CHANGES_FULL', `The key of this user was changed ${MAX_KEY_LINKS} times.`, hint)
      }
      // a key that was made and not linked before a crash is taken up again
      const next = await keyOf(home, number)
      const longer = [...links, await makeLink(first.publicKey, number, signer, next.publicKey)]
      await writeWhole(join(home, LINKS_FILE), dagCbor.encode(longer))
      links = longer
      signer = next
    },
  }
}

const keyOf = async (home: string, number: number): Promise<Signer> =>
  signerOf(await loadOrCreateKey(join(home, keyFile(number))))

async function readLinks(path: string, first: Uint8Array): Promise<readonly KeyLink[]> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (bytes === undefined) return []
  try {
    const { links, keys } = checkLinks(first, dagCbor.decode(bytes))
    if (await areLinked(keys, links)) return links
  } catch {
    // told below
  }
  throw invalid(path)
}

/** Under a temporary name, synced, then put in the place of the old one. */
async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.new`
  const file = await open(temporary, 'w', 0o600)
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(temporary, path).catch(async (error: unknown) => {
    await unlink(temporary)
    throw error
  })
}

function invalid(path: string): CallsError {
  const hint = 'restore user.key, user.links and the user-N.key files together from a backup'
  return new CallsError('KEY_LINKS_INVALID', `What leads to the newest user key in ${path} does not fit.`, hint)
}
