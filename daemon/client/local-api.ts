/** The way to the node of this account, over its local API: what is called is signed in the name of its user. */
import { createClient } from '../api/client.ts'
import type { RequestOptions } from '../api/types.ts'
import type { FunctionSummary } from '../api/vocabulary.ts'
import type { Answer, Asked, Connection } from './connection.ts'
import { toAmigoError } from './errors.ts'
import { following } from './following.ts'
import { itemsOf } from './items.ts'
import type { FunctionInfo, QueryOptions, Waiting } from './types.ts'

/** @param home absolute path of the node's data folder */
export function connectLocalApi(home: string): Connection {
  const client = createClient({ home })

  return {
    async describe(name, options) {
      const waiting = waitingOf(options)
      const [found, { user }] = await told(
        Promise.all([client.request('describe', { name }, waiting), client.request('status', {}, waiting)]),
      )
      const { service, version, functions } = found
      return { name, service, version, user, functions: functions.map(infoOf) }
    },
    call: ({ target: { name }, method, args }, { gas, ...options }) =>
      told(client.request('call', { name, method, args, ...gasOf(gas) }, waitingOf(options))) as Promise<Answer>,
    query: (asked, options) =>
      told(client.request('query', questionOf(asked, options), waitingOf(options))) as Promise<Answer>,
    stream: (asked, options) =>
      itemsOf<Answer>(
        (give, signal) =>
          told(client.request('stream', questionOf(asked, options), { ...waitingOf(options), signal, onItem: give })),
        options.signal,
      ),
    subscribe({ name }, options) {
      const head = async (signal: AbortSignal | undefined): Promise<number> =>
        (await told(client.request('head', { name }, waitingOf({ signal })))).seq
      const commits = (from: number, given: AbortSignal | undefined) =>
        itemsOf<Answer>(
          (give, signal) => told(client.request('subscribe', { name, from }, { signal, onItem: give })),
          given,
        )
      return following({ head, commits }, options)
    },
  }
}

const infoOf = ({ name, kind, returns, doc }: FunctionSummary): FunctionInfo => ({ name, kind, returns, doc })

const gasOf = (gas: number | undefined): { gas?: number } => (gas === undefined ? {} : { gas })

function questionOf({ target: { name }, method, args }: Asked, { gas, at }: QueryOptions) {
  return { name, method, args, ...gasOf(gas), ...(at === undefined ? {} : { at }) }
}

function waitingOf({ signal, timeoutMs }: Waiting): RequestOptions {
  return { ...(signal && { signal }), ...(timeoutMs !== undefined && { timeoutMs }) }
}

async function told<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw toAmigoError(error)
  }
}
