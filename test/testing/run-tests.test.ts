import assert from 'node:assert/strict'
import { join } from 'node:path'
import type { TestRun } from '../../daemon/testing/run-tests.ts'
import { inFolder } from '../contract/folder.ts'
import { amigo } from '../support/amigo.ts'

const FILES = {
  'amigo.yaml': 'name: adder\nversion: 1.0.0\n',
  'adder.ts': 'let sum = 0\nexport function add(n: number): number { sum += n; return sum }\n',
}
const HEAD = "import { assert, describe, it, test } from 'amigos:test'\ntype Adder = typeof import('./adder.ts')\n"

describe('amigo test', function () {
  this.timeout(60_000)

  const ran = (files: Record<string, string>, ...flags: string[]) => {
    let found: { code: number; run: TestRun; text: string } | undefined
    return inFolder({ ...FILES, ...files }, async (dir) => {
      const json = await amigo(['test', dir, '--json', ...flags])
      found = { code: json.code, run: json.json() as unknown as TestRun, text: json.stdout }
    }).then(() => found!)
  }

  it('runs every test that a folder has, and says which failed and where', async () => {
    const { code, run } = await ran({
      'adder.test.ts': `${HEAD}
test<Adder>('adds', async ({ contract }) => assert.equal(await contract.add(2), 2))
describe('a group', () => {
  it<Adder>('fails', async ({ contract }) => {
    assert.equal(await contract.add(2), 3)
  })
})`,
      'more/deep.test.ts': `import { test } from 'amigos:test'\ntest('is found', () => {})`,
      // of another runner
      'other.test.ts': "import { test } from 'node:test'\ntest('is not ours', () => { throw new Error('run') })",
    })
    assert.equal(code, 1)
    assert.deepEqual([run.passed, run.failed], [2, 1])
    assert.deepEqual(
      run.tests.map(({ file, name, ok }) => [file, name, ok]),
      [
        ['adder.test.ts', 'adds', true],
        ['adder.test.ts', 'a group: fails', false],
        [join('more', 'deep.test.ts'), 'is found', true],
      ],
    )
    assert.deepEqual([run.tests[1]!.error?.code, run.tests[1]!.error?.at], ['ERR_ASSERTION', '7'])
  })

  it('goes on behind a file that cannot be loaded, and one test at a time where that is wanted', async () => {
    const { code, run } = await ran(
      {
        'a.test.ts': `${HEAD}throw new Error('at once')`,
        'b.test.ts': `${HEAD}this is no TypeScript`,
        'c.test.ts': `${HEAD}test('one', () => {})\ntest('two', () => {})`,
      },
      ...['--only', 'two'],
    )
    assert.equal(code, 1)
    assert.deepEqual([run.passed, run.failed], [1, 2])
    assert.match(run.tests[0]!.error!.message, /at once/)
  })

  it('fails where there is nothing to run, and where the contract does not compile', async () => {
    assert.equal((await ran({})).code, 1)
    const { code, text } = await ran({ 'adder.ts': 'export function add(n: number): number { return "x" }' })
    assert.equal(code, 1)
    assert.equal(JSON.parse(text).error.code, 'BUILD_FAILED')
  })

  it('says it for people, too', async () => {
    await inFolder(
      { ...FILES, 'adder.test.ts': `${HEAD}test('one', () => { throw new Error('why') })` },
      async (dir) => {
        const { code, stdout } = await amigo(['test', dir])
        assert.equal(code, 1)
        for (const part of ['FAILED one', 'adder.test.ts:3', 'why', '0 passed, 1 failed'])
          assert.ok(stdout.includes(part), stdout)
      },
    )
  })

  it('is no module of a contract', async () => {
    const { text } = await ran({
      'adder.ts': `import { test } from 'amigos:test'\nexport const add = (): unknown => test`,
    })
    assert.match(JSON.parse(text).error.message, /there is no module 'amigos:test'/)
  })
})
