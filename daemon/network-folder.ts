/** What the command line does about networks while no daemon runs. */
import { builtInNetwork } from '../registry/network/built-in.ts'
import type { Methods } from './api/vocabulary.ts'
import { describeNetwork } from './calls/remote/network.ts'
import { makeNetwork, peerOf, storedNetwork } from './networks.ts'
import { prepareHome } from './node/home.ts'

type Described = Methods['network']['result']

export interface NewNetwork {
  name: string
  /** the node of this folder writes the book of usernames */
  registrar: boolean
  /** peer IDs */
  witnesses: string[]
  /** @default more than half of the witnesses */
  required: number | undefined
  /** lasting addresses */
  bootstrap: string[]
  /** @default amigos.net */
  suffix: string | undefined
}

/**
 * Makes a network, and this data folder its first home.
 * @throws NodeError NETWORK_FIXED, HOME_INSECURE, ...; RegistryError NETWORK_INVALID
 */
export async function newNetwork(home: string, wanted: NewNetwork): Promise<Described> {
  const { witnesses, suffix, required = Math.floor(witnesses.length / 2) + 1, ...rest } = wanted
  const usual = builtInNetwork()
  const made = await makeNetwork(home, {
    ...rest,
    witnesses,
    required: witnesses.length === 0 ? 0 : required,
    suffix: suffix ?? usual.suffix,
    created: Date.now(),
  })
  return describeNetwork(made, await peerOf(home))
}

/** The network that a data folder belongs to; the built-in one, if it was never used. */
export async function networkOfFolder(home: string): Promise<Described> {
  await prepareHome(home)
  return describeNetwork(
    (await storedNetwork(home)) ?? { network: builtInNetwork(), addresses: [] },
    await peerOf(home),
  )
}

/** The peer ID that the node of this folder has, or will have. */
export async function peerOfFolder(home: string): Promise<string> {
  await prepareHome(home)
  return peerOf(home)
}
