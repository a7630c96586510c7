/** Who is meant by a name: a petname of this node, a username that the network certifies, or the user ID itself. */
import { formatName, parseName } from '../../../registry/grammar/name.ts'
import type { Usernames } from '../../../registry/names/types.ts'
import type { Name, Owner } from '../../../registry/types.ts'
import { CallsError } from '../errors.ts'
import type { Identity } from '../types.ts'
import type { Petnames } from './petnames.ts'

/** A user, and by what he was found. */
export interface FoundUser {
  /** user ID */
  user: string
  /** the name is one of this node alone */
  petname?: string
  /** what the network says of the username, if that is how he was found */
  username?: { source: string; age: number; expires: number; home: Uint8Array | null }
}

export interface Users {
  /** @throws CallsError NAME_NEEDS_REGISTRAR, NAME_NOT_SUPPORTED; RegistryError NAME_NOT_FOUND, ... */
  find(name: Name & { kind: 'page' | 'service' }, options: { signal: AbortSignal }): Promise<FoundUser>
  /** The user ID that a text stands for: `~k51...`, `k51...`, a username or petname, whole or the first word of a name. */
  userOf(text: string, options: { signal: AbortSignal }): Promise<string>
}

export interface UsersParts {
  identity: Identity
  petnames: Pick<Petnames, 'get'>
  usernames: Pick<Usernames, 'resolve'>
}

export function createUsers({ identity, petnames, usernames }: UsersParts): Users {
  const { network } = identity

  const ofOwner = async (owner: Owner, service: string, options: { signal: AbortSignal }): Promise<FoundUser> => {
    if ('key' in owner) return { user: owner.key }
    const { username } = owner
    const petname = await petnames.get(username)
    if (petname !== undefined) return { user: petname, petname: username }
    if (network.registrars.length === 0) throw needsRegistrar(username, service, network.name)
    const { user, record, source, age, home } = await usernames.resolve(username, options)
    return { user, username: { source, age, expires: record.expires, home } }
  }

  const find: Users['find'] = (name, options) => {
    if (name.network !== null) throw otherNetwork(name, name.network, network.suffix)
    return ofOwner(name.owner, name.kind === 'service' ? name.service : '', options)
  }

  return {
    find,
    async userOf(text, options) {
      const name = parseName(asUser(text, network.suffix), { suffix: network.suffix })
      if (name.kind === 'page') return (await find(name, options)).user
      const hint = 'a user is alice.amigos.net, alice or ~k51...'
      throw new CallsError('NAME_NOT_SUPPORTED', `${formatName(name, { suffix: network.suffix })} is no user.`, hint)
    },
  }
}

/** The whole name of who is meant where nobody but a user can be: a bare word, and a user ID without its tilde, is one. */
export function asUser(text: string, suffix: string): string {
  const bare = text.startsWith('k51') && text.length > 32 ? `~${text}` : text
  return /^[A-Za-z0-9-]{1,32}$/.test(bare) ? `${bare}.${suffix}` : bare
}

function otherNetwork(name: Name & { kind: 'page' | 'service' }, network: string, suffix: string): CallsError {
  const there = formatName({ ...name, network: null }, { suffix })
  return new CallsError(
    'NAME_NOT_SUPPORTED',
    `That cannot be done on another network, "${network}".`,
    `from here such names are resolved, called, queried and verified; for the rest run a node there: amigo up --home DIR --network INVITE, and use ${there}`,
  )
}

function needsRegistrar(username: string, service: string, network: string): CallsError {
  return new CallsError(
    'NAME_NEEDS_REGISTRAR',
    `Nobody on the network ${network} certifies the username "${username}".`,
    `use the user ID instead: ~k51.../${service}; or name it yourself: amigo petname ${username} USER`,
  )
}
