/** `amigo test`: a contract's own tests, in the real virtual machine and without a node. See specs/contract.md, "Tests". */
import { realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { compile } from '../contract/compile.ts'
import { ContractError } from '../contract/errors.ts'
import type { BuiltContract } from '../contract/types.ts'
import { createVm } from '../vm/vm.ts'
import { createLoader, findTests } from './load-tests.ts'
import { createRunOne, shownError } from './suite.ts'
import type { TestResult } from './types.ts'

export interface TestRun {
  passed: number
  failed: number
  tests: TestResult[]
}

export interface RunTestsOptions {
  signal: AbortSignal
  /** told of each as it ends */
  onTest?: (result: TestResult) => void
  /** only those whose name holds this */
  only?: string | undefined
}

/**
 * Loads the tests of a folder into this process and runs them, one after the other: they are their author's programs and may do what programs do. To be
 * used once in a process.
 *
 * @throws ContractError FOLDER_NOT_FOUND, and whatever is wrong with the contract
 */
export async function runTests(folder: string, { signal, onTest, only }: RunTestsOptions): Promise<TestRun> {
  const dir = await realpath(folder).catch(() => {
    throw new ContractError('FOLDER_NOT_FOUND', `${folder} is no folder.`, 'Name the folder that holds amigo.yaml.')
  })
  const contracts = new Map<string, Promise<BuiltContract>>()
  const contractOf = (of: string): Promise<BuiltContract> => {
    const known = contracts.get(of) ?? compile(of, { signal })
    contracts.set(of, known)
    return known
  }
  // what does not compile is not tested
  await contractOf(dir)
  const vm = createVm({}, { workers: 1 })
  const run = createRunOne({ vm, contractOf })
  const loader = createLoader()
  const tests: TestResult[] = []
  const tell = (result: TestResult): void => {
    tests.push(result)
    onTest?.(result)
  }
  try {
    for (const file of await findTests(dir)) {
      const path = join(dir, file)
      try {
        for (const test of await loader.load(path)) {
          if (only !== undefined && !test.name.includes(only)) continue
          tell({ file, ...(await run(test, dir, { signal })) })
        }
      } catch (error) {
        signal.throwIfAborted()
        tell({ file, name: file, ok: false, ms: 0, error: shownError(error, path) })
      }
    }
  } finally {
    await vm.stop()
  }
  const passed = tests.filter(({ ok }) => ok).length
  return { passed, failed: tests.length - passed, tests }
}
