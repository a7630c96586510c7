/** A hub with three witnesses of whom two have to sign, each a process of its own; one of them is lied to. */
import assert from 'node:assert/strict'
import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { amigo, type Ran, type RunningNode, startNode } from '../support/amigo.ts'
import { overApi } from '../support/over-api.ts'
import { tempFolder } from '../support/temp.ts'
import { until } from '../support/until.ts'

type Registered = { key: string | null; witnesses: number }
type Verified = { ok: boolean; calls: number; username: { user: string; witnesses: number; registrar: string } }

describe('a hub and its witnesses', function () {
  this.timeout(180_000)
  let folder: Awaited<ReturnType<typeof tempFolder>>
  const nodes = new Map<string, RunningNode>()
  const home = (name: string): string => join(folder.path, name)
  const node = (name: string): RunningNode => nodes.get(name)!
  const start = async (name: string, flags: string[] = []): Promise<RunningNode> => {
    const before = nodes.get(name)?.info.addresses[0]?.replace(/\/p2p\/.*/, '')
    const started = overApi(await startNode(home(name), flags, before === undefined ? undefined : [before]))
    nodes.set(name, started)
    return started
  }
  const failed = (ran: Ran): { code: string; message: string } =>
    ran.json<{ error: { code: string; message: string } }>().error
  const connected = (name: string): Promise<{ peers: number }> =>
    until(
      () => node(name).run<{ peers: number }>('status'),
      ({ peers }) => peers > 0,
    )

  before(async () => {
    folder = await tempFolder('amigos-witnesses')
    const witnesses: string[] = []
    for (const name of ['w1', 'w2', 'w3']) {
      const { peerId } = (await amigo(['network', 'peer', '--json', '--home', home(name)])).json<{ peerId: string }>()
      witnesses.push('--witness', peerId)
    }
    const made = await amigo(['network', 'new', 'team', '--registrar', ...witnesses, '--json', '--home', home('hub')])
    assert.equal(made.json<{ required: number }>().required, 2)
    const hub = await start('hub')
    const { invite } = await hub.run<{ invite: string }>('network', 'invite')
    for (const name of ['w1', 'w2', 'w3', 'alice', 'bob']) await start(name, ['--network', invite])
    await Promise.all(['w1', 'w2', 'w3', 'alice', 'bob'].map(connected))
  })
  after(async () => {
    await Promise.all([...nodes.values()].map((one) => one.kill()))
    await folder.remove()
  })

  it('certify names together, and anybody can check the book', async () => {
    const { role } = await node('w2').run<{ role: string }>('network', 'show')
    assert.equal(role, 'witness')
    const { key, witnesses } = await node('alice').run<Registered>('register', 'alice')
    assert.ok(witnesses >= 2, `${witnesses}`)
    const { ok, username, calls } = await node('bob').run<Verified>('verify', 'alice.amigos.net')
    assert.deepEqual([ok, username.user, calls], [true, key, 1])
    assert.ok(username.witnesses >= 2)
    const nobody = failed(await node('bob').try('verify', 'nobody-at-all.amigos.net'))
    assert.equal(nobody.code, 'NAME_NOT_FOUND')
  })

  it('go on with one of three away, and not with two', async () => {
    await node('w1').stop()
    assert.equal((await node('alice').run<Registered>('register', 'second')).witnesses, 2)
    await node('w2').stop()
    const alone = failed(await node('alice').try('register', 'third'))
    assert.equal(alone.code, 'WITNESSES_MISSING')
    assert.equal(failed(await node('bob').try('resolve', 'third.amigos.net')).code, 'WITNESSES_MISSING')
    await start('w1')
    const again = await until(
      () => node('alice').try('register', 'third'),
      ({ code }) => code === 0,
      60_000,
    )
    assert.equal(again.json<Registered>().witnesses, 2)
    await start('w2')
    await connected('w2')
  })

  it('do not let a hub take back what it registered', async () => {
    await node('hub').stop()
    await cp(join(home('hub'), 'store'), home('backup'), { recursive: true })
    await start('hub')
    const given = await until(
      () => node('alice').try('register', 'precious'),
      ({ code }) => code === 0,
      60_000,
    )
    assert.equal(given.code, 0)
    // the book forgets what came since
    await node('hub').stop()
    await rm(join(home('hub'), 'store'), { recursive: true })
    await cp(home('backup'), join(home('hub'), 'store'), { recursive: true })
    await start('hub')
    const taken = await until(
      () => node('bob').try('register', 'precious'),
      (ran) => ran.code === 0 || failed(ran).code === 'WITNESSES_MISSING',
      60_000,
    )
    assert.equal(failed(taken).code, 'WITNESSES_MISSING', 'the witnesses saw another history')
    type Shown = { proofs: { code: string; commits: string[] }[] }
    const shown = await Promise.all(['w1', 'w2', 'w3'].map((name) => node(name).run<Shown>('network', 'show')))
    const proofs = shown.flatMap((one) => one.proofs)
    assert.ok(proofs.length >= 2, 'at least two of them keep a proof')
    for (const { code, commits } of proofs) assert.deepEqual([code, commits.length], ['EQUIVOCATION', 2])
    // everybody else goes on resolving what was certified
    const { user } = await node('alice').run<{ user: string }>('resolve', 'precious.amigos.net')
    assert.equal(user, given.json<Registered>().key)
  })
})
