/** Tells those who follow this node's user what is new, and hears of those whom this node follows: one gossipsub topic for each user. */
import type { Message, SubscriptionChangeData, TopicValidatorResult } from '@chainsafe/libp2p-gossipsub'
import type { PeerId } from '@libp2p/interface'
import { verifyHead } from '../../../registry/home/head.ts'
import type { HomeAnswer, Registry } from '../../../registry/home/types.ts'
import { createPeerRates } from '../remote/peer-rates.ts'
import type { Identity } from '../types.ts'
import { GREET_MS, MAX_PEER_TOPICS, MAX_PUSHERS, PUSHES_AT_ONCE, PUSHES_PER_SECOND } from './constants.ts'
import type { Heads } from './heads.ts'
import { decodePush, encodePush, topicOf } from './push-message.ts'

/** What of gossipsub is used. */
export interface PubSub {
  addEventListener(type: 'subscription-change', listener: (event: CustomEvent<SubscriptionChangeData>) => void): void
  removeEventListener(type: 'subscription-change', listener: (event: CustomEvent<SubscriptionChangeData>) => void): void
  subscribe(topic: string): void
  unsubscribe(topic: string): void
  publish(topic: string, data: Uint8Array): Promise<unknown>
  topicValidators: Map<string, (peer: PeerId, message: Message) => TopicValidatorResult | Promise<TopicValidatorResult>>
}

export interface PushParts {
  pubsub: PubSub
  registry: Pick<Registry, 'known' | 'take' | 'lastKnown' | 'resolve'>
  heads: Heads
  identity: Identity
  /** What is told behind the home: what has moved since it was published. Never throws. */
  afterHome: () => Promise<void>
  /** The peer asks for more than anybody needs. */
  ban: (peer: string) => void
  now: () => number
}

export interface Push {
  /** Hears of this user from now on. */
  join(user: string): void
  leave(user: string): void
  /** The peer is gone, and with it its topics. */
  parted(peer: string): void
  /** Sends what this node knows of its own user to whoever follows. Never throws. */
  tellHome(): Promise<void>
  tellHead(head: Uint8Array): Promise<void>
  stop(): void
}

type Verdict = 'accept' | 'ignore' | 'reject'

/** What says that whoever sent it on did not look at it. Others may be behind, or ahead of this node. */
const WRONG: ReadonlySet<string> = new Set([
  'ANSWER_INVALID',
  'HOME_INVALID',
  'RECORD_INVALID',
  'RECORD_WRONG_KEY',
  'RECORD_WRONG_NETWORK',
  'SIGNATURE_INVALID',
])

/** Everything is judged before it is passed on, and passed on only if it is news. */
export function createPush({ pubsub, registry, heads, identity, afterHome, ban, now }: PushParts): Push {
  const life = new AbortController()
  /** whether a peer sends more than anybody has to say */
  const isTooMuch = createPeerRates({ perSecond: PUSHES_PER_SECOND, burst: PUSHES_AT_ONCE }, MAX_PUSHERS)
  const own = topicOf(identity.network.id, identity.user)
  const joined = new Set<string>()
  /** how many topics each connected peer is on */
  const topics = new Map<string, number>()
  let greeting: NodeJS.Timeout | undefined

  const judgeHome = async (user: string, answer: HomeAnswer): Promise<Verdict> => {
    const { isNews, isPart } = await registry.take(user, answer)
    // what does not fit a message is asked for, behind it
    if (isPart) registry.resolve(user, { signal: life.signal, fresh: true }).catch(() => undefined)
    return isNews || isPart ? 'accept' : 'ignore'
  }

  const judgeHead = async (user: string, bytes: Uint8Array): Promise<Verdict> => {
    const news = await verifyHead(bytes, { network: identity.network.id, now: now() })
    const home = await registry.lastKnown(user)
    const isListed = home?.services.some(({ service, host }) => host === news.node && service.equals(news.service))
    return isListed && heads.note(news) ? 'accept' : 'ignore'
  }

  const judge = async (user: string, peer: string, data: Uint8Array): Promise<Verdict> => {
    if (isTooMuch(peer)) return 'ignore'
    try {
      const message = decodePush(data)
      return 'head' in message ? await judgeHead(user, message.head) : await judgeHome(user, message.home)
    } catch (error) {
      const { code } = error as { code?: string }
      return code === undefined || WRONG.has(code) ? 'reject' : 'ignore'
    }
  }

  const tellHome = async (): Promise<void> => {
    const home = await registry.known(identity.user, [])
    // nobody may listen, which is not worth a word
    if (home.record === null) return
    await pubsub.publish(own, encodePush({ home })).catch(() => undefined)
    await afterHome()
  }

  /** The library notes down every topic that a peer says to be on. */
  const onSubscriptions = ({ detail: { peerId, subscriptions } }: CustomEvent<SubscriptionChangeData>): void => {
    const peer = peerId.toString()
    const count = subscriptions.reduce((sum, { subscribe }) => sum + (subscribe ? 1 : -1), topics.get(peer) ?? 0)
    topics.delete(peer)
    if (count > MAX_PEER_TOPICS) ban(peer)
    if (count > 0) topics.set(peer, count)
    if (topics.size > MAX_PUSHERS) topics.delete(topics.keys().next().value!)
    // whoever was away may have missed something: the user's own nodes above all
    if (!subscriptions.some(({ topic, subscribe }) => subscribe && topic === own)) return
    greeting ??= setTimeout(() => {
      greeting = undefined
      void tellHome()
    }, GREET_MS).unref()
  }
  pubsub.addEventListener('subscription-change', onSubscriptions)

  return {
    tellHome,
    join(user) {
      const topic = topicOf(identity.network.id, user)
      if (joined.has(topic)) return
      joined.add(topic)
      pubsub.topicValidators.set(topic, async (peer, { data }) => {
        return (await judge(user, peer.toString(), data)) as TopicValidatorResult
      })
      pubsub.subscribe(topic)
    },
    leave(user) {
      const topic = topicOf(identity.network.id, user)
      if (!joined.delete(topic)) return
      pubsub.unsubscribe(topic)
      pubsub.topicValidators.delete(topic)
    },
    parted: (peer) => void topics.delete(peer),
    async tellHead(head) {
      await pubsub.publish(own, encodePush({ head })).catch(() => undefined)
    },
    stop() {
      life.abort(new Error('this node is stopping'))
      clearTimeout(greeting)
      pubsub.removeEventListener('subscription-change', onSubscriptions)
      for (const topic of joined) {
        pubsub.unsubscribe(topic)
        pubsub.topicValidators.delete(topic)
      }
      joined.clear()
    },
  }
}
