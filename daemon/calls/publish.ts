/** Publishes services under the user's key: a home on the network, signed and renewed by the registry. */
import type { Home, HomeService, Publication, Registry } from '../../registry/types.ts'
import type { Contract } from '../contract/types.ts'
import type { History } from '../store/types.ts'
import type { Contracts } from './contracts.ts'
import type { Deployed } from './deploy.ts'
import { CallsError } from './errors.ts'
import type { Names } from './names.ts'
import type { Identity } from './types.ts'

export interface Published {
  /** resolves from every node of the network */
  name: string
  version: string
  publication: Publication
}

export type Publish = (
  deployed: Deployed,
  contract: Contract,
  options: { version?: string | undefined; signal: AbortSignal },
) => Promise<Published>

export interface PublishParts {
  registry: Registry
  names: Names
  history: History
  contracts: Contracts
  identity: Identity
}

export function createPublish(parts: PublishParts): Publish {
  const { registry, names, identity } = parts
  return async ({ name }, contract, { version: wanted, signal }) => {
    const version = wanted ?? contract.manifest.version
    const entry = (await names.get(name))!
    const taken = entry.published.find((p) => p.version === version)
    if (taken !== undefined && !taken.contract.equals(contract.cid)) {
      const hint =
        'one version is one contract for ever: give the new one a new version in amigo.yaml or with --version'
      throw new CallsError('VERSION_TAKEN', `${name} ${version} is published already, as another contract.`, hint)
    }
    if (taken === undefined) {
      await names.put({ ...entry, published: [...entry.published, { version, contract: contract.cid }] })
    }
    const publication = await registry.publish(await homeOf(parts), { signal })
    return { name: `~${identity.user}/${name}`, version, publication }
  }
}

/** This user's directory as this node knows it: every published service with its newest version and head. */
export async function homeOf({ names, history, contracts, identity }: PublishParts): Promise<Home> {
  const services: HomeService[] = []
  for (const { name, service, published } of await names.all()) {
    const newest = published.at(-1)
    const head = await history.head(service)
    if (newest === undefined || head === undefined) continue
    const { manifest } = await contracts.load(newest.contract)
    services.push({
      name,
      version: newest.version,
      service,
      contract: newest.contract,
      host: identity.peerId,
      head: head.commit,
      description: manifest.description,
    })
  }
  return { nodes: [identity.peerId], services }
}
