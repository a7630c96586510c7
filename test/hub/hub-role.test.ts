/** The hub's part in one process: what it answers strangers, and how its book comes to run. */
import assert from 'node:assert/strict'
import { sparingBook } from '../../daemon/hub/book-host.ts'
import { createHubRole, type HubRole } from '../../daemon/hub/hub-role.ts'
import { verifyName } from '../../registry/names/name-record.ts'
import type { Registrars } from '../../registry/names/types.ts'
import { type Host, startHost } from '../support/host.ts'

describe('a hub', function () {
  this.timeout(30_000)
  let host: Host
  let network: Registrars
  let role: HubRole
  const logged: string[] = []
  const signal = new AbortController().signal
  const peer = '12D3KooWStranger'

  const create = (deploy = host.deploy): HubRole =>
    createHubRole({
      ...{ identity: host.identity, network, deploy, now: Date.now },
      ...{ meta: host.database.meta, contracts: host.contracts, names: host.names, ask: host.ask },
      internode: { request: () => Promise.reject(new Error('there is no network')) },
      log: (line) => logged.push(line),
    })

  before(async () => {
    host = await startHost()
    network = { id: 'test', registrars: [host.identity.peerId], required: 0 }
    role = create()
  })
  after(() => host.stop())

  const name = (body: unknown) =>
    role.handlers['name']!(body, { peer, signal }) as Promise<{ record: Uint8Array | null }>

  it('says so while its book does not run yet', async () => {
    await assert.rejects(name({ username: 'alice' }), { code: 'HUB_UNREACHABLE' })
  })

  it('makes its book once, and finds it again', async () => {
    await role.start()
    const book = (await host.names.get('usernames'))!.running[0]!.service
    role = create()
    await role.start()
    assert.ok((await host.names.get('usernames'))!.running[0]!.service.equals(book))
    assert.equal((await host.history.head(book))!.seq, 0, 'the same code makes no commit')
  })

  it('goes on with the book that it has when the new one cannot be deployed', async () => {
    const other = create(async () => Promise.reject(new Error('it does not migrate')))
    await other.start()
    assert.match(logged.join('\n'), /the code that it had: it does not migrate/)
    assert.equal((await other.hub.nameOf('nobody', { signal })).record, null)
  })

  it('tells a name that nobody has from one that somebody has', async () => {
    const book = (await host.names.get('usernames'))!.running[0]!.service
    assert.equal((await name({ username: 'alice' })).record, null)
    await host.call(book, 'register', ['alice'])
    const { record } = await name({ username: 'alice' })
    const verified = await verifyName(record!, { username: 'alice', network, now: Date.now() })
    assert.equal(verified.user, host.identity.user)
    // asked by many at once, it signs one record
    const all = await Promise.all(Array.from({ length: 20 }, () => name({ username: 'alice' })))
    assert.equal(new Set(all.map((one) => Buffer.from(one.record!).toString('hex'))).size, 1)
  })

  it('answers strangers nothing but that', async () => {
    for (const body of [null, 5, {}, { username: 5 }, { username: '' }, { username: 'Alice' }, { username: '../x' }])
      await assert.rejects(name(body), { code: 'REQUEST_FIELD_INVALID' })
    await assert.rejects(name({ username: 'x'.repeat(10_000) }), { code: 'REQUEST_FIELD_INVALID' })
    await assert.rejects(name({ username: '\u0430lice' }), { code: 'REQUEST_FIELD_INVALID' })
    assert.deepEqual(Object.keys(role.handlers), ['name'])
  })

  it('does not let its user deploy something else in the place of the book', async () => {
    const contract = await host.contract('export function f(): number { return 1 }')
    const deploy = sparingBook(host.deploy)
    await assert.rejects(deploy(contract, { as: 'usernames', signal }), { code: 'NAME_RESERVED' })
    assert.equal((await deploy(contract, { as: 'other', signal })).upgraded, false)
  })
})
