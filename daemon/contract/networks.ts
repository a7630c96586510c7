/** How the networks are reached that a contract's imports name, `preview.land/alice/forum`: an invite to each, in amigo.yaml and in its block. */
import { isLabel, NETWORK_NAME } from '../../registry/grammar/label.ts'
import { readInvite, writeInvite } from '../../registry/network/invite.ts'
import type { Invite } from '../../registry/network/types.ts'
import { MANIFEST_FILE, MAX_NETWORKS } from './constants.ts'
import { inviteFor, networkNamed } from './import-names.ts'
import { isRecord } from './is-record.ts'
import type { Manifest, Problem } from './types.ts'

type Networks = NonNullable<Manifest['networks']>

/** An invite in its one written form. @throws RegistryError INVITE_INVALID, NETWORK_INVALID */
export function plainInvite(text: string): string {
  return writeInvite(readInvite(text))
}

/** Whether these are the networks of a manifest as a block may hold them: there is one at least, each in its one written form. */
export function isNetworks(value: unknown): value is Networks {
  if (!isRecord(value)) return false
  const entries = Object.entries(value)
  return entries.length > 0 && entries.length <= MAX_NETWORKS && entries.every(([name, text]) => isNetwork(name, text))
}

/** Whether a network may be called so where it is not the node's own. */
export function isNetworkName(name: string): boolean {
  return isLabel(name, NETWORK_NAME) && name !== 'local'
}

function isNetwork(name: string, text: unknown): boolean {
  try {
    return isNetworkName(name) && typeof text === 'string' && plainInvite(text) === text
  } catch {
    return false
  }
}

/** The network that an import is on, if it names one and the manifest says how that is reached. */
export function networkOfImport(name: string, manifest: Pick<Manifest, 'networks'>): Invite | undefined {
  const invite = inviteFor(name, manifest)
  return invite === undefined ? undefined : readInvite(invite)
}

/** The same with those networks alone that its imports name, and the names of the others. */
export function withNamedNetworks({ networks = {}, ...rest }: Manifest): { manifest: Manifest; unnamed: string[] } {
  const named = new Set(Object.keys(rest.imports).map(networkNamed))
  const all = Object.entries(networks)
  const kept = Object.fromEntries(all.filter(([name]) => named.has(name)))
  return {
    manifest: Object.keys(kept).length === 0 ? rest : { ...rest, networks: kept },
    unnamed: all.map(([name]) => name).filter((name) => !named.has(name)),
  }
}

/** Why an import from another network cannot be had: nothing says how that is reached, or it is to be a fork. */
function networkProblem(
  name: string,
  mode: Manifest['imports'][string]['mode'],
  manifest: Pick<Manifest, 'networks'>,
): Pick<Problem, 'reason' | 'hint'> | undefined {
  const network = networkNamed(name)
  if (network === undefined) return undefined
  if (mode === 'fork')
    return {
      reason: `${name} cannot be a fork: its history is signed for another network, where alone it can be verified`,
      hint: 'Import it with mode live or code.',
    }
  if (mode === 'code' || inviteFor(name, manifest) !== undefined) return undefined
  return {
    reason: `nothing says how the network ${network} is reached, on which ${name} is`,
    hint: `Write networks: { ${network}: amigo1... } with an invite to it; amigo import ${name} does so on a node that knows it.`,
  }
}

/** What of a manifest's imports cannot be built. */
export function networkProblems(manifest: Manifest): Problem[] {
  return Object.entries(manifest.imports).flatMap(([name, { mode }]) => {
    const problem = networkProblem(name, mode, manifest)
    return problem === undefined ? [] : [{ file: MANIFEST_FILE, line: 0, column: 0, ...problem }]
  })
}
