/** What a user's page is: a link in the home, to one of the services or to anything else that has a CID. */
import type { CID } from 'multiformats/cid'
import type { Registry } from '../../../registry/home/types.ts'
import type { Implementation } from '../../api/vocabulary.ts'
import { CallsError } from '../errors.ts'
import type { Publish } from '../life/publish.ts'
import type { Resolve } from '../names/resolve.ts'

export interface HomePageParts {
  registry: Pick<Registry, 'describe' | 'publication'>
  resolve: Resolve
  publish: Pick<Publish, 'refresh'>
  /** what this user's services are called: `alice.amigos.net`, or `~k51...` */
  ownName: () => string
}

/** Tells it, sets it to what a name stands for now, or takes it away. The network is told with the user's home. */
export function createHomePage({ registry, resolve, publish, ownName }: HomePageParts): Implementation['page'] {
  const linkOf = async (name: string, signal: AbortSignal): Promise<CID> => {
    const target = await resolve(name, { signal, code: true })
    if (target.kind === 'service') return target.at ?? target.service
    if (target.kind === 'contract') return target.contract
    if (target.kind === 'content') return target.cid
    const hint = 'name one of your services, like local.land/_/home, or a CID'
    throw new CallsError('NAME_NOT_SUPPORTED', `${name} is no service, and no page can be made from it.`, hint)
  }

  return async ({ name, remove = false }, { signal }) => {
    if (name !== undefined && remove) {
      const hint = 'amigo page NAME sets it, amigo page --none takes it away'
      throw new CallsError('ARGUMENTS_INVALID', 'A page is set or taken away, not both.', hint)
    }
    if (name !== undefined || remove) {
      const page = name === undefined ? null : await linkOf(name, signal)
      // a home that nobody ever made could not keep it
      if (registry.publication() === undefined) await publish.refresh({ signal, always: true })
      await registry.describe({ page }, { signal })
    }
    return { name: ownName(), page: registry.publication()?.home.page?.toString() ?? null }
  }
}
