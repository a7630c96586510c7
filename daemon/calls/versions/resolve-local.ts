/** What `local.land/_/NAME` stands for. */
import type { CID } from 'multiformats/cid'
import { warningsOf } from '../../../registry/home/marks.ts'
import type { VersionSelector } from '../../../registry/types.ts'
import type { History } from '../../store/types.ts'
import { CallsError } from '../errors.ts'
import type { Contracts } from '../life/contracts.ts'
import type { CommitOwner } from '../names/named-commit.ts'
import type { Names } from '../names/names.ts'
import type { Identity, Target } from '../types.ts'
import { chooseTarget } from './choose-target.ts'
import { servicesOf } from './local-services.ts'

export interface ResolveLocalParts {
  identity: Pick<Identity, 'peerId'>
  names: Pick<Names, 'get'>
  history: Pick<History, 'head'>
  contracts: Pick<Contracts, 'load'>
}

export type ResolveLocal = (
  wanted: { service: string; version: VersionSelector },
  options: { code?: boolean | undefined; commitOf?: (services: CID[]) => Promise<CommitOwner> },
) => Promise<Target>

/** On its own node a service is found also as a version that was withdrawn: there it is looked after. */
export function createResolveLocal({ identity, names, ...parts }: ResolveLocalParts): ResolveLocal {
  return async ({ service: name, version }, { code, commitOf }) => {
    const entry = await names.get(name)
    const services = entry === undefined ? [] : await servicesOf(entry, parts)
    if (entry === undefined || services.length === 0) {
      const hint = 'amigo status lists the services of this node'
      throw new CallsError('SERVICE_NOT_FOUND', `This node has no service "${name}".`, hint)
    }
    const mine = services.map((one) => ({ ...one, contract: one.head.contract, head: one.head.commit }))
    const found = { source: 'local', age: 0 }
    // as long as it was not published, it has one service and no versions
    const only = version.kind === 'latest' ? mine.find(({ line }) => line === null) : undefined
    const versions = entry.published.map((one) => ({ name, yanked: false, deprecated: null, ...one }))
    const choice = only
      ? { service: only, warnings: [] }
      : chooseTarget(
          { services: mine, versions: versions.map((one) => ({ ...one, yanked: false })) },
          { name, version, code, service: await commitOf?.(mine.map(({ service }) => service)) },
        )
    if ('contract' in choice) {
      const { contract, version } = choice.contract
      return {
        kind: 'contract',
        ...found,
        name: `local.land/_/${name}@${version}`,
        contract,
        version,
        host: identity.peerId,
        warnings: choice.warnings,
      }
    }
    const { shown, service, contract, head } = choice.service
    const said = mine.find((one) => one.service.equals(service))!
    return {
      ...{ kind: 'service', ...found, name: `local.land/_/${shown}`, host: identity.peerId },
      ...{ service, contract, version: choice.service.version, head },
      ...('at' in choice && choice.at && { at: choice.at }),
      warnings: warningsOf(said),
      running: mine.map((one) => one.version),
    }
  }
}
