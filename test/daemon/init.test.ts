/** What a service is given when it is made: checked and converted like the arguments of a call, or nothing is made. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type RunningNode, startNode } from '../support/amigo.ts'
import { tempFolder } from '../support/temp.ts'

const BANK = join(import.meta.dirname, '../fixtures/bank')
const COUNTER = join(import.meta.dirname, '../../examples/counter')

describe('the arguments of init', function () {
  this.timeout(60_000)
  let folder: Awaited<ReturnType<typeof tempFolder>>
  let node: RunningNode

  before(async () => {
    folder = await tempFolder()
    node = await startNode(join(folder.path, 'node'), ['--offline'])
  })
  after(async () => {
    await node?.kill()
    await folder.remove()
  })

  const WRONG: Record<string, string[]> = {
    'are missing': [],
    'are too few': ['--init', '[1000]'],
    'are too many': ['--init', '[1000, ["ann"], "2026-01-01T00:00:00.000Z", 4]'],
    'are of the wrong type': ['--init', '["much", ["ann"]]'],
    'are nested wrongly': ['--init', '[1000, "ann"]'],
  }
  for (const [what, flags] of Object.entries(WRONG)) {
    it(`that ${what} are refused, and nothing is made`, async () => {
      const ran = await node.try('serve', BANK, ...flags)
      assert.equal(ran.json<{ error: { code: string } }>().error.code, 'BAD_ARGUMENTS')
      assert.equal(ran.code, 2)
      assert.deepEqual((await node.run<{ services: object[] }>('status')).services, [])
    })
  }

  it('are read by their types', async () => {
    const { name } = await node.run<{ name: string }>(
      'serve',
      BANK,
      '--init',
      '[1000, ["ann", "bob"], "2026-01-01T00:00:00.000Z"]',
    )
    const { result } = await node.run<{ result: object }>('query', name, 'about')
    assert.deepEqual(result, {
      supply: { '/': { bigint: '1000' } },
      owners: ['ann', 'bob'],
      founded: { '/': { date: '2026-01-01T00:00:00.000Z' } },
    })
    assert.deepEqual((await node.run<{ result: object }>('call', name, 'mint', '5')).result, {
      '/': { bigint: '1005' },
    })
  })

  it('are refused by a contract without init', async () => {
    const ran = await node.try('serve', COUNTER, '--init', '5')
    assert.equal(ran.json<{ error: { code: string } }>().error.code, 'ARGUMENTS_INVALID')
  })
})
