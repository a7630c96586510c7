/** Publishes services under the user's key: a home on the network, signed and renewed by the registry. */
import { encodeHome } from '../../registry/home.ts'
import type { Home, HomeService, Publication, Registry } from '../../registry/types.ts'
import { compareVersions, parseVersion } from '../../registry/version.ts'
import type { Contract } from '../contract/types.ts'
import type { History } from '../store/types.ts'
import type { Contracts } from './contracts.ts'
import type { Deployed } from './deploy.ts'
import { CallsError } from './errors.ts'
import type { Names } from './names.ts'
import { createSerial } from './serial.ts'
import type { Identity, LocalName } from './types.ts'

export interface Published {
  /** resolves from every node of the network */
  name: string
  version: string
  publication: Publication
}

export interface Publish {
  /** @param options.version the one to publish it as; @default the newest if that is the same contract, else the manifest's */
  publish(
    deployed: Deployed,
    contract: Contract,
    options: { version?: string | undefined; signal: AbortSignal },
  ): Promise<Published>
  /** Publishes again what is published, with the heads as they are now: heals a publish that broke off half-way. */
  refresh(options: { signal: AbortSignal }): Promise<void>
}

export interface PublishParts {
  registry: Registry
  names: Names
  history: History
  contracts: Contracts
  identity: Identity
}

export function createPublish(parts: PublishParts): Publish {
  const { registry, names, identity } = parts
  const serial = createSerial() // two at once would each publish a home without the other's service

  return {
    publish: ({ name }, contract, { version: wanted, signal }) =>
      serial.run(async () => {
        const entry = (await names.get(name))!
        const newest = entry.published.at(-1)
        const isSame = newest?.contract.equals(contract.cid) ?? false
        const version = wanted ?? (isSame ? newest!.version : contract.manifest.version)
        const again = isSame && version === newest!.version
        if (!again) checkFree(entry, version, contract)
        const added = { ...entry, published: [...entry.published, { version, contract: contract.cid }] }
        const all = (await names.all()).map((other) => (other.name === name && !again ? added : other))
        const home = await homeOf(all, parts)
        encodeHome(home) // refused before anything is written down
        if (!again) await names.put(added)
        return { name: `~${identity.user}/${name}`, version, publication: await registry.publish(home, { signal }) }
      }),

    refresh: ({ signal }) =>
      serial.run(async () => {
        const all = (await names.all()).filter(({ published }) => published.length > 0)
        if (all.length > 0) await registry.publish(await homeOf(all, parts), { signal })
      }),
  }
}

/** @throws CallsError VERSION_TAKEN, VERSION_NOT_NEWER */
function checkFree({ name, published }: LocalName, version: string, contract: Contract): void {
  const taken = published.find((one) => one.version === version)
  if (taken !== undefined && !taken.contract.equals(contract.cid)) {
    const hint = 'one version is one contract for ever: give the new one a new version in amigo.yaml or with --version'
    throw new CallsError('VERSION_TAKEN', `${name} ${version} is published already, as another contract.`, hint)
  }
  const newest = published.at(-1)?.version
  if (newest === undefined || isNewer(version, newest)) return
  const hint = `publish it as a version after ${newest}, with --version or in amigo.yaml`
  const message = `${name} ${newest} is published already, and ${version} is not newer.`
  throw new CallsError('VERSION_NOT_NEWER', message, hint)
}

function isNewer(version: string, than: string): boolean {
  const [a, b] = [parseVersion(version), parseVersion(than)]
  return a !== undefined && b !== undefined && compareVersions(a, b) > 0
}

/** Checked before anything is deployed under it. @throws CallsError VERSION_INVALID */
export function checkVersion(version: string | undefined): void {
  if (version === undefined || parseVersion(version) !== undefined) return
  const message = `"${version.slice(0, 64)}" is not a version.`
  throw new CallsError('VERSION_INVALID', message, 'a version looks like 1.2.0 (semver.org)')
}

/** This user's directory as this node knows it: every published service with its newest version and head. */
async function homeOf(all: readonly LocalName[], { history, contracts, identity }: PublishParts): Promise<Home> {
  const services: HomeService[] = []
  for (const { name, service, published } of all) {
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
