/** Runs tests one after the other, each with a fresh instance of the contract in one virtual machine. */
import { dirname, resolve } from 'node:path'
import { createService } from '../client/service.ts'
import type { Service } from '../client/types.ts'
import type { BuiltContract } from '../contract/types.ts'
import type { Vm } from '../vm/types.ts'
import { MAX_MESSAGE, TEST_MS } from './constants.ts'
import { TestError } from './errors.ts'
import { type Instance, startInstance } from './instance.ts'
import type { Started, TestBody, TestContext, TestOptions, TestResult } from './types.ts'
import { userFor } from './users.ts'

/** A test as its file registered it. */
export interface Registered {
  /** absolute */
  file: string
  name: string
  options: TestOptions
  body: TestBody
}

export interface SuiteParts {
  vm: Vm
  /** Compiled once for each folder. @param dir absolute */
  contractOf(dir: string): Promise<BuiltContract>
}

export type RunOne = (
  test: Registered,
  dir: string,
  options: { signal: AbortSignal },
) => Promise<Omit<TestResult, 'file'>>

export function createRunOne({ vm, contractOf }: SuiteParts): RunOne {
  let count = 0

  const start = async (dir: string, begin: TestOptions, opened: Instance[]): Promise<Started<never>> => {
    const instance = await startInstance(vm, await contractOf(dir), `test-${count++}`, begin)
    opened.push(instance)
    return startedOf(instance)
  }

  return async ({ name, options, body, file }, dir, { signal }) => {
    const began = performance.now()
    const opened: Instance[] = []
    const ms = (): number => Math.round(performance.now() - began)
    try {
      const work = async (): Promise<void> => {
        const own = await start(dir, options, opened)
        const context: TestContext<never> = {
          ...own,
          start: (other, begin = {}) =>
            start(resolve(dirname(file), other), begin, opened) as Promise<Started<never>> as never,
        }
        await body(context)
      }
      await inTime(work(), name, signal)
      return { name, ok: true, ms: ms() }
    } catch (error) {
      signal.throwIfAborted()
      return { name, ok: false, ms: ms(), error: shownError(error, file) }
    } finally {
      for (const instance of opened) await instance.close().catch(() => {})
    }
  }
}

function startedOf(instance: Instance): Started<never> {
  const { owner, service, mocks, setTime } = instance
  const as = (word: string): Service<never> => {
    const connection = instance.connect(userFor(word))
    return createService<never>(connection, connection.described, {})
  }
  return {
    ...{ contract: as(owner), as, user: userFor, owner, service, setTime },
    ...{ mock: mocks.mock, answers: mocks.answers },
    state: (...path) => instance.state(path),
  }
}

async function inTime(work: Promise<void>, name: string, signal: AbortSignal): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    reject(
      new TestError(
        'TIMED_OUT',
        `${name} was not done within ${TEST_MS} ms.`,
        'is something awaited that never comes?',
      ),
    )
  }, TEST_MS)
  const leave = (): void => reject(signal.reason)
  signal.addEventListener('abort', leave, { once: true })
  try {
    await Promise.race([work, promise])
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', leave)
    work.catch(() => {})
  }
}

/** What is told of a failure: where in the test it is, if that is known. */
export function shownError(error: unknown, file: string): NonNullable<TestResult['error']> {
  const { message, code, stack, hint } = (error ?? {}) as Record<string, unknown>
  const text = typeof message === 'string' ? message : String(error)
  const shown = typeof hint === 'string' && hint !== '' ? `${text}\n${hint}` : text
  const place = typeof stack === 'string' ? stack.split('\n').find((line) => line.includes(file)) : undefined
  const [, line] = /:(\d+):\d+\)?$/.exec(place ?? '') ?? []
  return {
    message: shown.slice(0, MAX_MESSAGE),
    ...(typeof code === 'string' && { code }),
    ...(line !== undefined && { at: line }),
  }
}
