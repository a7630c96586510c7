/** Which network a data folder belongs to: written down once, in `network`, as the line of an invite. */
import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { access, link, open, readFile, rename, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { builtInNetwork } from '../registry/network/built-in.ts'
import { MAX_INVITE_ADDRESSES, MAX_INVITE_LENGTH } from '../registry/network/constants.ts'
import { isInvite, readInvite, writeInvite } from '../registry/network/invite.ts'
import { networkOf } from '../registry/network/manifest.ts'
import { readManifestJson } from '../registry/network/manifest-json.ts'
import type { Invite, Manifest, Network } from '../registry/network/types.ts'
import { NodeError } from './node/errors.ts'
import { prepareHome } from './node/home.ts'
import { loadOrCreateKey } from './node/key-file.ts'

/** The network of a hub that was given none. */
const HUB_NAME = 'hub'

export interface NetworkWish {
  /** an invite, or a manifest as JSON; @default what the folder belongs to, else the built-in network */
  network?: string | undefined
  /** this node writes the book of usernames. @default false */
  hub?: boolean | undefined
}

/**
 * The network that a data folder belongs to; from the first start on it is that one for good. A newer invite to the same
 * network renews its addresses.
 *
 * @param home prepared, and nobody else is starting there
 * @throws NodeError NETWORK_FIXED, NOT_REGISTRAR, HOME_DAMAGED; RegistryError INVITE_INVALID, NETWORK_INVALID
 */
export async function joinNetwork(home: string, wish: NetworkWish, now: number): Promise<Invite> {
  const peerId = await peerOf(home)
  const given = wish.network === undefined ? undefined : readNetwork(wish.network)
  const before = await storedNetwork(home)
  if (before !== undefined && given !== undefined && given.network.id !== before.network.id)
    throw fixed(before.network, given.network)
  const fresh = () => (wish.hub ? ownNetwork({ name: HUB_NAME, created: now }, peerId) : builtInNetwork())
  const joined = {
    network: (before ?? given)?.network ?? fresh(),
    addresses: [...new Set([...(given?.addresses ?? []), ...(before?.addresses ?? [])])].slice(0, MAX_INVITE_ADDRESSES),
  }
  if (wish.hub && joined.network.registrars[0] !== peerId) throw notRegistrar(joined.network)
  if (before === undefined) await writeFirst(home, joined)
  else if (given !== undefined) await replace(home, joined)
  return joined
}

/**
 * Makes a network, and a data folder its first home. Its node need not have run before.
 *
 * @throws NodeError NETWORK_FIXED if the folder belongs to a network already
 */
export async function makeNetwork(
  home: string,
  manifest: Omit<Manifest, 'registrars'> & { witnesses: string[]; registrar: boolean },
): Promise<Invite> {
  await prepareHome(home)
  const { witnesses, registrar, ...rest } = manifest
  const network = networkOf({ ...rest, registrars: [...(registrar ? [await peerOf(home)] : []), ...witnesses] })
  const before = await storedNetwork(home)
  if (before !== undefined) throw fixed(before.network, network)
  const made = { network, addresses: [] }
  await writeFirst(home, made)
  return made
}

/** What a folder belongs to, if it was ever used. @throws NodeError HOME_DAMAGED */
export async function storedNetwork(home: string): Promise<Invite | undefined> {
  const text = await readFile(fileOf(home), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text !== undefined) return readStored(text)
  // a folder from before networks were written down
  const isUsed = await access(join(home, 'user.key'), constants.F_OK).then(
    () => true,
    () => false,
  )
  return isUsed ? { network: builtInNetwork(), addresses: [] } : undefined
}

/** What this program wrote: if it is damaged, nobody gave a wrong invite. */
function readStored(text: string): Invite {
  try {
    return readInvite(text)
  } catch (cause) {
    const hint =
      'put back the file `network` of the data folder: it holds an invite to the network that the folder is of'
    throw new NodeError('HOME_DAMAGED', 'It cannot be read any more which network this data folder is of.', hint, {
      cause,
    })
  }
}

function readNetwork(text: string): Invite {
  if (isInvite(text) || text.length > MAX_INVITE_LENGTH) return readInvite(text)
  return readManifestJson(text)
}

function ownNetwork({ name, created }: Pick<Manifest, 'name' | 'created'>, peerId: string): Network {
  return networkOf({ ...builtInNetwork(), name, created, registrars: [peerId] })
}

/** The peer ID that the node of this folder has, or will have. @param home prepared */
export async function peerOf(home: string): Promise<string> {
  return peerIdFromPrivateKey(await loadOrCreateKey(join(home, 'node.key'))).toString()
}

const fileOf = (home: string): string => join(home, 'network')

/** The link fails if somebody was first. */
async function writeFirst(home: string, joined: Invite): Promise<void> {
  const temporary = await writeTemporary(home, joined)
  try {
    await link(temporary, fileOf(home))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    const first = await storedNetwork(home)
    if (first?.network.id !== joined.network.id) throw fixed(first!.network, joined.network)
  } finally {
    await unlink(temporary)
  }
}

async function replace(home: string, joined: Invite): Promise<void> {
  await rename(await writeTemporary(home, joined), fileOf(home))
}

async function writeTemporary(home: string, joined: Invite): Promise<string> {
  const temporary = `${fileOf(home)}.${randomUUID()}`
  const file = await open(temporary, 'wx', 0o600)
  try {
    await file.writeFile(`${writeInvite(joined)}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  return temporary
}

function fixed(before: Network, wanted: Network): NodeError {
  return new NodeError(
    'NETWORK_FIXED',
    `This data folder belongs to the network ${before.name} (${before.id}), not to ${wanted.name} (${wanted.id}).`,
    'a node stays on its network: choose another folder with --home DIR',
  )
}

function notRegistrar({ name, registrars }: Network): NodeError {
  const writer = registrars[0] === undefined ? 'it has no registrar' : `its registrar is ${registrars[0]}`
  return new NodeError(
    'NOT_REGISTRAR',
    `This node is not the hub of the network ${name}: ${writer}.`,
    'make a network with a hub in a folder of its own: amigo up --hub --home DIR',
  )
}
