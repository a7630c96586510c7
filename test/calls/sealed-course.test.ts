/** Where the blocks of a service lie whose history is opened and closed, forked, rolled back and pruned. */
import assert from 'node:assert/strict'
import type { CID } from 'multiformats/cid'
import { createHistory } from '../../daemon/store/history.ts'
import { type Host, startHost, verify } from '../support/host.ts'
import { createKit, type Kit, never } from './lifecycle-kit.ts'

const COUNTER = 'let n = 0\nexport function add(): number { return ++n }'
const open = (version: string) => `name: notes\nversion: ${version}\nmain: main.ts\n`
const closed = (version: string) => `${open(version)}access:\n  history: []\n`

describe('a history that is closed, and opened again', () => {
  let host: Host
  let kit: Kit
  let service: CID
  /** the head after each change */
  const heads: CID[] = []
  before(async () => {
    host = await startHost()
    kit = createKit(host)
    service = await host.serve(COUNTER, { as: 'notes', manifest: open('1.0.0') })
    const note = async () => heads.push((await kit.head(service)).commit)
    await host.call(service, 'add')
    await note()
    await kit.upgradeTo('notes', COUNTER, { manifest: closed('1.0.1') })
    await host.call(service, 'add')
    await note()
    await kit.upgradeTo('notes', COUNTER, { manifest: open('1.0.2') })
    await host.call(service, 'add')
    await note()
  })
  after(async () => {
    await kit.stop()
    await host.stop()
  })
  const isOpen = (cid: CID) => host.database.blockstore.has(cid)

  it('gives away what was made while it was open, and nothing else', async () => {
    assert.deepEqual(await Promise.all(heads.map(isOpen)), [true, false, true])
    const { checkpoint } = await host.history.commit((await host.history.commit(heads[1]!)).parent!)
    assert.equal(await isOpen(checkpoint!), false)
    // whoever may read it now is given all of it, by its host
    const blocks = await host.history.blocksOf(service)
    for (const cid of [service, ...heads, checkpoint!]) assert(await blocks.get(cid), `${cid}`)
  })

  it('is sealed in a fork of what was closed, and not in one of what was open', async () => {
    for (const [i, expected] of [true, false, true].entries()) {
      const { head } = await kit.fork({ head: await kit.head(service), at: heads[i]! }, `fork-${i}`)
      assert.equal(await isOpen(head.service), expected, `${i}`)
      const { commit } = await host.call(head.service, 'add')
      assert.equal(await isOpen(commit), expected, `${i}`)
      assert(await (await host.history.blocksOf(head.service)).get(heads[i]!))
    }
  })

  it('is closed by a rollback to what was closed', async () => {
    await kit.rollback(service, heads[1]!.toString(), { signal: never })
    const { commit } = await host.call(service, 'add')
    assert.equal(await isOpen(commit), false)
    assert.equal(await isOpen((await kit.head(service)).commit), false)
  })

  it('is the same after a restart', async () => {
    const { database, identity } = host
    const again = createHistory({ database, signer: identity.node, verify })
    const head = (await again.head(service))!
    assert.equal(typeof head.seal, 'string')
    assert((await again.blocksOf(service)).get(head.commit))
    assert.equal(await host.query(service, 'add'), 4)
  })

  it('does not take a page away from a service that is open', async () => {
    const manifest = `name: twin\nversion: 0.1.0\nmain: main.ts\n`
    const source = 'const big = new Uint8Array(300_000).fill(5)\nexport function size(): number { return big.length }'
    const hidden = await host.serve(source, { as: 'hidden', manifest: `${manifest}access:\n  history: []\n` })
    const shown = await host.serve(source, { as: 'shown', manifest })
    for (const [one, expected] of [
      [hidden, false],
      [shown, true],
    ] as const) {
      const { checkpoint } = await host.history.commit(one)
      assert.equal(await isOpen(checkpoint!), expected)
    }
    const { image } = await host.history.image(shown)
    assert(image.memory.length > 300_000)
  })
})
