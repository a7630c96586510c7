/** Two networks of real processes, and a node of one that asks on the other. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { amigo, type Ran, type RunningNode, startNode } from '../support/amigo.ts'
import { overApi } from '../support/over-api.ts'
import { tempFolder } from '../support/temp.ts'
import { until } from '../support/until.ts'

const COUNTER = join(import.meta.dirname, '../../examples/counter')

describe('a node that knows another network', function () {
  this.timeout(120_000)
  let folder: Awaited<ReturnType<typeof tempFolder>>
  const running: RunningNode[] = []
  let alice: RunningNode
  let bob: RunningNode
  let invite: string
  let theirs: { name: string; service: string }

  const start = async (name: string, flags: string[] = []): Promise<RunningNode> => {
    const node = overApi(await startNode(join(folder.path, name), flags))
    running.push(node)
    return node
  }
  const code = (ran: Ran): string => ran.json<{ error: { code: string } }>().error.code

  before(async () => {
    folder = await tempFolder('amigos-visits')
    // on each network a hub that is also somebody's node
    bob = await start('bob', ['--hub'])
    const where = ['--suffix', 'example.org', '--home', join(folder.path, 'alice')]
    assert.equal((await amigo(['network', 'new', 'stage', '--registrar', ...where])).code, 0)
    alice = await start('alice')
    invite = (await alice.run<{ invite: string }>('network', 'invite')).invite
    for (const node of [alice, bob]) await node.run('register', 'alice')
    theirs = await alice.run('publish', COUNTER)
    assert.equal(theirs.name, 'alice.example.org/counter')
    await bob.run('publish', COUNTER)
  })
  after(async () => {
    await Promise.all(running.map((node) => node.kill()))
    await folder.remove()
  })

  it('has to be told of it, by a name of its own', async () => {
    assert.equal(code(await bob.try('resolve', 'preview.land/alice/counter')), 'NETWORK_UNKNOWN')
    const added = await bob.run<{ name: string; network: string }>('network', 'add', invite, '--as', 'preview')
    assert.equal(added.name, 'preview')
    const { networks } = await bob.run<{ networks: { name: string; network: string }[] }>('network', 'list')
    assert.deepEqual(
      networks.map(({ name, network }) => [name, network]),
      [['preview', added.network]],
    )
    const mine = await bob.run<{ invite: string }>('network', 'invite')
    assert.equal(code(await bob.try('network', 'add', mine.invite, '--as', 'preview')), 'NAME_TAKEN')
    assert.equal(code(await bob.try('network', 'add', mine.invite, '--as', 'local')), 'NAME_TAKEN')
    assert.equal(code(await bob.try('network', 'add', 'amigo1abc', '--as', 'other')), 'INVITE_INVALID')
  })

  it('finds, calls, asks and verifies there what is called the same here', async () => {
    type Resolved = { name: string; service: string }
    const there = await bob.run<Resolved>('resolve', 'preview.land/alice/counter')
    assert.deepEqual([there.name, there.service], ['preview.land/alice/counter', theirs.service])
    const here = await bob.run<Resolved>('resolve', 'alice/counter')
    assert.notEqual(here.service, there.service)
    const { result } = await bob.run<{ result: number }>('call', 'preview.land/alice/counter', 'increment', '5')
    assert.equal(result, 5)
    assert.equal((await alice.run<{ result: number }>('query', 'alice.example.org/counter', 'current')).result, 5)
    assert.equal(code(await alice.try('query', 'alice.amigos.net/counter', 'current')), 'NAME_INVALID')
    assert.equal((await bob.run<{ result: number }>('query', 'alice/counter', 'current')).result, 0)
    const log = await bob.run<{ commits: { calls: { caller: string }[] }[] }>('log', 'preview.land/alice/counter')
    const { user } = await bob.run<{ user: string }>('id')
    assert.equal(log.commits[0]!.calls[0]!.caller, user, 'as the same user')
    assert.equal((await bob.run<{ ok: boolean }>('verify', 'preview.land/alice/counter')).ok, true)
    assert.equal((await bob.run<{ ok: boolean }>('verify', 'preview.land/alice')).ok, true)
    assert.equal(code(await bob.try('fork', 'preview.land/alice/counter', '--as', 'mine')), 'NAME_NOT_SUPPORTED')
  })

  it('calls its own network by its name, too', async () => {
    const { service } = await bob.run<{ service: string }>('resolve', 'hub.land/alice/counter')
    assert.equal(service, (await bob.run<{ service: string }>('resolve', 'alice/counter')).service)
  })

  it('asks there again after a restart, and says when nobody is there', async () => {
    assert.equal(await bob.stop(), 0)
    bob = await start('bob')
    const found = await bob.run<{ service: string }>('resolve', 'preview.land/alice/counter')
    assert.equal(found.service, theirs.service)
    await alice.kill()
    await bob.stop()
    bob = await start('bob')
    await until(
      async () => code(await bob.try('resolve', 'preview.land/alice/counter')),
      (answer) => answer === 'NETWORK_UNREACHABLE',
    )
    await bob.run('network', 'remove', 'preview')
    assert.equal(code(await bob.try('resolve', 'preview.land/alice/counter')), 'NETWORK_UNKNOWN')
  })
})
