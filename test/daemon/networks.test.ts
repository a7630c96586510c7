/** Networks, as real processes join, leave out and refuse each other. */
import assert from 'node:assert/strict'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readInvite } from '../../registry/network/invite.ts'
import { amigo, type RunningNode, startNode } from '../support/amigo.ts'
import { tempFolder } from '../support/temp.ts'
import { until } from '../support/until.ts'

type Shown = { network: string; name: string; registrars: string[]; role: string | null; addresses: string[] }

describe('networks', function () {
  this.timeout(60_000)
  let folder: Awaited<ReturnType<typeof tempFolder>>
  const running: RunningNode[] = []
  const home = (name: string): string => join(folder.path, name)
  const start = async (name: string, flags: string[] = []): Promise<RunningNode> => {
    const node = await startNode(home(name), flags)
    running.push(node)
    return node
  }
  const failed = (ran: { json(): Record<string, unknown> }): string =>
    (ran.json() as { error: { code: string } }).error.code

  before(async () => {
    folder = await tempFolder('amigos-networks')
  })
  after(async () => {
    await Promise.all(running.map((node) => node.kill()))
    await folder.remove()
  })

  it('are made before a node ever ran, shown, and joined by the line of an invite', async () => {
    const made = await amigo(['network', 'new', 'class', '--registrar', '--json', '--home', home('hub')])
    assert.equal(made.code, 0, made.stdout)
    const peer = await amigo(['network', 'peer', '--json', '--home', home('hub')])
    const { peerId } = peer.json<{ peerId: string }>()
    const { network, name, registrars } = made.json<Shown>()
    assert.deepEqual([name, registrars], ['class', [peerId]])
    assert.equal((await stat(join(home('hub'), 'network'))).mode & 0o777, 0o600)
    const nowhere = await amigo(['network', 'invite', '--json', '--home', home('hub')])
    assert.equal(nowhere.code, 2, 'nobody knows an address yet')

    const hub = await start('hub')
    assert.deepEqual([hub.info.peerId, hub.info.network], [peerId, 'class'])
    const { invite } = await hub.run<{ invite: string }>('network', 'invite')
    assert.equal(readInvite(invite).network.id, network)

    const alice = await start('alice', ['--network', invite])
    await until(
      () => alice.run<{ peers: number }>('status'),
      ({ peers }) => peers > 0,
    )
    const ping = await alice.run<{ sent: number; lost: number }>('ping', peerId, '--count', '1')
    assert.deepEqual([ping.sent, ping.lost], [1, 0])
    const shown = await alice.run<Shown>('network', 'show')
    assert.deepEqual([shown.network, shown.role], [network, null])
    assert.equal((await hub.run<Shown>('network', 'show')).role, 'hub')
    // whoever joined can invite others to where he joined
    const next = await alice.run<{ invite: string }>('network', 'invite')
    assert.ok(readInvite(next.invite).addresses.includes(hub.info.addresses[0]!))
  })

  it('are remembered by a data folder, which takes no other', async () => {
    const [hub, alice] = running
    await alice!.stop()
    const again = await start('alice')
    assert.equal(again.info.network, 'class')
    await until(
      () => again.run<{ peers: number }>('status'),
      ({ peers }) => peers > 0,
    )
    await again.stop()
    const { json } = await amigo(['network', 'new', 'other', '--json', '--home', home('elsewhere')])
    const other = await amigo(['network', 'show', '--json', '--home', home('elsewhere')])
    assert.equal(other.json<Shown>().network, json<Shown>().network)
    const file = home('other.json')
    await writeFile(file, other.stdout)
    const moved = await amigo(['up', '--json', '--home', home('alice'), '--network', file])
    assert.deepEqual([moved.code, failed(moved)], [5, 'NETWORK_FIXED'])
    const remade = await amigo(['network', 'new', 'third', '--json', '--home', home('alice')])
    assert.equal(failed(remade), 'NETWORK_FIXED')
    const claimed = await amigo(['up', '--hub', '--json', '--home', home('alice')])
    assert.deepEqual([claimed.code, failed(claimed)], [5, 'NOT_REGISTRAR'])
    assert.equal(readInvite(await readFile(join(home('alice'), 'network'), 'utf8')).network.name, 'class')
    assert.ok(hub)
  })

  it('know nothing of each other', async () => {
    const [hub] = running
    const stranger = await start('stranger')
    assert.equal(stranger.info.network, 'amigos')
    await stranger.run('connect', hub!.info.addresses[0]!)
    assert.equal(failed(await stranger.try('ping', hub!.info.peerId)), 'WRONG_NETWORK')
  })

  it('of its own are what a hub is on that was told of none', async () => {
    const one = await start('one', ['--hub'])
    const { name, role, registrars } = await one.run<Shown>('network', 'show')
    assert.deepEqual([name, role, registrars], ['hub', 'hub', [one.info.peerId]])
    await one.stop()
    const back = await start('one')
    assert.equal((await back.run<Shown>('network', 'show')).role, 'hub')
  })

  it('are refused when the invite is not whole', async () => {
    const broken = `amigo1${'a'.repeat(200)}`
    const ran = await amigo(['up', '--json', '--home', home('fresh'), '--network', broken])
    assert.deepEqual([ran.code, failed(ran)], [2, 'INVITE_INVALID'])
    const missing = await amigo(['up', '--json', '--home', home('fresh'), '--network', '/nowhere/at/all'])
    assert.equal(failed(missing), 'FILE_UNREADABLE')
    const slip = await amigo(['up', '--json', '--home', home('fresh'), '--network', broken.replace('aaa', 'a-a')])
    assert.deepEqual([slip.code, failed(slip)], [2, 'INVITE_INVALID'])
    const noise = home('noise')
    await writeFile(noise, Buffer.alloc(100_000, 0xff))
    for (const file of [fileURLToPath(import.meta.url), noise, '/dev/zero', home('')]) {
      const wrong = await amigo(['up', '--detach', '--json', '--home', home('fresh'), '--network', file])
      assert.equal(failed(wrong), 'FILE_UNREADABLE', file)
      assert.ok(wrong.stdout.length < 600, wrong.stdout)
    }
    await mkdir(home('damaged'), { mode: 0o700 })
    await writeFile(join(home('damaged'), 'network'), 'amigo1aaaa')
    for (const words of [['up'], ['network', 'show'], ['network', 'new', 'class']])
      assert.equal(
        failed(await amigo([...words, '--json', '--home', home('damaged')])),
        'HOME_DAMAGED',
        words.join(' '),
      )
    const text = await amigo(['up', '--json', '--home', home('fresh'), '--network', '{"name":"a--b"}'])
    assert.deepEqual([text.code, failed(text)], [2, 'NETWORK_INVALID'])
  })
})
