import type { Home, HomeService, HomeVersion, NodeEntry } from './types.ts'

/** What the nodes of one user say together. */
export interface Merged {
  services: HomeService[]
  versions: HomeVersion[]
  /** sentences: where they contradict each other */
  warnings: string[]
}

/**
 * Puts the lists of the user's nodes together. One version is one contract, for ever: where two nodes say otherwise, the one that the home
 * certifies first is believed, and what the other runs under that version is left out. Lists of nodes that the home does not name do not count.
 */
export function mergeLists({ nodes }: Home, entries: readonly NodeEntry[]): Merged {
  const merged: Merged = { services: [], versions: [], warnings: [] }
  const versionAt = new Map<string, HomeVersion>()
  const contracts = new Map<string, { contract: string; node: string }>()
  const warned = new Set<string>()
  const isBelieved = (
    { name, version, contract }: Omit<HomeVersion, 'yanked' | 'deprecated'>,
    node: string,
  ): boolean => {
    const key = `${name}@${version}`
    const known = contracts.get(key)
    if (known === undefined) contracts.set(key, { contract: contract.toString(), node })
    if (known === undefined || known.contract === contract.toString()) return true
    // a node may run what it has not published; that is no contradiction between nodes
    if (known.node !== node && !warned.has(key)) {
      warned.add(key)
      merged.warnings.push(
        `${key} is another contract on ${node} than on ${known.node}, which the user certified first and which counts`,
      )
    }
    return known.node === node
  }

  for (const node of nodes) {
    const entry = entries.find(({ record }) => record.node === node)
    if (entry === undefined) continue
    const { services, versions } = entry.list
    for (const version of versions) {
      if (!isBelieved(version, node)) continue
      const key = `${version.name}@${version.version}`
      const known = versionAt.get(key)
      // what one of the nodes takes back is taken back
      versionAt.set(key, {
        ...version,
        yanked: version.yanked || (known?.yanked ?? false),
        deprecated: known?.deprecated ?? version.deprecated,
      })
    }
    for (const service of services) if (isBelieved(service, node)) merged.services.push({ ...service, host: node })
  }
  merged.versions.push(...versionAt.values())
  return merged
}
