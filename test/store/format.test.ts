/** What the database says of a data folder that another version wrote. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import * as dagCbor from '@ipld/dag-cbor'
import { ClassicLevel } from 'classic-level'
import { STORE_FORMAT } from '../../daemon/store/constants.ts'
import { openDatabase } from '../../daemon/store/database.ts'
import { coded, collect, createImage, createWorkspace, newService, type Workspace } from './kit.ts'

describe('store: format', () => {
  let workspace: Workspace
  beforeEach(async () => {
    workspace = await createWorkspace()
  })
  afterEach(() => workspace.remove())

  const path = (): string => join(workspace.path, 'db')

  /** Does something to the database without the store. */
  const bare = async <T>(run: (level: ClassicLevel<string, string>) => Promise<T>): Promise<T> => {
    const level = new ClassicLevel<string, string>(path())
    try {
      return await run(level)
    } finally {
      await level.close()
    }
  }
  const openAs = async (program: string): Promise<void> => (await openDatabase(path(), program)).close()

  it('is noted in a new folder, with the version that wrote there last', async () => {
    await openAs('1.2.3')
    assert.deepEqual(JSON.parse((await bare((level) => level.get('format')))!), {
      format: STORE_FORMAT,
      program: '1.2.3',
    })
    await openAs('1.3.0-rc.1')
    assert.equal(JSON.parse((await bare((level) => level.get('format')))!).program, '1.3.0-rc.1')
  })

  for (const format of [STORE_FORMAT - 1, STORE_FORMAT + 1])
    it(`refuses format ${format}, changes nothing, and names the version that wrote it`, async () => {
      const row = JSON.stringify({ format, program: '9.8.7' })
      await bare((level) => level.put('format', row))
      for (let i = 0; i < 2; i++)
        await assert.rejects(
          openDatabase(path(), '1.0.0'),
          coded(
            'STORE_FORMAT_UNSUPPORTED',
            ({ message }) => message.includes('9.8.7') && message.includes(`${format}`),
          ),
        )
      assert.equal(await bare((level) => level.get('format')), row)
    })

  it('takes a folder without the row for its own when it can be read', async () => {
    const history = await workspace.history()
    const head = await history.create(newService(createImage()))
    await history.idle()
    await history.database.close()
    await bare((level) => level.del('format'))
    const again = await workspace.history()
    assert.equal(String((await again.head(head.service))?.commit), String(head.commit))
    assert((await collect(again.heads())).length === 1)
  })

  it('refuses a folder without the row whose heads it cannot read, and is not left locked', async () => {
    const database = await workspace.open()
    await database.meta.put('head/older', dagCbor.encode({ v: 0, service: 'older' }))
    await database.close()
    await bare((level) => level.del('format'))
    await assert.rejects(openDatabase(path(), '1.0.0'), coded('STORE_FORMAT_UNSUPPORTED'))
    assert.equal(await bare((level) => level.get('format')), undefined)
  })

  for (const row of [
    '',
    '{',
    'null',
    '{"format":1}',
    '{"format":"1","program":"1.0.0"}',
    `{"format":1,"program":"${'9'.repeat(300)}"}`,
  ])
    it(`takes a damaged row for damage: ${row.slice(0, 40)}`, async () => {
      await bare((level) => level.put('format', row))
      await assert.rejects(openDatabase(path(), '1.0.0'), coded('STORE_CORRUPT'))
    })
})
