/** Publishes services under the user's key: this node's list on the network, signed and renewed by the registry. */

import { encodeList, summaryOf } from '../../registry/home/list.ts'
import type { ListedService, ListedVersion, NodeList, Publication, Registry } from '../../registry/home/types.ts'
import { createSerial } from '../../registry/serial.ts'
import type { Contract } from '../contract/types.ts'
import type { History } from '../store/types.ts'
import type { Contracts } from './contracts.ts'
import type { Deployed } from './deploy.ts'
import type { Names } from './names.ts'
import type { Identity, LocalName } from './types.ts'
import { runningVersion, versionFor } from './versions.ts'

export interface Published {
  /** resolves from every node of the network */
  name: string
  version: string
  publication: Publication
}

export interface Publish {
  /**
   * As which version a contract would be published; asked before it is deployed, so that nothing is done that cannot be published.
   *
   * @param options.wanted @default as `versionFor` says
   * @throws CallsError VERSION_INVALID, VERSION_TAKEN, VERSION_NOT_NEWER
   */
  versionFor(name: string, contract: Contract, options: { wanted?: string | undefined }): Promise<string>
  /** Publishes what runs, as a version that `versionFor` gave. */
  publish(
    deployed: Pick<Deployed, 'name'>,
    contract: Contract,
    options: { version: string; signal: AbortSignal },
  ): Promise<Published>
  /**
   * Publishes again what is published, with the heads as they are now: heals a publish that broke off half-way.
   *
   * @param options.always also a home without services: whoever has a username can be found by it. @default false
   */
  refresh(options: { signal: AbortSignal; always?: boolean }): Promise<void>
}

export interface PublishParts {
  registry: Registry
  names: Names
  history: History
  contracts: Contracts
  identity: Identity
  /** what this user's services are called: `alice.amigos.net`, or `~k51...` */
  ownName: () => string
}

export function createPublish(parts: PublishParts): Publish {
  const { registry, names, contracts, identity, ownName } = parts
  /** two at once would each publish a list without the other's service */
  const lists = createSerial()

  return {
    async versionFor(name, contract, { wanted }) {
      const entry = (await names.get(name)) ?? { name, published: [] }
      const last = entry.published.at(-1)
      return versionFor(entry, contract, last && (await contracts.load(last.contract)), wanted)
    },

    publish: ({ name }, contract, { version, signal }) =>
      lists(identity.user, async () => {
        const entry = (await names.get(name))!
        const again = entry.published.some((one) => one.version === version)
        const added = { ...entry, published: [...entry.published, { version, contract: contract.cid }] }
        const all = (await names.all()).map((other) => (other.name === name && !again ? added : other))
        const list = await listOf(all, parts)
        encodeList(list) // refused before anything is written down
        if (!again) await names.put(added)
        return { name: `${ownName()}/${name}`, version, publication: await registry.publish(list, { signal }) }
      }),

    refresh: ({ signal, always = false }) =>
      lists(identity.user, async () => {
        const all = (await names.all()).filter(({ published }) => published.length > 0)
        if (all.length > 0 || always) await registry.publish(await listOf(all, parts), { signal })
      }),
  }
}

/** What this node runs and has published: every published service as it runs now, with its head, and every version, whether it runs or not. */
async function listOf(all: readonly LocalName[], { history, contracts }: PublishParts): Promise<NodeList> {
  const services: ListedService[] = []
  const versions: ListedVersion[] = []
  for (const { name, service, published } of all) {
    const head = await history.head(service)
    if (published.length === 0 || head === undefined) continue
    const contract = await contracts.load(head.contract)
    services.push({
      name,
      version: runningVersion({ published }, contract),
      service,
      contract: contract.cid,
      head: head.commit,
      description: summaryOf(contract.manifest.description),
    })
    for (const { version, contract: code, yanked = false, deprecated = null } of published)
      versions.push({ name, version, contract: code, yanked, deprecated })
  }
  return { services, versions }
}
