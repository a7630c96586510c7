/** The methods of the local API that answer item by item: `stream` a query, `subscribe` to a service; and `head`, from where on there is something to follow. */
import type { CID } from 'multiformats/cid'
import type { Implementation, Methods } from '../../api/vocabulary.ts'
import type { History } from '../../store/types.ts'
import { parseCommit } from '../methods/parse.ts'
import type { ResolveService } from '../names/resolve.ts'
import { NO_ANSWER } from '../pull/copy.ts'
import { wholeGas } from '../receipt/signed-call.ts'
import type { Remote } from '../remote/remote.ts'
import { notHere } from '../run/instances.ts'
import type { Answered, Identity } from '../types.ts'
import { encodeArguments } from '../values.ts'
import type { Follow } from './follow.ts'
import { followRemote } from './follow-remote.ts'
import { followedOf, itemOf } from './shown-items.ts'
import type { StreamQuery } from './stream-query.ts'

export interface StreamingParts {
  identity: Identity
  history: Pick<History, 'head'>
  stream: StreamQuery
  follow: Follow
  remote: Remote
  resolveService: ResolveService
}

export type Streaming = Pick<Implementation, 'stream' | 'subscribe' | 'head'>

export function createStreaming({
  identity,
  history,
  stream,
  follow,
  remote,
  resolveService,
}: StreamingParts): Streaming {
  const open = async (params: Methods['stream']['params'], signal: AbortSignal) => {
    const target = await resolveService(params.name, { signal })
    const { service, host } = target
    const at = params.at === undefined ? target.at : parseCommit(params.at)
    const gas = wholeGas(params.gas)
    const limit = gas === undefined ? gas : BigInt(gas)
    const question = { service, method: params.method, args: encodeArguments(params.args), gas: limit, at }
    const here = (): AsyncIterable<Answered> =>
      stream({ ...question, caller: identity.user }, { from: 'local', signal })
    if (host === identity.peerId) return { host, items: here() }
    return { host, items: fromHostOr(here, service, remote.stream(host, question, { signal }), signal) }
  }

  /** From a copy on this node, if there is one and the host does not even begin. */
  async function* fromHostOr(
    here: () => AsyncIterable<Answered>,
    service: CID,
    items: AsyncIterable<Answered>,
    signal: AbortSignal,
  ): AsyncGenerator<Answered> {
    let began = false
    try {
      for await (const item of items) {
        began = true
        yield item
      }
    } catch (error) {
      const isSilent = !began && !signal.aborted && NO_ANSWER.has((error as { code?: string }).code ?? '')
      if (!isSilent || (await history.head(service)) === undefined) throw error
      yield* here()
    }
  }

  return {
    async stream(params, { signal, onItem }) {
      const started = performance.now()
      const { host, items } = await open(params, signal)
      let count = 0
      let gas = 0
      let by = host
      for await (const item of items) {
        count++
        gas += Number(item.gas)
        by = item.trust === 'host' ? host : identity.peerId
        await onItem(itemOf(item))
      }
      return { items: count, gas, host: by, ms: Math.round(performance.now() - started) }
    },

    async head({ name }, { signal }) {
      const { service, host } = await resolveService(name, { signal })
      const head = host === identity.peerId ? await history.head(service) : await remote.head(host, service, { signal })
      if (head === undefined) throw notHere(service)
      return { service: service.toString(), commit: head.commit.toString(), seq: head.seq }
    },

    async subscribe({ name, from }, { signal, onItem }) {
      const { service, host } = await resolveService(name, { signal })
      const wanted = { service, user: identity.user, from }
      const commits =
        host === identity.peerId
          ? follow(wanted, { from: 'local', signal })
          : followRemote(remote, { host, service, from }, signal)
      let count = 0
      for await (const one of commits) {
        count++
        await onItem(followedOf(one))
      }
      return { items: count }
    },
  }
}
