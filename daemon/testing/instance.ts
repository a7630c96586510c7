/** A contract at work in the real virtual machine, without a node: what is called takes effect there, and nowhere else. */

import { callFailed } from '../calls/errors.ts'
import { checkInit } from '../calls/life/deploy.ts'
import { begin, lifecycleLimits } from '../calls/life/lifecycle.ts'
import { gasOf, limitsFor, limitsOf, queryLimitsOf } from '../calls/run/call-limits.ts'
import { checkCall } from '../calls/run/check-call.ts'
import { contextOf } from '../calls/run/context.ts'
import { decodeEvents, encodeEvents } from '../calls/stream/events.ts'
import { decodeResult, encodeArguments } from '../calls/values.ts'
import type { Answer, Asked, Connection, Described } from '../client/connection.ts'
import { AmigoError, toAmigoError } from '../client/errors.ts'
import type { CallOptions } from '../client/types.ts'
import { encodeValue } from '../client/values.ts'
import { heapBytesOf } from '../contract/limits.ts'
import type { BuiltContract } from '../contract/types.ts'
import type { CallContext, CallRequest, ImportAnswer, Outcome, Vm } from '../vm/types.ts'
import { FIRST_TIME } from './constants.ts'
import { TestError } from './errors.ts'
import { createMocks, type Mocks } from './mocks.ts'
import type { TestOptions } from './types.ts'
import { userFor } from './users.ts'

export interface Instance {
  owner: string
  service: string
  mocks: Mocks
  setTime(time: Date): void
  state(path: string[]): Promise<unknown>
  /** As a program outside is connected: in the name of a user. */
  connect(user: string): Connection & { described: Described }
  close(): Promise<void>
}

type Kind = 'call' | 'query'

/**
 * Begins with the contract's `init`, or with a state that it takes over as at an upgrade.
 *
 * @param key one of its own in this VM
 * @throws AmigoError
 */
export async function startInstance(
  vm: Vm,
  built: BuiltContract,
  key: string,
  { init = [], state }: TestOptions,
): Promise<Instance> {
  const { limits } = built.manifest
  const owner = userFor('owner')
  const service = `test-${built.manifest.name}-${key}`
  const mocks = createMocks(built.imports)
  const content = new Map<string, Uint8Array>()
  let time = FIRST_TIME
  let count = 0

  /** The same test draws the same random numbers. */
  const contextFor = (caller: string, of: string = service): CallContext =>
    contextOf({ caller, owner, service: of }, Buffer.from(`${built.manifest.name} ${count++}`), undefined, time)

  const options = { heapBytes: heapBytesOf(limits) }
  const start = async (): Promise<Outcome> => {
    if (state !== undefined) {
      const taken = { from: '', to: key, module: built.module, options, context: contextFor(owner), content }
      return (await begin(vm, taken, Buffer.from(JSON.stringify(stateIn(state))))).outcome
    }
    const args = init.map(encodeValue)
    checkInit(built, args)
    const context = contextFor(owner, '')
    const first: CallRequest = { method: 'init', args: encodeArguments(args), context, limits: lifecycleLimits() }
    return (await vm.genesis(key, built.module, first, options)).outcome
  }
  const started = await told(start)
  if (!started.ok) throw toAmigoError(callFailed(started.error))

  /** With whatever it turns out to need. */
  const run = async (kind: Kind, request: CallRequest): Promise<Extract<Outcome, { ok: true }>> => {
    const answers: ImportAnswer[] = []
    const needed = new Map<string, Uint8Array>()
    for (;;) {
      const asked = { ...request, answers, content: needed }
      const done = kind === 'call' ? (await vm.call(key, asked)).outcome : await vm.query(key, asked)
      if (done.ok) return done
      const { asks, needs } = done.error
      const bytes = needs === undefined ? undefined : content.get(needs)
      if (bytes !== undefined) needed.set(needs!, bytes)
      else if (asks === undefined) throw callFailed(done.error, limitsFor(limits, 'local'))
      else for (const ask of asks) answers.push(await mocks.answer(ask))
    }
  }

  const ask = async (kind: Kind, user: string, { method, args: given }: Asked, { gas, signal }: CallOptions) => {
    signal?.throwIfAborted()
    const call = { method, args: encodeArguments(given) }
    checkCall({ contract: built, call, right: kind, asker: { owner, user }, from: 'local' })
    const said = gas === undefined ? undefined : BigInt(gas)
    const most =
      kind === 'call'
        ? limitsOf(limits, gasOf(limits, { caller: user, gas: said }, owner), 'local')
        : queryLimitsOf(limits, said, 'local')
    const started = performance.now()
    const id = kind === 'call' ? `${service}-call-${count}` : ''
    const done = await run(kind, { ...call, context: { ...contextFor(user), call: id }, limits: most })
    for (const { cid, bytes } of kind === 'call' ? done.writes : []) content.set(cid, bytes)
    return { done, ms: performance.now() - started }
  }

  const answerOf = ({ done, ms }: Awaited<ReturnType<typeof ask>>): Answer => {
    return {
      ...{ result: decodeResult(done.result), gas: Number(done.gas), logs: done.logs, ms },
      ...{ commit: '', seq: count, service, host: '', trust: 'own', receipt: null },
      events: decodeEvents(encodeEvents(done.events)),
    }
  }

  return {
    ...{ owner, service, mocks },
    setTime(wanted) {
      time = Math.max(time, wanted.getTime())
    },
    async state(path) {
      const request = {
        method: 'state',
        args: encodeArguments(path),
        context: contextFor(owner),
        limits: lifecycleLimits(),
      }
      const shown = await vm.state(key, request)
      if (!shown.ok) throw toAmigoError(callFailed(shown.error))
      return decodeResult(shown.result)
    },
    connect(user) {
      const described: Described = {
        ...{ name: built.manifest.name, service, version: built.manifest.version, user },
        functions: built.interface.map(({ name, kind, returns, doc }) => ({ name, kind, returns, doc })),
      }
      return {
        described,
        describe: async () => described,
        call: (asked, options) => told(async () => answerOf(await ask('call', user, asked, options)), 'refused'),
        query: (asked, options) => told(async () => answerOf(await ask('query', user, asked, options))),
        // an instance of its own is what a node gives a stream; here it is the list of its items
        async *stream(asked, options) {
          const fn = built.interface.find(({ name }) => name === asked.method)
          if (fn !== undefined && fn.result.kind !== 'stream')
            throw new AmigoError('NOT_A_STREAM', `${asked.method} gives no items one by one.`)
          const { result } = await told(async () => answerOf(await ask('query', user, asked, options)))
          for (const item of Array.isArray(result) ? result : []) yield { item }
        },
        // biome-ignore lint/correctness/useYield: there is nothing to follow
        async *subscribe() {
          const hint = 'events of a call are in $call(name, args)'
          throw new TestError('NOT_SUPPORTED', 'There are no commits to follow in a test.', hint)
        },
      }
    },
    close: () => vm.close(key),
  }
}

/** What `amigo state NAME --json` prints, or the state in it. */
function stateIn(given: unknown): unknown {
  const isWhole = typeof given === 'object' && given !== null && 'state' in given && 'commit' in given
  return isWhole ? given.state : given
}

/** What a program outside would be told. */
async function told<T>(work: () => Promise<T>, outcome?: 'refused'): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof TestError || typeof (error as { code?: unknown }).code !== 'string') throw error
    const { code, message, hint } = toAmigoError(error)
    throw new AmigoError(code, message, hint, outcome)
  }
}
