/** Removes a service from this node. Its versions stay known: one version is one contract, for ever. */
import type { Serial } from '../../../registry/serial.ts'
import type { Implementation } from '../../api/vocabulary.ts'
import type { History } from '../../store/types.ts'
import { CallsError } from '../errors.ts'
import type { ImportForks } from '../life/import-forks.ts'
import { type Publish, tellNetwork } from '../life/publish.ts'
import type { Names } from '../names/names.ts'
import type { ResolveService } from '../names/resolve.ts'
import type { Instances } from '../run/instances.ts'
import type { Identity } from '../types.ts'
import { shownAs } from './line.ts'

export interface RemovalParts {
  identity: Pick<Identity, 'user'>
  names: Names
  history: Pick<History, 'retire'>
  instances: Pick<Instances, 'use' | 'discard'>
  resolveService: ResolveService
  publish: Pick<Publish, 'refresh'>
  /** what it imports as forks stays: it may hold what nobody else has */
  forks: Pick<ImportForks, 'namesOf'>
  /** a name is read and written by one at a time */
  naming: Serial
}

export function createRemove(parts: RemovalParts): Implementation['remove'] {
  const { identity, names, history, instances, resolveService, publish, naming, forks: imported } = parts

  const remove = async (text: string, signal: AbortSignal) => {
    const { service } = await resolveService(text, { signal })
    const local = await names.of(service)
    if (local === undefined) {
      const hint = 'amigo status lists them; a copy of another service goes when nothing uses it'
      throw new CallsError('SERVICE_NOT_FOUND', `${text} is not one of the services of this node.`, hint)
    }
    const { entry } = local
    const left = entry.running.filter((one) => !one.service.equals(service))
    const end = async () => {
      try {
        return await history.retire(service, { also: [names.write({ ...entry, running: left })] })
      } finally {
        await instances.discard(service)
      }
    }
    let isOpen = false
    const alone = (): ReturnType<typeof end> => {
      isOpen = true
      return end()
    }
    // after what is being called; one that does not open any more can be removed all the same
    const retired = await instances.use(service, alone, { from: 'local', signal }).catch((error: unknown) => {
      if (isOpen || signal.aborted) throw error
      return end()
    })
    return { service, name: shownAs(entry, local), isPublished: entry.published.length > 0, ...retired }
  }

  return async ({ name: text }, { signal }) => {
    const { service, name, isPublished, freed, forks } = await naming(identity.user, () => remove(text, signal))
    const warnings = await Promise.all(
      forks.map(async (fork) => {
        const local = await names.of(fork)
        const by = local ? `local.land/_/${shownAs(local.entry, local)}` : fork.toString()
        return `its history stays on the disk: ${by} began with its state`
      }),
    )
    for (const own of await imported.namesOf(service))
      warnings.push(`${own}, which it imports as a fork, stays: amigo remove ${own}`)
    if (isPublished) warnings.push(...(await tellNetwork(publish, { signal })))
    return { name: `local.land/_/${name}`, service: service.toString(), freed, warnings }
  }
}
