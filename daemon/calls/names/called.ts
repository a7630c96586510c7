/** What others and their services are called, where nothing but IDs is known of them: as their homes say, and as the network certifies it. */
import type { Registry } from '../../../registry/home/types.ts'
import type { Usernames } from '../../../registry/names/types.ts'
import type { Identity } from '../types.ts'

export interface Called {
  /** `alice.amigos.net`, else `~k51...`. Never throws: who does not answer in time has no name. */
  user(user: string, options: { signal: AbortSignal }): Promise<string>
  /** `alice.amigos.net/forum`, of a service that its owner's home lists; else undefined. Never throws. */
  service(user: string, service: string, options: { signal: AbortSignal }): Promise<string | undefined>
}

export interface CalledParts {
  identity: Pick<Identity, 'user' | 'network'>
  registry: Pick<Registry, 'resolve'>
  usernames: Pick<Usernames, 'resolve'>
  /** what this node's user is called */
  ownName: () => string
}

export function createCalled({ identity, registry, usernames, ownName }: CalledParts): Called {
  const { suffix, registrars } = identity.network

  const userOf: Called['user'] = async (user, options) => {
    if (user === identity.user) return ownName()
    const bare = `~${user}`
    if (registrars.length === 0) return bare
    try {
      const { home } = await registry.resolve(user, options)
      const [username] = home.usernames
      // a home says what it likes: the record decides
      const isTheirs = username !== undefined && (await usernames.resolve(username, options)).user === user
      return isTheirs ? `${username}.${suffix}` : bare
    } catch {
      return bare
    }
  }

  return {
    user: userOf,
    async service(user, service, options) {
      try {
        const { services } = await registry.resolve(user, options)
        const listed = services.find((one) => one.service.toString() === service)
        return listed && `${await userOf(user, options)}/${listed.name}`
      } catch {
        return undefined
      }
    },
  }
}
