/** Publishes services under the user's key: this node's list on the network, signed and renewed by the registry. */
import type { CID } from 'multiformats/cid'
import { encodeList, summaryOf } from '../../../registry/home/list.ts'
import type { ListedService, ListedVersion, NodeList, Publication, Registry } from '../../../registry/home/types.ts'
import { createSerial, type Serial } from '../../../registry/serial.ts'
import type { Contract } from '../../contract/types.ts'
import type { History } from '../../store/types.ts'
import { CallsError } from '../errors.ts'
import type { Names } from '../names/names.ts'
import type { Identity, LocalName } from '../types.ts'
import { versionFor } from '../versions/choose.ts'
import { shownAs, withVersion } from '../versions/line.ts'
import { servicesOf } from '../versions/local-services.ts'
import type { Contracts } from './contracts.ts'
import type { Deployed } from './deploy.ts'

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
  versionFor(
    name: string,
    contract: Contract,
    options: { wanted?: string | undefined; signal: AbortSignal },
  ): Promise<string>
  /** Publishes what runs, as a version that `versionFor` gave. */
  publish(
    deployed: Pick<Deployed, 'name' | 'head'>,
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
  /** told of a service whose contract cannot be read: it is left out */
  onUnreadable?: (service: CID, error: Error) => void
  /** what this user's services are called: `alice.amigos.net`, or `~k51...` */
  ownName: () => string
  /** a name is read and written by one at a time */
  naming: Serial
}

export function createPublish(parts: PublishParts): Publish {
  const { registry, names, contracts, identity, ownName, naming } = parts
  /** two at once would each publish a list without the other's service */
  const lists = createSerial()

  return {
    async versionFor(name, contract, { wanted, signal }) {
      const entry = (await names.get(name)) ?? { name, running: [], published: [] }
      const version = await versionFor(entry, contract, wanted, contracts.load)
      // what the user's other nodes published is known from when this one published last
      const home = registry.publication() && (await registry.resolve(identity.user, { signal }))
      const other = home?.versions.find((one) => one.name === name && one.version === version)
      if (other !== undefined && !other.contract.equals(contract.cid)) throw takenElsewhere(name, version)
      return version
    },

    publish: ({ name, head: { service } }, contract, { version, signal }) =>
      lists(identity.user, async () => {
        const { added, list } = await naming(identity.user, async () => {
          const { unpublished: _, ...entry } = (await names.get(name))!
          const added = withVersion(entry, service, version, contract.cid)
          const all = (await names.all()).map((other) => (other.name === name ? added : other))
          const list = await listOf(all, parts)
          encodeList(list) // refused before anything is written down
          await names.put(added)
          return { added, list }
        })
        const shown = shownAs(added, added.running.find((one) => one.service.equals(service))!)
        return { name: `${ownName()}/${shown}`, version, publication: await registry.publish(list, { signal }) }
      }),

    refresh: ({ signal, always = false }) =>
      lists(identity.user, async () => {
        const all = (await names.all()).filter(({ published }) => published.length > 0)
        if (all.length > 0 || always) await registry.publish(await listOf(all, parts), { signal })
      }),
  }
}

/** Publishes again after a change that stays, whether or not the network can be told of it: if not, that is a warning. */
export async function tellNetwork(
  publish: Pick<Publish, 'refresh'>,
  { signal }: { signal: AbortSignal },
  then = 'it is told at the next start',
): Promise<string[]> {
  try {
    await publish.refresh({ signal })
    return []
  } catch {
    return [`the network does not know of it yet: ${then}`]
  }
}

/** What this node runs and has published: every published service as it runs now, with its head, and every version, whether it runs or not. */
async function listOf(all: readonly LocalName[], parts: PublishParts): Promise<NodeList> {
  const services: ListedService[] = []
  const versions: ListedVersion[] = []
  for (const entry of all) {
    const { name, published, unpublished } = entry
    if (published.length === 0 || unpublished) continue
    for (const { version, service, contract, head } of await servicesOf(entry, parts)) {
      const description = summaryOf(contract.manifest.description)
      services.push({ name, version, service, contract: contract.cid, head: head.commit, description })
    }
    for (const { version, contract: code, yanked = false, deprecated = null } of published)
      versions.push({ name, version, contract: code, yanked, deprecated })
  }
  return { services, versions }
}

function takenElsewhere(name: string, version: string): CallsError {
  const message = `Another node of yours has published ${name} ${version}, as another contract.`
  return new CallsError(
    'VERSION_TAKEN',
    message,
    'one version is one contract for ever: say another one with --version',
  )
}
