/** A service as an object: a function for each that it exports, and what all have besides. */
import type { Answer, Connection, Described } from './connection.ts'
import { AmigoError, notOurs } from './errors.ts'
import type {
  Amigo,
  Called,
  CallOptions,
  Commit,
  Emitted,
  Queried,
  QueryOptions,
  Service,
  SubscribeOptions,
  Waiting,
} from './types.ts'
import { decodeValue, encodeValue, type Json } from './values.ts'

/** @param connect made when the first service is asked for */
export function createAmigo(connect: () => Connection): Amigo {
  let connection: Connection | undefined
  return {
    async import<T>(name: string, options: Waiting = {}): Promise<Service<T>> {
      connection ??= connect()
      return createService<T>(connection, await connection.describe(name, options), {})
    },
  }
}

/** @param given options of every call of a function by its name */
export function createService<T>(connection: Connection, target: Described, given: CallOptions): Service<T> {
  const asked = (method: string, args: readonly unknown[]) => ({ target, method, args: argumentsOf(args) })

  const call = async (method: string, args: readonly unknown[], options: CallOptions = {}): Promise<Called<unknown>> =>
    calledOrUnknown(await connection.call(asked(method, args), { ...given, ...options }))

  const query = async (
    method: string,
    args: readonly unknown[],
    options: QueryOptions = {},
  ): Promise<Queried<unknown>> => queriedOf(await connection.query(asked(method, args), { ...given, ...options }))

  async function* stream(method: string, args: readonly unknown[] = [], options: QueryOptions = {}) {
    for await (const { item } of connection.stream(asked(method, args), { ...given, ...options })) yield valueIn(item)
  }

  async function* subscribe(options: SubscribeOptions = {}): AsyncGenerator<Commit> {
    for await (const commit of connection.subscribe(target, { signal: given.signal, ...options }))
      yield commitOf(commit)
  }

  const tools = {
    $name: target.name,
    $service: target.service,
    $version: target.version,
    $user: target.user,
    $functions: target.functions,
    $call: call,
    $query: query,
    $stream: stream,
    $subscribe: subscribe,
    $with: (options: CallOptions) => createService<T>(connection, target, { ...given, ...options }),
  }
  const functions = target.functions.filter(({ name }) => !name.startsWith('$') && name !== THENABLE)
  const remote = functions.map(({ name, kind }): [string, (...args: unknown[]) => Promise<unknown>] => {
    const ask = kind === 'query' ? query : call
    return [name, async (...args) => (await ask(name, args)).result]
  })
  // a function named like what every object has is its own property, and nothing is inherited
  return Object.freeze(Object.assign(Object.create(null), Object.fromEntries(remote), tools)) as Service<T>
}

/** An object with a function of this name is taken for a promise by `await`. */
const THENABLE = 'then'

/** `undefined` cannot be sent, only left out at the end. */
function argumentsOf(args: readonly unknown[]): Json[] {
  const last = args.findLastIndex((arg) => arg !== undefined)
  return args.slice(0, last + 1).map(encodeValue)
}

/** What nobody can read says nothing of what became of the call. */
function calledOrUnknown(answer: Answer): Called<unknown> {
  try {
    return calledOf(answer)
  } catch (error) {
    if (!(error instanceof AmigoError)) throw error
    throw new AmigoError(error.code, error.message, error.hint, 'unknown')
  }
}

function calledOf(answer: Answer): Called<unknown> {
  return {
    ...commonOf(answer),
    service: text(answer['service']),
    receipt: answer['receipt'],
    events: emittedOf(answer['events']),
  }
}

function queriedOf(answer: Answer): Queried<unknown> {
  return { ...commonOf(answer), trust: text(answer['trust']) }
}

function commonOf(answer: Answer): Omit<Queried<unknown>, 'trust'> {
  return {
    result: valueIn(answer['result']),
    gas: number(answer['gas']),
    commit: text(answer['commit']),
    seq: number(answer['seq']),
    host: text(answer['host']),
    ms: number(answer['ms']),
    logs: list(answer['logs']).map(text),
  }
}

function commitOf(answer: Answer): Commit {
  return {
    commit: text(answer['commit']),
    seq: number(answer['seq']),
    time: new Date(text(answer['time'])),
    events: emittedOf(answer['events']),
    omitted: number(answer['omitted']),
    skipped: number(answer['skipped']),
  }
}

function emittedOf(events: unknown): Emitted[] {
  return list(events).map((event) => {
    const { name, value } = event as { name?: unknown; value?: unknown }
    return { name: text(name), value: valueIn(value) }
  })
}

const valueIn = (json: unknown): unknown => decodeValue((json ?? null) as Json)

function text(json: unknown): string {
  if (typeof json !== 'string') throw notOurs()
  return json
}

function number(json: unknown): number {
  if (typeof json !== 'number') throw notOurs()
  return json
}

function list(json: unknown): unknown[] {
  if (!Array.isArray(json)) throw notOurs()
  return json
}
