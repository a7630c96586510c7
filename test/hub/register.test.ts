/** Usernames, as real processes claim them: a hub and two users, each a daemon of its own. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type Ran, type RunningNode, startNode } from '../support/amigo.ts'
import { overApi } from '../support/over-api.ts'
import { tempFolder } from '../support/temp.ts'
import { until } from '../support/until.ts'

const COUNTER = join(import.meta.dirname, '../../examples/counter')

type Registered = { username: string; name: string; key: string | null; expires: string | null; registrar: string }
type Resolved = {
  kind: string
  peerId: string
  service?: string
  user?: string
  petname?: string
  username?: { source: string }
}

describe('usernames between nodes', function () {
  this.timeout(120_000)
  let folder: Awaited<ReturnType<typeof tempFolder>>
  const running: RunningNode[] = []
  let hub: RunningNode
  let alice: RunningNode
  let bob: RunningNode
  let users: { alice: string; bob: string }

  const start = async (name: string, flags: string[] = [], listen?: string[]): Promise<RunningNode> => {
    const node = overApi(await startNode(join(folder.path, name), flags, listen))
    running.push(node)
    return node
  }
  const failed = (ran: Ran): { code: string; message: string; hint: string } =>
    ran.json<{ error: { code: string; message: string; hint: string } }>().error
  const userOf = async (node: RunningNode): Promise<string> => (await node.run<{ user: string }>('id')).user

  before(async () => {
    folder = await tempFolder('amigos-usernames')
    hub = await start('hub', ['--hub'])
    const { invite } = await hub.run<{ invite: string }>('network', 'invite')
    alice = await start('alice', ['--network', invite])
    bob = await start('bob', ['--network', invite])
    // the first who registers does so before his node has met anybody
    users = { alice: await userOf(alice), bob: await userOf(bob) }
  })
  after(async () => {
    await Promise.all(running.map((node) => node.kill()))
    await folder.remove()
  })

  it('belong to whoever asks first, and one alone when two ask at once', async () => {
    const [one, other] = await Promise.all([alice.try('register', 'gold'), bob.try('register', 'gold')])
    assert.deepEqual([one.code, other.code].sort(), [0, 5])
    const [won, lost] = one.code === 0 ? [one, other] : [other, one]
    const { key, expires, registrar } = won.json<Registered>()
    assert.equal(key, one.code === 0 ? users.alice : users.bob)
    assert.equal(registrar, hub.info.peerId)
    const year = Date.parse(expires!) - Date.now()
    assert.ok(year > 364 * 86_400_000 && year <= 365 * 86_400_000)
    const { code, message } = failed(lost)
    assert.equal(code, 'NAME_TAKEN')
    assert.ok(message.includes(key!) && message.includes(expires!.slice(0, 10)), message)
  })

  it('resolve on other nodes, to whatever their user publishes', async () => {
    const { name, key } = await alice.run<Registered>('register', 'Alice')
    assert.deepEqual([name, key], ['alice.amigos.net', users.alice])
    const published = await alice.run<{ name: string; service: string }>('publish', COUNTER)
    assert.match(published.name, /^(alice|gold)\.amigos\.net\/counter$/)
    const found = await bob.run<Resolved>('resolve', 'alice.amigos.net/counter')
    assert.deepEqual([found.service, found.user, found.peerId], [published.service, users.alice, alice.info.peerId])
    assert.ok(['dht', 'hub'].includes(found.username!.source), found.username!.source)
    assert.equal((await bob.run<Resolved>('resolve', 'alice/counter')).service, published.service)
    assert.equal((await bob.run<{ result: number }>('call', 'alice/counter', 'increment')).result, 1)
    assert.equal((await bob.run<Resolved>('resolve', 'alice.amigos.net')).kind, 'user')
    const status = await alice.run<{ username: string; usernames: { username: string }[] }>('status')
    assert.ok(status.usernames.some(({ username }) => username === 'alice'))
    const message = await bob.run<{ state: string; to: string }>('chat', 'alice.amigos.net', 'hello')
    assert.deepEqual([message.state, message.to], ['delivered', users.alice])
  })

  it('have a page, if their user says which', async () => {
    type Page = { name: string; page: string | null }
    assert.equal(failed(await bob.try('render', 'alice.amigos.net')).code, 'NO_SUCH_PAGE')
    const { service } = await alice.run<{ service: string }>('resolve', 'local.land/_/counter')
    assert.equal((await alice.run<Page>('page', 'local.land/_/counter')).page, service)
    assert.equal((await alice.run<Page>('page')).page, service)
    assert.equal((await alice.run<{ page: string }>('resolve', 'alice.amigos.net')).page, service)
    const { page } = await until(
      () => bob.run<{ page?: string }>('resolve', 'alice.amigos.net'),
      (found) => found.page !== undefined,
    )
    assert.equal(page, service)
    const { markdown } = await bob.run<{ markdown: string }>('render', 'alice.amigos.net')
    assert.equal(markdown, (await alice.run<{ markdown: string }>('render', 'local.land/_/counter')).markdown)
    assert.equal(failed(await alice.try('page', 'bob.amigos.net')).code, 'NAME_NOT_FOUND')
    assert.equal(failed(await alice.try('page', `~${users.alice}`)).code, 'NAME_NOT_SUPPORTED')
    assert.equal((await alice.run<Page>('page', '--none')).page, null)
    // a home of its own, where nothing was published
    assert.equal((await hub.run<Page>('page', service)).page, service)
  })

  it('say why they do not resolve', async () => {
    const nobody = failed(await bob.try('resolve', 'nobody-has-this.amigos.net'))
    assert.equal(nobody.code, 'NAME_NOT_FOUND')
    assert.match(nobody.hint, /amigo register nobody-has-this/)
    assert.equal(failed(await bob.try('register', 'al..ice')).code, 'NAME_INVALID')
    assert.equal(failed(await bob.try('register', '\u0430lice')).code, 'NAME_INVALID')
    assert.equal(failed(await bob.try('register', 'admin')).code, 'NAME_RESERVED')
    assert.equal(failed(await bob.try('register', 'alice', '--release')).code, 'NAME_NOT_YOURS')
    const elsewhere = failed(await bob.try('resolve', 'preview.land/alice/forum'))
    assert.equal(elsewhere.code, 'NETWORK_UNKNOWN')
  })

  it('may be called something else on one node alone', async () => {
    await bob.run('petname', 'ally', 'alice.amigos.net')
    const found = await bob.run<Resolved>('resolve', 'ally/counter')
    assert.deepEqual([found.user, found.petname, found.username], [users.alice, 'ally', undefined])
    // also in place of a username
    await bob.run('petname', 'alice', `~${users.bob}`)
    assert.deepEqual((await bob.run<Resolved>('resolve', 'alice.amigos.net')).user, users.bob)
    await bob.run('petname', 'alice', '--remove')
    assert.deepEqual((await bob.run<Resolved>('resolve', 'alice.amigos.net')).user, users.alice)
    const { petnames } = await bob.run<{ petnames: { username: string; key: string }[] }>('petname')
    assert.deepEqual(
      petnames.map(({ username, key }) => [username, key]),
      [['ally', users.alice]],
    )
    assert.equal(failed(await alice.try('petname', 'ally')).code, 'NAME_NOT_FOUND')
  })

  it('stand in a book that the user of the hub neither changes nor ends by mistake', async () => {
    const { services } = await hub.run<{ services: { name: string; service: string }[] }>('status')
    const { service } = services.find(({ name }) => name === 'usernames')!
    for (const book of ['local.land/_/usernames', service]) {
      const refused = [
        await hub.try('upgrade', book, COUNTER),
        await hub.try('rollback', book, service),
        await hub.try('prune', book, '--keep', '1'),
        await hub.try('remove', book, '--yes'),
      ]
      for (const ran of refused) assert.deepEqual([ran.code, failed(ran).code], [5, 'NAME_RESERVED'])
    }
    const others = [
      await hub.try('yank', 'local.land/_/usernames@1.0.0'),
      await hub.try('deprecate', 'local.land/_/usernames@1.0.0', 'no'),
      await hub.try('unpublish', 'local.land/_/usernames'),
      await hub.try('fork', service, '--as', 'usernames'),
      await hub.try('serve', COUNTER, '--as', 'usernames'),
    ]
    for (const ran of others) assert.deepEqual([ran.code, failed(ran).code], [5, 'NAME_RESERVED'])
    // what is not the book is the user's own
    await hub.run('serve', COUNTER, '--as', 'mine')
    await hub.run('prune', 'local.land/_/mine', '--keep', '1')
    await hub.run('remove', 'local.land/_/mine', '--yes')
    assert.equal((await bob.run<{ ok: boolean }>('verify', 'alice.amigos.net')).ok, true)
  })

  it('are passed on, and given up', async () => {
    await alice.run('register', 'passed-on')
    const given = await alice.run<Registered>('register', 'passed-on', '--transfer', `~${users.bob}`)
    assert.equal(given.key, users.bob)
    const mine = await bob.run<Registered>('register', 'passed-on')
    assert.equal(mine.key, users.bob)
    assert.equal((await hub.run<Resolved>('resolve', 'passed-on.amigos.net')).user, users.bob)
    const { key } = await bob.run<Registered>('register', 'passed-on', '--release')
    assert.equal(key, null)
    const gone = failed(await bob.try('resolve', 'passed-on.amigos.net'))
    assert.equal(gone.code, 'NAME_NOT_FOUND')
    assert.equal((await alice.run<Registered>('register', 'passed-on')).key, users.alice)
  })

  it('resolve without the hub, also on a node that was restarted, and after kill -9 of their owner', async () => {
    await until(
      () => bob.run<Resolved>('resolve', 'alice.amigos.net'),
      ({ user }) => user === users.alice,
    )
    await hub.kill()
    assert.equal((await bob.run<Resolved>('resolve', 'alice/counter')).user, users.alice)
    await bob.stop()
    bob = await start('bob')
    const { user, username } = await bob.run<Resolved>('resolve', 'alice.amigos.net/counter')
    assert.deepEqual([user, username!.source], [users.alice, 'cache'])
    // and on one that never heard of it, and cannot ask the hub
    const { invite } = await alice.run<{ invite: string }>('network', 'invite')
    const carol = await start('carol', ['--network', invite])
    const found = await until(
      () => carol.try('resolve', 'alice.amigos.net/counter'),
      ({ code }) => code === 0,
    )
    assert.deepEqual([found.json<Resolved>().user, found.json<Resolved>().username!.source], [users.alice, 'dht'])
    await alice.kill()
    alice = await start('alice')
    assert.equal((await alice.run<Resolved>('resolve', 'alice.amigos.net')).user, users.alice)
    const silent = failed(await alice.try('register', 'another', '--timeout', '20s'))
    assert.equal(silent.code, 'HUB_UNREACHABLE')
    // its book is where it was
    hub = await start('hub', [], [hub.info.addresses[0]!.replace(/\/p2p\/.*/, '')])
    const again = await until(
      () => alice.try('register', 'alice'),
      ({ code }) => code === 0,
    )
    assert.equal(again.json<Registered>().key, users.alice)
  })

  it('come with word of the newest release, signed by the hub', async () => {
    type Release = { running: string; newest: { version: string; isNewer: boolean; registrar: string } | null }
    const { running, newest } = await hub.run<Release>('network', 'release')
    assert.deepEqual([newest!.version, newest!.isNewer], [running, false])
    await hub.run('network', 'release', '99.1.0')
    await bob.stop()
    bob = await start('bob')
    const told = await until(
      () => bob.run<{ release: Release['newest'] }>('status'),
      ({ release }) => release?.version === '99.1.0',
    )
    assert.deepEqual([told.release!.isNewer, told.release!.registrar], [true, hub.info.peerId])
    assert.equal((await bob.run<{ newest: { version: string } }>('version')).newest.version, '99.1.0')
    assert.equal(failed(await bob.try('network', 'release', '100.0.0')).code, 'NOT_REGISTRAR')
    assert.equal(failed(await hub.try('network', 'release', 'newest')).code, 'VERSION_INVALID')
  })

  it('need a network that has a hub', async () => {
    const alone = await start('alone')
    const { code, hint } = failed(await alone.try('register', 'alice'))
    assert.equal(code, 'NAME_NEEDS_REGISTRAR')
    assert.match(hint, /petname/)
    assert.equal(failed(await alone.try('resolve', 'alice/forum')).code, 'NAME_NEEDS_REGISTRAR')
    await alone.run('petname', 'alice', users.alice)
    const found = failed(await alone.try('resolve', 'alice/forum'))
    assert.equal(found.code, 'NO_PEERS')
  })
})
