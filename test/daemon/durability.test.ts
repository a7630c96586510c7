/** kill -9 at any moment: what was acknowledged is there afterwards, and at most the one call in flight besides. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { createClient } from '../../daemon/api/client.ts'
import { type RunningNode, startNode } from '../support/amigo.ts'
import { tempFolder } from '../support/temp.ts'

const COUNTER = join(import.meta.dirname, '../../examples/counter')
const NAME = 'local.land/_/counter'

describe('a daemon that is killed', function () {
  this.timeout(60_000)
  let folder: Awaited<ReturnType<typeof tempFolder>>
  let node: RunningNode

  before(async () => {
    folder = await tempFolder()
    node = await startNode(join(folder.path, 'node'))
    await node.run('serve', COUNTER)
  })
  after(async () => {
    await node?.kill()
    await folder.remove()
  })

  for (const acknowledgedFirst of [1, 7, 40]) {
    it(`answers with the state of the last acknowledged call (killed after ${acknowledgedFirst} more)`, async () => {
      const client = createClient({ home: node.info.home })
      const read = async (): Promise<number> =>
        (await client.request('query', { name: NAME, method: 'current', args: [] })).result as number
      const before = await read()
      let acknowledged = before
      let killed: Promise<void> | undefined
      for (;;) {
        try {
          const { result } = await client.request('call', { name: NAME, method: 'increment', args: [] })
          acknowledged = result as number
        } catch {
          break // the daemon is gone
        }
        // the loop goes on calling while the signal is on its way
        if (acknowledged - before >= acknowledgedFirst) killed ??= node.kill()
      }
      await killed
      node = await startNode(node.info.home)
      const found = await read()
      assert.ok(found === acknowledged || found === acknowledged + 1, `${acknowledged} acknowledged, ${found} found`)
      const { result } = await client.request('call', { name: NAME, method: 'increment', args: [] })
      assert.equal(result, found + 1)
    })
  }
})
