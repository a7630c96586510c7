/** The way to a node over HTTP, for programs with keys of their own: what is called is signed here, and executed as a stranger's. */
import { createAskDoor } from './ask-door.ts'
import { toPaddedBase64 } from './base64.ts'
import type { Answer, Asked, Connection, Described } from './connection.ts'
import { signEnvelope, signGrant, TTL_MS } from './envelope.ts'
import { AmigoError, notOurs } from './errors.ts'
import { following } from './following.ts'
import { itemsOf } from './items.ts'
import { type KeyPair, type Signer, signerOf } from './key.ts'
import { resending } from './resending.ts'
import type { FunctionInfo, QueryOptions, Waiting } from './types.ts'

/** What a node says of a service, which is what a signature needs. */
interface Known extends Described {
  network: string
  peerId: string
}

interface Claim {
  user: string
  grant: string
}

/** @param keyOf asked once, when something is to be signed */
export function connectDoor(node: string, keyOf: () => Promise<KeyPair>): Connection {
  const ask = createAskDoor(node)
  let signing: Promise<Signer> | undefined
  /** grants by right and service: one is good for as long as this program runs */
  const grants = new Map<string, Promise<Claim>>()

  const signer = (): Promise<Signer> => {
    signing ??= keyOf().then(signerOf)
    return signing
  }

  const claimFor = (
    right: 'query' | 'history',
    service: Pick<Known, 'network' | 'service' | 'peerId'>,
  ): Promise<Claim> => {
    const key = `${right} ${service.service} ${service.peerId}`
    const known = grants.get(key)
    if (known !== undefined) return known
    const made = signer().then(async (who) => ({
      user: who.user,
      grant: toPaddedBase64(await signGrant(right, service, who)),
    }))
    grants.set(key, made)
    return made
  }

  const questionOf = async ({ target, method, args }: Asked, { gas, at }: QueryOptions): Promise<object> => {
    const known = target as Known
    return { name: known.name, method, args, gas, at, as: await claimFor('query', known) }
  }

  return {
    async describe(name, options) {
      const { user } = await signer()
      const first = descriptionIn(await ask('describe', { name }, waitingOf(options)))
      const claimed = async (): Promise<typeof first> =>
        descriptionIn(await ask('describe', { name, as: await claimFor('query', first) }, waitingOf(options)))
      const { functions, ...found } = first.functions === null ? await claimed() : first
      if (functions !== null) return { ...found, name, user, functions } as Known
      const hint = `its owner may let this program in: ${user} under access in amigo.yaml`
      throw new AmigoError('ACCESS_DENIED', `${name} is not for this program.`, hint)
    },
    async call({ target, method, args }, { gas = 0, ...options }) {
      const { name, service, network } = target as Known
      const wanted = { network, service, method, args: JSON.stringify(args), gas }
      const envelope = toPaddedBase64(await signEnvelope('call', wanted, await signer()))
      const send = (timeoutMs: number | undefined): Promise<unknown> =>
        ask('call', { name, envelope }, { signal: options.signal, timeoutMs })
      return (await resending(send, options, { withinMs: TTL_MS })) as Answer
    },
    async query(asked, options) {
      return (await ask('query', await questionOf(asked, options), waitingOf(options))) as Answer
    },
    stream: (asked, options) =>
      itemsOf<Answer>(async (give, signal) => {
        const onItem = (item: unknown): Promise<void> => give(item as Answer)
        await ask('stream', await questionOf(asked, options), { ...waitingOf(options), signal, onItem })
      }, options.signal),
    subscribe(target, options) {
      const { name } = target
      const claim = (): Promise<Claim> => claimFor('history', target as Known)
      const head = async (signal: AbortSignal | undefined): Promise<number> => {
        const { seq } = (await ask('head', { name, as: await claim() }, { signal })) as { seq?: unknown }
        if (typeof seq !== 'number') throw notOurs()
        return seq
      }
      const commits = (from: number, given: AbortSignal | undefined) =>
        itemsOf<Answer>(async (give, signal) => {
          const onItem = (item: unknown): Promise<void> => give(item as Answer)
          await ask('subscribe', { name, from, as: await claim() }, { signal, onItem })
        }, given)
      return following({ head, commits }, options)
    },
  }
}

const waitingOf = ({ signal, timeoutMs }: Waiting): Waiting => ({ signal, timeoutMs })

interface Description extends Omit<Known, 'user' | 'functions'> {
  functions: FunctionInfo[] | null
}

function descriptionIn(answer: unknown): Description {
  const { name, service, version, network, peerId, functions } = answer as Record<string, unknown>
  const texts = [name, service, version, network, peerId]
  if (!texts.every((one) => typeof one === 'string') || !(functions === null || Array.isArray(functions)))
    throw notOurs()
  return answer as Description
}
