/** What stands for the imports of a contract in a test: functions, or answers that were recorded. */
import { isDeepStrictEqual } from 'node:util'
import { type Asked, failureText } from '../calls/tree/failed-ask.ts'
import { decodeArguments } from '../calls/values.ts'
import { decodeValue, encodeValue, type Json } from '../client/values.ts'
import { checkArguments } from '../contract/arguments.ts'
import { checkResult } from '../contract/check-value.ts'
import type { ContractImport } from '../contract/types.ts'
import type { Ask, ImportAnswer } from '../vm/types.ts'
import { TestError } from './errors.ts'
import type { Mock, Recorded } from './types.ts'

type Stand = (method: string, args: unknown[]) => unknown

export interface Mocks {
  mock(name: string, functions: Mock): void
  answers(name: string, recorded: readonly Recorded[]): void
  /**
   * What came of one ask. What a mock throws is the failure of the import.
   *
   * @throws TestError NOT_MOCKED, MOCK_INVALID
   */
  answer(ask: Ask): Promise<ImportAnswer>
}

/** @param imports as the contract pins them: arguments and answers are checked as a node does */
export function createMocks(imports: readonly ContractImport[]): Mocks {
  const stands = new Map<string, Stand>()

  const set = (name: string, stand: Stand): void => {
    if (!imports.some((one) => one.name === name && one.mode !== 'code'))
      throw new TestError('NOT_MOCKED', `amigo.yaml imports no service ${name}.`, 'name it as in imports of amigo.yaml')
    stands.set(name, stand)
  }

  return {
    mock(name, functions) {
      set(name, (method, args) => {
        const fn = Object.hasOwn(functions, method) ? functions[method] : undefined
        if (typeof fn !== 'function') throw notMocked(name, method)
        return fn(...(args as never[]))
      })
    },
    answers(name, recorded) {
      const left = [...recorded]
      set(name, (method, args) => {
        const next = left.findIndex((one) => (one.method ?? method) === method && fits(one, args))
        if (next < 0) throw notMocked(name, method)
        const { result, code = null, message = '' } = left.splice(next, 1)[0]!
        if (code !== null) throw Object.assign(new Error(message), { code })
        return decodeValue((result ?? null) as Json)
      })
    },
    async answer({ import: name, method, args }) {
      const stand = stands.get(name)
      const found = imports.find((one) => one.name === name)
      const fn = found?.mode === 'code' ? undefined : found?.functions.find((one) => one.name === method)
      if (stand === undefined || fn === undefined) throw notMocked(name, method)
      const given = decodeArguments(args)
      let json: Json
      try {
        checkArguments(fn, given)
        json = encodeValue(await stand(method, given.map(decodeValue)))
      } catch (error) {
        if (error instanceof TestError) throw error
        return { ok: false, ...failureOf(error, { import: name, method }), gas: 0n }
      }
      const wrong = checkResult(fn.result, json)
      if (wrong !== undefined) {
        const message = `What ${method} of ${name} is to answer${wrong.at} has to be ${wrong.expected}, and the mock gave ${wrong.got}.`
        throw new TestError('MOCK_INVALID', message, 'give what the interface promises')
      }
      return { ok: true, result: Buffer.from(JSON.stringify(json)), gas: 0n }
    },
  }
}

function fits({ args }: Recorded, given: unknown[]): boolean {
  return args === undefined || isDeepStrictEqual(args, given.map(encodeValue))
}

/** In the words that it has where it is real; what was recorded has them already. */
function failureOf(error: unknown, asked: Asked): { code: string; message: string } {
  const { code: said, message } = error as { code?: unknown; message?: unknown }
  const code = typeof said === 'string' && /^[A-Z][A-Z0-9_]*$/.test(said) ? said : 'CONTRACT_THREW'
  const text = typeof message === 'string' ? message : String(error)
  return { code, message: text.includes(asked.import) ? text : failureText(asked, code, text) }
}

function notMocked(name: string, method: string): TestError {
  const message = `The contract called ${method} of ${name}, and the test has no answer for that.`
  return new TestError('NOT_MOCKED', message, `mock('${name}', { ${method}: () => ... })`)
}
