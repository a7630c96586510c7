import { EXIT } from '../../daemon/api/codes.ts'
import type { TestResult } from '../../daemon/testing/types.ts'
import { say, styled, type Text } from '../text.ts'
import type { Command } from '../types.ts'

export const testCommand: Command = {
  name: 'test',
  summary: "run a contract's tests in the real virtual machine; needs no node",
  args: [{ name: 'DIR', optional: true, help: 'its folder; the current one if left out' }],
  flags: [{ name: 'only', value: 'TEXT', help: 'tests whose name holds this' }],
  examples: ['test', 'test hello', "test hello --only 'refuses'"],

  async run({ words, flags, settings, signal, terminal }) {
    const { runTests } = await import('../../daemon/testing/run-tests.ts')
    const dir = words[0] ?? '.'
    const pending: Promise<void>[] = []
    const onTest = (result: TestResult): void => {
      if (!settings.json) pending.push(terminal.print(...shown(result)))
    }
    const run = await runTests(dir, { signal, onTest, only: flags.text('only') })
    await Promise.all(pending)
    const { passed, failed, tests } = run
    return {
      value: run,
      human: [say`${passed} passed, ${failed} failed`],
      notes: tests.length === 0 ? [say`No file *.test.ts here imports from 'amigos:test'.`] : [],
      exit: failed === 0 && passed > 0 ? EXIT.done : EXIT.failed,
    }
  },
}

function shown({ file, name, ok, ms, error }: TestResult): Text[] {
  const head = say`${ok ? styled('green', 'ok') : styled('red', 'FAILED')} ${name} ${styled('dim', `${ms} ms`)}`
  if (error === undefined) return [head]
  const place = error.at === undefined ? file : `${file}:${error.at}`
  return [head, ...[place, ...error.message.split('\n')].map((line) => say`  ${line}`)]
}
