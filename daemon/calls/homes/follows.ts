/** Whom this node follows: kept on disk, heard of over gossipsub, and asked from time to time in case something was missed. */
import * as dagCbor from '@ipld/dag-cbor'
import { parseName } from '../../../registry/grammar/name.ts'
import type { Registry, ResolvedHome } from '../../../registry/home/types.ts'
import type { Implementation, Methods } from '../../api/vocabulary.ts'
import type { Meta } from '../../store/database-types.ts'
import { CallsError } from '../errors.ts'
import type { Resolve } from '../names/resolve.ts'
import { asUser } from '../names/users.ts'
import type { Identity } from '../types.ts'
import { MAX_FOLLOWS, REFRESH_MS } from './constants.ts'
import type { Push } from './push.ts'

const PREFIX = 'follow/'

/** As it is kept. */
interface Row {
  /** as it was typed */
  name: string
  /** milliseconds since 1970 */
  since: number
}

export interface FollowsParts {
  meta: Pick<Meta, 'get' | 'put' | 'delete' | 'list'>
  registry: Pick<Registry, 'refresh' | 'lastKnown'>
  push: Pick<Push, 'join' | 'leave'>
  resolve: Resolve
  identity: Identity
  now: () => number
}

export interface Follows {
  follow: Implementation['follow']
  following: Implementation['following']
  /** Reads who was followed before, and begins to hear of them. */
  start(): Promise<void>
  stop(): void
}

/** @param followed the users themselves, for whoever has to know; filled by `start` */
export function createFollows(parts: FollowsParts, followed: Set<string>): Follows {
  const { meta, registry, push, resolve, identity, now } = parts
  const stopping = new AbortController()
  const { signal } = stopping
  let timer: NodeJS.Timeout | undefined

  /** One after the other, spread over the time between two rounds. */
  const refresh = async (): Promise<void> => {
    for (const user of [identity.user, ...followed]) {
      if (signal.aborted) return
      await registry.refresh(user, { signal }).catch(() => undefined)
    }
  }
  const schedule = (): void => {
    timer = setTimeout(() => void refresh().then(schedule), REFRESH_MS)
    timer.unref()
  }

  const userOf = async (text: string, waiting: AbortSignal): Promise<string> => {
    const { suffix } = identity.network
    const name = asUser(text, suffix)
    const parsed = parseName(name, { suffix })
    // of a key it is known whose it is, whether or not anybody knows more of it yet
    if ('owner' in parsed && parsed.network === null && 'key' in parsed.owner) return parsed.owner.key
    const target = await resolve(name, { signal: waiting })
    if ('user' in target && target.user !== undefined) return target.user
    const hint = 'follow a user, like alice.amigos.net or ~k51..., or a service of one'
    throw new CallsError('NAME_NOT_SUPPORTED', `${name} is not a user's.`, hint)
  }

  const shown = async (
    user: string,
    { name, since }: Row,
  ): Promise<Methods['following']['result']['follows'][number]> => {
    const home: ResolvedHome | undefined = await registry.lastKnown(user)
    return {
      name,
      user,
      since: new Date(since).toISOString(),
      services: home?.services.length ?? 0,
      age: home?.age ?? null,
      expires: home ? new Date(home.expires).toISOString() : null,
    }
  }

  return {
    async follow({ name, stop = false }, options) {
      const user = await userOf(name, options.signal)
      if (stop) {
        followed.delete(user)
        if (user !== identity.user) push.leave(user)
        await meta.delete(PREFIX + user)
        return { name, user, following: false }
      }
      if (user === identity.user) {
        throw new CallsError('NAME_NOT_SUPPORTED', 'This is your own user.', 'a node knows what it publishes itself')
      }
      if (!followed.has(user) && followed.size >= MAX_FOLLOWS) {
        const hint = 'amigo follow --list shows them; end one with --stop'
        throw new CallsError('FOLLOWS_FULL', `This node follows ${MAX_FOLLOWS} users, which is the most.`, hint)
      }
      await meta.put(PREFIX + user, dagCbor.encode({ name, since: now() } satisfies Row))
      followed.add(user)
      push.join(user)
      // by asking a node of the user this node is connected with it, and hears what it says from then on
      await registry.refresh(user, { signal: options.signal }).catch(() => undefined)
      return { name, user, following: true }
    },

    async following() {
      const follows: Methods['following']['result']['follows'] = []
      for await (const { key, value } of meta.list(PREFIX)) {
        follows.push(await shown(key.slice(PREFIX.length), dagCbor.decode<Row>(value)))
      }
      return { follows }
    },

    async start() {
      for await (const { key } of meta.list(PREFIX, { limit: MAX_FOLLOWS })) followed.add(key.slice(PREFIX.length))
      // the user's other nodes say there what they publish
      for (const user of [identity.user, ...followed]) push.join(user)
      void refresh().then(schedule)
    },

    stop() {
      stopping.abort(new Error('this node is stopping'))
      clearTimeout(timer)
    },
  }
}
