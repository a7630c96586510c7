/** Several services under one name: a new major version begins with the state of the one before it, which goes on. */
import assert from 'node:assert/strict'
import { CID } from 'multiformats/cid'
import type { Deployed } from '../../../daemon/calls/life/deploy.ts'
import type { LocalName } from '../../../daemon/calls/types.ts'
import { lineOf, withVersion } from '../../../daemon/calls/versions/line.ts'
import { createResolveLocal } from '../../../daemon/calls/versions/resolve-local.ts'
import { parseSelector } from '../../../registry/grammar/selector.ts'
import { holdNextCommit } from '../../support/hold-commit.ts'
import { type Host, resultOf, startHost } from '../../support/host.ts'
import { createKit, type Kit, never, pullInto } from '../lifecycle-kit.ts'

const manifest = (version: string): string => `name: board\nversion: ${version}\nmain: main.ts\n`
const FIRST = `
  const posts: string[] = []
  export function post(text: string): number { return posts.push(text) }
  export function all(): string[] { return posts }
`
const SECOND = `
  let lines: { text: string }[] = []
  export function migrate(old: { posts: string[] }): void { lines = old.posts.map((text) => ({ text })) }
  export function add(line: { text: string }): number { return lines.push(line) }
  export function all(): string[] { return lines.map(({ text }) => text.toUpperCase()) }
`
/** the same without migrate: for what has the new state already */
const NEXT = SECOND.replace(/export function migrate.*\n/, '')
const BROKEN = SECOND.replace('lines = ', 'throw new Error("no"); lines = ')

describe('a new major version', () => {
  let host: Host
  let kit: Kit
  beforeEach(async () => {
    host = await startHost()
    kit = createKit(host)
    await publish(FIRST, '1.0.0')
    const { service } = (await entry()).running[0]!
    for (const text of ['a', 'b']) await host.call(service, 'post', [text])
  })
  afterEach(async () => {
    await kit.stop()
    await host.stop()
  })

  /** Deploys, and writes down the first version as publishing does. */
  async function publish(source: string, version: string): Promise<Deployed> {
    const contract = await host.contract(source, manifest(version))
    const deployed = await host.deploy(contract, { version, signal: never })
    const { service } = deployed.head
    await host.names.put(withVersion((await host.names.get('board'))!, service, version, contract.cid))
    return deployed
  }
  const entry = async (): Promise<LocalName> => (await host.names.get('board'))!
  const serviceAt = async (line: string): Promise<CID> =>
    (await entry()).running.find((one) => one.line === line)!.service
  const all = (service: CID) => host.query(service, 'all')

  it('is a service of its own with the migrated state, and the old one goes on', async () => {
    const { head, upgraded, warnings } = await publish(SECOND, '2.0.0')
    const [v1, v2] = [await serviceAt('v1'), await serviceAt('v2')]
    assert.deepEqual([upgraded, head.seq, head.trust, String(head.service)], [false, 1, 'own', String(v2)])
    assert.match(warnings.join(), /goes over to 2\.0\.0 has to mind: post: it is gone/)
    assert.deepEqual(await all(v2), ['A', 'B'])

    await host.call(v1, 'post', ['c'])
    await host.call(v2, 'add', [{ text: 'd' }])
    assert.deepEqual(
      [await all(v1), await all(v2)],
      [
        ['a', 'b', 'c'],
        ['A', 'B', 'D'],
      ],
    )
    const [first] = (await kit.readHistory.log(await kit.head(v2), { before: undefined, signal: never })).commits.slice(
      -1,
    )
    const origin = await host.history.commit(CID.parse(first!.from!))
    assert.deepEqual([first!.kind, String(origin.service)], ['fork', String(v1)])
  })

  it('is executed again by others from the first commit of the old one on', async () => {
    await publish(SECOND, '2.0.0')
    const v2 = await serviceAt('v2')
    await host.call(v2, 'add', [{ text: 'c' }])
    const found = await kit.replayer.again(v2, undefined, { signal: never })
    assert(found.ok, JSON.stringify(found.mismatch))
    assert.equal(found.commits, 6)
    const other = await startHost()
    const there = createKit(other)
    try {
      await pullInto(other, host, v2)
      const elsewhere = await there.replayer.now(v2, { signal: never })
      assert(elsewhere.ok, JSON.stringify(elsewhere.mismatch))
      assert.deepEqual(await other.query(v2, 'all'), ['A', 'B', 'C'])
    } finally {
      await there.stop()
      await other.stop()
    }
  })

  it('leaves nothing behind if its code cannot take the state over', async () => {
    const before = await entry()
    await assert.rejects(publish(BROKEN, '2.0.0'), { code: 'UPGRADE_FAILED_TRIAL' })
    const heads = await Array.fromAsync(host.history.heads())
    assert.deepEqual([heads.length, await entry()], [1, before])
    await publish(SECOND, '2.0.0')
    assert.deepEqual(await all(await serviceAt('v2')), ['A', 'B'])
  })

  it('is one write with all that belongs to it: if that fails there is nothing of it', async () => {
    const before = await entry()
    const contract = await host.contract(SECOND, manifest('2.0.0'))
    const held = holdNextCommit(host.database)
    const deploying = host.deploy(contract, { version: '2.0.0', signal: never })
    await held.begun
    assert.deepEqual(await entry(), before)
    held.release(new Error('the disk is full'))
    await assert.rejects(deploying, /the disk is full/)
    assert.deepEqual([(await Array.fromAsync(host.history.heads())).length, await entry()], [1, before])
    await host.deploy(contract, { version: '2.0.0', signal: never })
    const { running, published } = await entry()
    assert.deepEqual(
      [running.map(({ line }) => line), published.map(({ version }) => version)],
      [
        ['v1', 'v2'],
        ['1.0.0', '2.0.0'],
      ],
    )
  })

  it('does not stop calls of the old one while it is tried', async () => {
    const v1 = await serviceAt('v1')
    const contract = await host.contract(SECOND, manifest('2.0.0'))
    const held = holdNextCommit(host.database)
    const deploying = host.deploy(contract, { version: '2.0.0', signal: never })
    await held.begun
    assert.equal(resultOf(await host.call(v1, 'post', ['meanwhile'])), 3)
    held.release()
    await deploying
    assert.deepEqual(
      [await all(v1), await all(await serviceAt('v2'))],
      [
        ['a', 'b', 'meanwhile'],
        ['A', 'B'],
      ],
    )
  })

  it('is mended by itself, and so is the old one', async () => {
    await publish(SECOND, '2.0.0')
    const [v1, v2] = [await serviceAt('v1'), await serviceAt('v2')]
    const old = await publish(`${FIRST}\nexport function count(): number { return posts.length }`, '1.1.0')
    assert.deepEqual([old.upgraded, String(old.head.service)], [true, String(v1)])
    const next = await publish(`${NEXT}\nexport function count(): number { return lines.length }`, '2.1.0')
    assert.deepEqual([next.upgraded, String(next.head.service)], [true, String(v2)])
    assert.deepEqual([await host.query(v1, 'count'), await host.query(v2, 'count')], [2, 2])
  })

  it('may be a pre-release, which runs apart and gives its state to nobody', async () => {
    const [first] = (await entry()).running
    await publish(SECOND, '2.0.0-rc.1')
    const rc = await serviceAt('2.0.0-rc.1')
    await host.call(rc, 'add', [{ text: 'tried' }])
    await host.call(first!.service, 'post', ['c'])
    await publish(SECOND, '2.0.0')
    assert.deepEqual(
      [await all(rc), await all(await serviceAt('v2'))],
      [
        ['A', 'B', 'TRIED'],
        ['A', 'B', 'C'],
      ],
    )
    assert.deepEqual(
      (await entry()).running.map(({ line }) => line),
      ['v1', '2.0.0-rc.1', 'v2'],
    )
  })

  it('is reached by the bare name, the others by their versions', async () => {
    await publish(SECOND, '2.0.0')
    await publish(`${NEXT}\nexport function x(): number { return 1 }`, '3.0.0-rc.1')
    const resolve = createResolveLocal(host)
    const at = async (text: string, code = false) => {
      const found = await resolve({ service: 'board', version: parseSelector(text) }, { code })
      return found.kind === 'service'
        ? `${found.name} ${found.version}`
        : `${found.kind} ${(found as { version?: string }).version}`
    }
    assert.equal(await at('latest'), 'local.land/_/board 2.0.0')
    assert.equal(await at('v2'), 'local.land/_/board 2.0.0')
    assert.equal(await at('v1'), 'local.land/_/board@v1 1.0.0')
    assert.equal(await at('^1'), 'local.land/_/board@v1 1.0.0')
    assert.equal(await at('3.0.0-rc.1'), 'local.land/_/board@3.0.0-rc.1 3.0.0-rc.1')
    await assert.rejects(at('v3'), { code: 'VERSION_NOT_RUNNING' })
    await publish(`${FIRST}\nexport function y(): number { return 1 }`, '1.1.0')
    await assert.rejects(at('1.0.0'), { code: 'VERSION_NOT_RUNNING' })
    assert.equal(await at('1.0.0', true), 'contract 1.0.0')
    assert.equal(await at('~1.1', true), 'local.land/_/board@v1 1.1.0')
    await assert.rejects(at('v4', true), { code: 'VERSION_NOT_FOUND' })
  })

  it('goes on when the old one is retired, and is proven by its history still', async () => {
    await publish(SECOND, '2.0.0')
    const [v1, v2] = [await serviceAt('v1'), await serviceAt('v2')]
    const left = { ...(await entry()), running: [{ service: v2, line: 'v2' }] }
    const { freed, forks } = await host.history.retire(v1, { also: [host.names.write(left)] })
    assert.deepEqual([freed, forks.map(String)], [0, [String(v2)]])
    await host.instances.discard(v1)
    await assert.rejects(host.call(v1, 'post', ['c']), { code: 'SERVICE_NOT_FOUND' })
    assert.deepEqual(
      (await Array.fromAsync(host.history.heads())).map((head) => String(head.service)),
      [String(v2)],
    )
    assert.equal(resultOf(await host.call(v2, 'add', [{ text: 'c' }])), 3)
    assert.equal(await host.history.baseForOthers(v2), undefined)
    const other = await startHost()
    const there = createKit(other)
    try {
      await pullInto(other, host, v2)
      const found = await there.replayer.now(v2, { signal: never })
      assert.deepEqual([found.ok, found.commits], [true, 6])
    } finally {
      await there.stop()
      await other.stop()
    }
    // what is pruned of what is left leaves the rest whole
    await host.history.prune(v2, { keep: 'checkpoints', count: 1 })
    assert.deepEqual(await all(v2), ['A', 'B', 'C'])
    await assert.rejects(publish(FIRST, '1.5.0'), { code: 'VERSION_NOT_NEWER' })
  })

  it('begins anew when nothing of the name runs any more', async () => {
    const { service } = (await entry()).running[0]!
    await host.history.retire(service, { also: [host.names.write({ ...(await entry()), running: [] })] })
    await host.instances.discard(service)
    const { head } = await publish(FIRST.replace('posts.push', 'posts.unshift'), '1.0.1')
    assert.deepEqual([head.seq, (await entry()).published.length, await all(head.service)], [0, 2, []])
  })

  it('keeps for itself what the old one kept for itself', async () => {
    const secret = (version: string) => `${manifest(version)}access:\n  history: owner\n`
    const options = { signal: never, as: 'diary' }
    const first = await host.contract(FIRST, secret('1.0.0'))
    const { service } = (await host.deploy(first, options)).head
    await host.call(service, 'post', ['a'])
    await host.names.put(withVersion((await host.names.get('diary'))!, service, '1.0.0', first.cid))
    const second = await host.contract(SECOND, secret('2.0.0'))
    const { head } = await host.deploy(second, options)
    assert.notEqual(head.seal, undefined)
    assert.deepEqual(await all(head.service), ['A'])
    // strangers ask among the blocks that are for everybody
    for (const cid of [head.service, head.commit]) assert.equal(await host.database.scope().get(cid), undefined)
  })

  it('finds names that were written down when each had one service', async () => {
    const { running, published } = await entry()
    const { service } = running[0]!
    const dagCbor = await import('@ipld/dag-cbor')
    await host.database.meta.put('name/board', dagCbor.encode({ service, published }))
    assert.deepEqual(await entry(), { name: 'board', running, published })
    await host.database.meta.put('name/board', dagCbor.encode({ service, published: [] }))
    assert.deepEqual((await entry()).running, [{ service, line: null }])
    await publish(SECOND, '2.0.0')
    assert.deepEqual((await entry()).running, [{ service, line: lineOf('2.0.0') }])
  })
})
