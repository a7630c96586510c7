/** Announcements of importers: what holds is kept, and whoever lies gets nothing in. */
import assert from 'node:assert/strict'
import type { CID } from 'multiformats/cid'
import { createAnswerImports } from '../../daemon/calls/graph/answer-imports.ts'
import { createReadCallers } from '../../daemon/calls/graph/callers.ts'
import { ANNOUNCED_BURST } from '../../daemon/calls/graph/constants.ts'
import { createDependentRows } from '../../daemon/calls/graph/dependent-rows.ts'
import { createLocalDependents } from '../../daemon/calls/graph/local-dependents.ts'
import { createTargets } from '../../daemon/calls/graph/targets.ts'
import { createAnswerDependents, createAskDependents } from '../../daemon/calls/graph/tell-dependents.ts'
import { hostsBy } from '../../daemon/calls/receipt/hosts.ts'
import type { Handler } from '../../protocol/types.ts'
import { type Host, startHost, verify } from '../support/host.ts'
import { COUNTER, importing, live } from './tree-kit.ts'

const CALLER = `${importing({ counter: ['add'] })}
export async function go(): Promise<number> { return counter$add(1) }
`
const { signal } = new AbortController()
type Body = Record<string, unknown>

describe('announced imports', () => {
  /** what is imported stands here */
  let host: Host
  /** who imports */
  let other: Host
  let counter: CID
  let importer: CID
  let stranger: CID
  /** what the home of `other` lists */
  let listed: Body[]
  let home: Body
  let answer: Handler
  let rows: ReturnType<typeof createDependentRows>
  let targets: ReturnType<typeof createTargets>
  let parts: Parameters<typeof createLocalDependents>[0]

  before(async () => {
    host = await startHost()
    other = await startHost()
    counter = await host.serve(COUNTER, { as: 'counter' })
    const pin = await live(host, 'counter', counter)
    importer = await other.serve(CALLER, { as: 'importer', imports: [pin] })
    stranger = await other.serve(COUNTER, { as: 'stranger' })
  })
  after(async () => {
    await host.stop()
    await other.stop()
  })
  beforeEach(async () => {
    const { contract } = (await other.history.head(importer))!
    const one = { name: 'importer', version: '0.1.0', service: importer, contract, host: other.identity.peerId }
    listed = [one]
    home = { stale: false, expires: Date.now() + 60_000 }
    const registry = { resolve: async () => ({ ...home, services: listed }) as never }
    const { history, contracts, names, database } = host
    targets = createTargets({ history, contracts, names })
    rows = createDependentRows({ database, now: Date.now })
    answer = createAnswerImports({ registry, rows, targets, readHosts: hostsBy(verify), now: Date.now })
    const readCallers = createReadCallers({ history, meta: database.meta })
    parts = { identity: host.identity, history, contracts, names, rows, forkRows: host.forkRows, readCallers, targets }
  })
  afterEach(async () => {
    await rows.keep(importer, [])
  })

  const body = async (more: Body = {}, of: CID = importer): Promise<Body> => {
    const { contract, epoch } = (await other.history.head(of))!
    const { genesis, handovers } = await other.executedBefore.hosts(of, epoch)
    const root = await other.contracts.root(contract)
    return { user: other.identity.user, record: null, service: of, genesis, handovers, contract: root, ...more }
  }
  const send = async (what: Body, peer = other.identity.peerId): Promise<string[]> => {
    const { kept } = (await answer(what, { peer, signal } as never)) as { kept: CID[] }
    return kept.map(String)
  }
  const refused = (what: Promise<unknown>, code: string) => assert.rejects(what, { code })

  it('are kept with what they pinned', async () => {
    assert.deepEqual(await send(await body()), [counter.toString()])
    const [row] = await rows.of(counter)
    assert.deepEqual(
      [row!.service.toString(), row!.user, row!.host, row!.name, row!.mode, row!.range],
      [importer.toString(), other.identity.user, other.identity.peerId, 'importer', 'live', '*'],
    )
    assert.equal(row!.expires, home['expires'])
  })

  it('are not taken from another node than the host, or in another user’s name', async () => {
    await refused(send(await body(), host.identity.peerId), 'ACCESS_DENIED')
    await refused(send(await body({ user: host.identity.user })), 'ACCESS_DENIED')
    const { genesis } = await body({}, stranger)
    await refused(send(await body({ genesis })), 'ACCESS_DENIED')
    assert.deepEqual(await rows.of(counter), [])
  })

  it('are not taken of what the home does not list, or lists otherwise, or no longer', async () => {
    const [one] = listed as [Body]
    for (const wrong of [{ service: stranger }, { contract: stranger }, { host: host.identity.peerId }]) {
      listed = [{ ...one, ...wrong }]
      await refused(send(await body()), 'CONTENT_NOT_FOUND')
    }
    listed = [one]
    home['stale'] = true
    await refused(send(await body()), 'CONTENT_NOT_FOUND')
    assert.deepEqual(await rows.of(counter), [])
  })

  it('are nothing of a contract that imports nothing of this node, or is none', async () => {
    const { contract } = await body({}, stranger)
    assert.deepEqual(await send(await body({ contract })), [])
    await refused(send(await body({ contract: Buffer.from('no contract') })), 'CONTRACT_INVALID')
    await refused(send(await body({ service: 'text' })), 'REQUEST_FIELD_INVALID')
    await refused(send(await body({ handovers: 7 })), 'REQUEST_FIELD_INVALID')
    assert.deepEqual(await rows.of(counter), [])
  })

  it('are not taken of a service that the importer may not know of', async () => {
    const manifest = (who: string) =>
      `name: closed\nversion: 0.1.0\nmain: main.ts\naccess:\n  call: ${who}\n  query: owner\n  history: owner\n`
    for (const [as, who, kept] of [
      ['closed', 'owner', 0],
      ['known', `[${other.identity.user}]`, 1],
    ] as const) {
      const closed = await host.serve(COUNTER, { as, manifest: manifest(who) })
      const pin = { ...(await live(host, 'counter', closed)), name: 'local.land/_/counter' }
      const of = await other.serve(CALLER, { as: `imports-${as}`, imports: [pin] })
      const { contract } = (await other.history.head(of))!
      listed = [{ name: 'importer', version: '0.1.0', service: of, contract, host: other.identity.peerId }]
      assert.equal((await send(await body({}, of))).length, kept, as)
      await rows.keep(of, [])
    }
  })

  it('are slowed down, for each peer', async () => {
    const what = await body({ contract: Buffer.from('no contract') })
    for (let i = 0; i < ANNOUNCED_BURST; i++) await refused(send(what), 'CONTRACT_INVALID')
    await refused(send(what), 'SERVICE_BUSY')
    await refused(send(what, host.identity.peerId), 'CONTRACT_INVALID')
  })

  it('are told on to who may know of the service, and what nonsense another node tells is refused', async () => {
    await send(await body())
    const localDependents = createLocalDependents(parts)
    const tell = createAnswerDependents({
      ...parts,
      targets,
      identity: host.identity,
      localDependents,
      contracts: host.contracts,
    })
    const context = { peer: other.identity.peerId, signal } as never
    const told = (await tell({ of: counter }, context)) as { dependents: Body[]; more: boolean }
    assert.deepEqual(
      told.dependents.map(({ name, mode, host, pinned }) => [name, mode, host, pinned]),
      [['importer', 'live', other.identity.peerId, '0.1.0']],
    )
    await assert.rejects(Promise.resolve(tell({ of: stranger }, context)), { code: 'SERVICE_NOT_FOUND' })

    const asked = (replied: unknown) =>
      createAskDependents({ identity: other.identity, internode: { request: async () => replied } as never })(
        'x',
        counter,
        {
          signal,
        },
      )
    assert.equal((await asked(told)).dependents[0]!.known, 'told')
    const [one] = told.dependents as [Body]
    for (const wrong of [
      { mode: 'npm' },
      { user: 'alice' },
      { host: 'alice' },
      { name: '\u001b[2J' },
      { name: `~${other.identity.user}/x` },
      { at: 9e15 },
      { calls: -1 },
      { service: 'x' },
      { version: 'x'.repeat(1_000) },
    ])
      await assert.rejects(asked({ dependents: [{ ...one, ...wrong }], more: false }), { code: 'ANSWER_INVALID' })
    await assert.rejects(asked({ dependents: Array(201).fill(one), more: false }), { code: 'ANSWER_INVALID' })
  })

  it('are beside the services of this node, and those that have called', async () => {
    const local = await host.serve(CALLER, { as: 'local', imports: [await live(host, 'counter', counter)] })
    const localDependents = createLocalDependents(parts)
    const find = async () => {
      const { dependents } = await localDependents(counter, { signal })
      return dependents.map(({ label, mode, known, calls, isPrivate }) => [label, mode, known, calls, isPrivate])
    }
    assert.deepEqual(await find(), [['local', 'live', 'here', undefined, true]])
    await host.call(local, 'go')
    await host.call(local, 'go')
    assert.deepEqual(await find(), [['local', 'live', 'here', 2, true]])
    // who has called is remembered when nothing else says so any more
    const names = { ...host.names, all: async () => [] }
    const called = await createLocalDependents({ ...parts, names })(counter, { signal })
    assert.deepEqual(
      called.dependents.map(({ service, mode, user, host: at, calls }) => [service.toString(), mode, user, at, calls]),
      [[local.toString(), 'called', host.identity.user, host.identity.peerId, 2]],
    )
    await host.call(local, 'go')
    assert.equal((await find())[0]![3], 3)
  })

  it('are found in a history of any length, a part of it at a time', async () => {
    const long = await host.serve(COUNTER, { as: 'long', manifest: 'name: long\nversion: 0.1.0\nmain: main.ts\n' })
    const pin = { ...(await live(host, 'long', long)), name: 'local.land/_/counter' }
    const local = await host.serve(CALLER, { as: 'calls', imports: [pin] })
    for (let i = 0; i < 5; i++) await host.call(local, 'go')
    const { history, database } = host
    const readCallers = createReadCallers({ history, meta: database.meta }, { ms: 0 })
    const whole = createReadCallers({ history, meta: database.meta })
    const count = async (read = readCallers): Promise<[number, boolean]> => {
      const { callers, more } = await read((await history.head(long))!, { signal })
      return [callers[0]?.calls ?? 0, more]
    }
    assert.deepEqual(await count(), [0, true])
    await host.call(local, 'go')
    assert.deepEqual(await count(), [0, true])
    assert.deepEqual(await count(whole), [6, false])
    assert.deepEqual(await count(), [6, false])
    await host.call(local, 'go')
    assert.deepEqual(await count(), [6, true])
    assert.deepEqual(await count(whole), [7, false])
  })
})
