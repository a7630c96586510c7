/** What was announced of importers elsewhere: bounded, fair, and there after a restart. */
import assert from 'node:assert/strict'
import type { CID } from 'multiformats/cid'
import { createDependentRows, type DependentRow } from '../../daemon/calls/graph/dependent-rows.ts'
import { cborBlock } from '../../daemon/store/block.ts'
import { openDatabase } from '../../daemon/store/database.ts'
import type { LocalDatabase } from '../../daemon/store/database-types.ts'
import { tempFolder } from '../support/temp.ts'

const cid = (text: string): CID => cborBlock(text).cid
const TARGET = cid('target')
const OTHER = cid('other')

const rowOf = (service: string, more: Partial<DependentRow> = {}): DependentRow => ({
  ...{ service: cid(service), user: 'k51', host: 'mallory', name: service, version: '1.0.0', contract: cid('code') },
  ...{ mode: 'live', range: '*', pinned: '1.0.0', told: 1, expires: 1_000 },
  ...more,
})

describe('announced dependents', () => {
  let folder: Awaited<ReturnType<typeof tempFolder>>
  let database: LocalDatabase
  let time = 10
  const now = () => time

  beforeEach(async () => {
    time = 10
    folder = await tempFolder('dependents')
    database = await openDatabase(folder.path)
  })
  afterEach(async () => {
    await database.close()
    await folder.remove()
  })

  const made = (bounds = {}) => {
    const rows = createDependentRows({ database, now }, bounds)
    const keep = (row: DependentRow, target = TARGET) => rows.keep(row.service, [{ target, row }])
    const names = async (target = TARGET) => (await rows.of(target)).map(({ name }) => name)
    return { rows, keep, names }
  }

  it('are there until they expire, also for who opens the database anew', async () => {
    const { keep, names } = made()
    await keep(rowOf('blog'))
    await keep(rowOf('news', { expires: 20 }))
    assert.deepEqual((await made().names()).sort(), ['blog', 'news'])
    assert.deepEqual(await names(OTHER), [])
    time = 20
    assert.deepEqual(await names(), ['blog'])
    await keep(rowOf('shop'))
    assert.deepEqual((await made().names()).sort(), ['blog', 'shop'])
  })

  it('are what was announced last: what is no longer imported goes', async () => {
    const { rows, keep, names } = made()
    await rows.keep(cid('blog'), [
      { target: TARGET, row: rowOf('blog') },
      { target: OTHER, row: rowOf('blog') },
    ])
    await keep(rowOf('blog', { version: '2.0.0' }), OTHER)
    assert.deepEqual(await names(), [])
    assert.deepEqual(
      (await rows.of(OTHER)).map(({ version }) => version),
      ['2.0.0'],
    )
  })

  it('drive out nobody else where one host announces a lot', async () => {
    const { keep, names } = made({ each: 4 })
    await keep(rowOf('honest', { host: 'bob' }))
    for (let i = 0; i < 10; i++) await keep(rowOf(`flood-${i}`, { told: i }))
    assert.equal((await names()).length, 4)
    assert.ok((await names()).includes('honest'))
    assert.deepEqual(await keep(rowOf('late', { host: 'carol' })), [TARGET])
    const all = await names()
    assert.ok(all.length === 4 && all.includes('honest') && all.includes('late'))
    // the same over all targets
    const total = made({ all: 4 })
    assert.deepEqual(await total.keep(rowOf('elsewhere', { host: 'dan' }), OTHER), [OTHER])
    assert.ok((await total.names()).includes('honest'))
    assert.equal((await total.names()).length + (await total.names(OTHER)).length, 4)
  })

  it('refuse the next where everybody has as little', async () => {
    const { keep, names } = made({ each: 2 })
    await keep(rowOf('a', { host: 'alice' }))
    await keep(rowOf('b', { host: 'bob' }))
    assert.deepEqual(await keep(rowOf('c', { host: 'carol' })), [])
    assert.deepEqual((await names()).sort(), ['a', 'b'])
  })
})
