/** Names and content that were there before anybody came: by CID, by commit, by version, by person. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type Ran, type RunningNode, startNode } from '../support/amigo.ts'
import { tempFolder } from '../support/temp.ts'

const EXAMPLES = join(import.meta.dirname, '../../examples')
const COUNTER = join(EXAMPLES, 'counter')

const codeOf = (ran: Ran): string => ran.json<{ error?: { code: string } }>().error?.code ?? 'none'

describe('what was published while alone', function () {
  this.timeout(60_000)
  let folder: Awaited<ReturnType<typeof tempFolder>>
  let alice: RunningNode
  let bob: RunningNode
  let pushed: string
  let counter: { name: string; service: string; contract: string; commit: string }
  const commits: string[] = []

  before(async () => {
    folder = await tempFolder()
    alice = await startNode(join(folder.path, 'alice'))
    pushed = (await alice.run<{ contract: string }>('push', join(EXAMPLES, 'guestbook'))).contract
    counter = await alice.run('publish', COUNTER)
    for (let i = 0; i < 3; i++) {
      commits.push((await alice.run<{ commit: string }>('call', counter.name, 'increment')).commit)
    }
    bob = await startNode(join(folder.path, 'bob'))
    await bob.run('connect', alice.info.addresses[0]!)
  })
  after(async () => {
    await Promise.all([alice?.kill(), bob?.kill()])
    await folder.remove()
  })

  it('is found at once by whoever connects', async () => {
    assert.equal((await bob.run<{ service: string }>('resolve', counter.name)).service, counter.service)
    assert.equal((await bob.run<{ result: number }>('query', counter.name, 'current')).result, 3)
  })

  it('is pulled by the CID of a contract, with all that belongs to it', async () => {
    const out = join(folder.path, 'guestbook')
    const pulled = await bob.run<{ contract: string }>('pull', pushed, '--out', out)
    assert.equal(pulled.contract, pushed)
    assert.equal((await bob.run<{ contract: string }>('push', out)).contract, pushed)
  })

  it('is called by the CID of a service', async () => {
    assert.equal((await bob.run<{ kind: string }>('resolve', counter.service)).kind, 'service')
    assert.equal((await bob.run<{ result: number }>('call', counter.service, 'increment')).result, 4)
  })

  it('is asked at a commit of its past, by CID, by version and by flag, and not called there', async () => {
    const ways = [
      [commits[0]!, 'current'],
      [`${counter.name}@${commits[0]}`, 'current'],
      [counter.name, 'current', '--at', commits[0]!],
    ]
    for (const node of [alice, bob]) {
      for (const way of ways)
        assert.equal((await node.run<{ result: number }>('query', ...way)).result, 1, way.join(' '))
      assert.equal(codeOf(await node.try('call', commits[0]!, 'increment')), 'NOT_CALLABLE')
      for (const wrong of ['foo', counter.contract]) {
        const ran = await node.try('query', counter.name, 'current', '--at', wrong)
        assert.deepEqual([codeOf(ran), ran.code], ['NOT_A_COMMIT', 2], wrong)
      }
    }
  })

  it('says which commit a name is of, also the newest, and refuses one of another service', async () => {
    const other = await alice.run<{ commit: string }>('serve', join(EXAMPLES, 'guestbook'))
    const { head: newest } = await alice.run<{ head: string }>('resolve', counter.name)
    for (const node of [alice, bob]) {
      for (const commit of [commits[0]!, newest]) {
        const { at, service } = await node.run<{ at: string; service: string }>('resolve', `${counter.name}@${commit}`)
        assert.deepEqual([at, service], [commit, counter.service])
        assert.equal(codeOf(await node.try('call', `${counter.name}@${commit}`, 'increment')), 'NOT_CALLABLE')
      }
      const ran = await node.try('resolve', `${counter.name}@${other.commit}`)
      assert.equal(codeOf(ran), 'NOT_A_COMMIT')
    }
    assert.equal(codeOf(await alice.try('resolve', `local.land/_/counter@${other.commit}`)), 'NOT_A_COMMIT')
    assert.equal((await alice.run<{ at: string }>('resolve', `local.land/_/counter@${newest}`)).at, newest)
  })

  it('keeps its versions in order, and a wrong one breaks nothing', async () => {
    assert.equal(codeOf(await alice.try('publish', COUNTER, '--version', 'banana')), 'VERSION_INVALID')
    await alice.run('publish', join(EXAMPLES, 'guestbook'))
    assert.equal((await alice.run<{ version: string }>('publish', COUNTER, '--version', '0.3.0')).version, '0.3.0')
    assert.equal(codeOf(await alice.try('publish', COUNTER, '--version', '0.2.0')), 'VERSION_NOT_NEWER')
    assert.equal((await alice.try('publish', COUNTER, '--version', '0.1.0')).code, 0, 'it is this contract already')
    assert.equal((await alice.run<{ version: string }>('publish', COUNTER)).version, '0.3.0', 'it stays the newest')
    const { version } = await bob.run<{ version: string }>('resolve', `${counter.name}@^0.3`)
    assert.equal(version, '0.3.0')
    const { services } = await alice.run<{ services: { name: string; version: string }[] }>('status')
    assert.equal(services.find(({ name }) => name === 'counter')?.version, '0.3.0')
  })

  it('answers somebody who wrote and never published anything', async () => {
    const { user } = await bob.run<{ user: string }>('id')
    assert.notEqual((await alice.try('chat', `~${user}`, 'too early')).code, 0)
    assert.equal((await bob.run<{ state: string }>('chat', alice.info.peerId, 'hello')).state, 'delivered')
    assert.equal((await alice.run<{ state: string }>('chat', `~${user}`, 'hello to you')).state, 'delivered')
    const { messages } = await bob.run<{ messages: { text: string }[] }>('inbox')
    assert.ok(messages.some(({ text }) => text === 'hello to you'))
  })

  it('counts the bytes that went over the wire', async () => {
    const { traffic } = await bob.run<{ traffic: { sent: number; received: number } }>('status')
    assert.ok(traffic.sent > 1_000 && traffic.received > 1_000, JSON.stringify(traffic))
  })
})
