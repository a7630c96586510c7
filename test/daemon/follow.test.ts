/** Following between real processes: what is new is pushed. */
import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type RunningNode, startNode } from '../support/amigo.ts'
import { tempFolder } from '../support/temp.ts'
import { until } from '../support/until.ts'

type Resolved = { source: string; stale: boolean; head: string; service: string }

describe('following somebody', function () {
  this.timeout(90_000)
  let folder: Awaited<ReturnType<typeof tempFolder>>
  let alice: RunningNode
  let bob: RunningNode
  let contract: string
  let name: string
  let user: string

  before(async () => {
    folder = await tempFolder('follow')
    contract = join(folder.path, 'counter')
    await mkdir(contract)
    await writeFile(join(contract, 'amigo.yaml'), 'name: counter\nversion: 0.1.0\nmain: main.ts\n')
    const source = 'let total = 0\nexport function add(by: number): number { total += by; return total }\n'
    await writeFile(join(contract, 'main.ts'), source)
    alice = await startNode(join(folder.path, 'alice'))
    bob = await startNode(join(folder.path, 'bob'), ['--bootstrap', alice.info.addresses[0]!])
    name = (await alice.run<{ name: string }>('publish', contract)).name
    user = (await alice.run<{ user: string }>('id')).user
  })
  after(async () => {
    await Promise.all([alice?.kill(), bob?.kill()])
    await folder.remove()
  })

  it('answers from memory after that, and is told what is published', async () => {
    await until(
      () => bob.try('resolve', name),
      ({ code }) => code === 0,
    )
    assert.equal((await bob.run<Resolved>('resolve', name)).source, 'node')
    assert.deepEqual(await bob.run('follow', name), { name, user, following: true })
    assert.deepEqual((await bob.run<Resolved>('resolve', name)).source, 'push')
    await alice.run('publish', contract, '--as', 'second')
    const second = await until(
      () => bob.try('resolve', `~${user}/second`),
      ({ code }) => code === 0,
    )
    const { source, stale } = second.json<Resolved>()
    assert.deepEqual([source, stale], ['push', false])
  })

  it('is told where a service stands, and says so', async () => {
    const { commit } = await alice.run<{ commit: string }>('call', name, 'add', '1')
    const { source, head } = await until(
      () => bob.run<Resolved>('resolve', name),
      (found) => found.head === commit,
    )
    assert.ok(source === 'push' && head === commit)
    assert.equal((await alice.run<Resolved>('resolve', name)).head, commit)
  })

  it('is told where services stand when it begins, not when they move next; and knows what it called itself', async () => {
    await bob.run('follow', '--stop', name)
    const { commit } = await alice.run<{ commit: string }>('call', name, 'add', '1')
    await bob.run('follow', name)
    await until(
      () => bob.run<Resolved>('resolve', name),
      ({ head }) => head === commit,
    )
    await bob.run('follow', '--stop', name)
    const own = await bob.run<{ commit: string }>('call', name, 'add', '0')
    assert.equal((await bob.run<Resolved>('resolve', name)).head, own.commit)
    await bob.run('follow', name)
  })

  it('is the same user’s after a change of keys', async () => {
    const before = await alice.run<{ user: string; key: string }>('key', 'show')
    assert.equal(before.key, user)
    const after = await alice.run<{ user: string; key: string; changes: number }>('key', 'change')
    assert.deepEqual([after.user, after.changes, after.key === user], [user, 1, false])
    await alice.stop()
    alice = await startNode(join(folder.path, 'alice'), ['--bootstrap', bob.info.addresses[0]!])
    assert.deepEqual(await alice.run('key', 'show'), after)
    await alice.run('publish', contract, '--as', 'third')
    const third = await until(
      () => bob.try('resolve', `~${user}/third`),
      ({ code }) => code === 0,
    )
    assert.equal(third.json<Resolved>().stale, false)
    assert.equal((await bob.run<{ result: number }>('call', name, 'add', '1')).result, 3)
  })

  it('goes on after a restart, and ends when it is told to', async () => {
    const { follows } = await bob.run<{ follows: { name: string; user: string; services: number }[] }>(
      'follow',
      '--list',
    )
    assert.deepEqual(
      follows.map(({ name, user, services }) => [name, user, services]),
      [[name, user, 3]],
    )
    await bob.stop()
    bob = await startNode(join(folder.path, 'bob'), ['--bootstrap', alice.info.addresses[0]!])
    await until(
      () => bob.run<Resolved>('resolve', name),
      ({ source }) => source === 'push',
    )
    const { commit } = await alice.run<{ commit: string }>('call', name, 'add', '1')
    await until(
      () => bob.run<Resolved>('resolve', name),
      ({ head }) => head === commit,
    )
    assert.deepEqual(await bob.run('follow', '--stop', name), { name, user, following: false })
    assert.deepEqual(await bob.run('follow', '--list'), { follows: [] })
    assert.equal((await bob.run<Resolved>('resolve', name)).source, 'node')
  })

  it('refuses whom nobody can follow', async () => {
    const own = (await bob.run<{ user: string }>('id')).user
    for (const [word, code] of [
      [`~${own}`, 'NAME_NOT_SUPPORTED'],
      ['local.land/_/x', 'SERVICE_NOT_FOUND'],
      [alice.info.peerId, 'NAME_NOT_SUPPORTED'],
    ]) {
      const refused = await bob.try('follow', word!)
      assert.equal(refused.json<{ error: { code: string } }>().error.code, code)
    }
    assert.equal((await bob.try('follow')).code, 2)
  })
})
