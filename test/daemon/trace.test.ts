/** A traced call between two real nodes: by the command line and the local API, and over a connection that is cut. */
import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { createClient } from '../../daemon/api/client.ts'
import type { Client } from '../../daemon/api/types.ts'
import type { TraceSpan } from '../../daemon/api/vocabulary.ts'
import { amigo, type RunningNode, startNode } from '../support/amigo.ts'
import { type CutProxy, startProxy } from '../support/proxy.ts'
import { tempFolder } from '../support/temp.ts'
import { untilTrue } from '../support/until.ts'

const SOURCE = `let n = 0
export function add(by: number): number { n += by; return n }
/** @query */
export function current(): number { return n }
`

describe('a trace between two nodes', function () {
  this.timeout(60_000)
  let folder: Awaited<ReturnType<typeof tempFolder>>
  let alice: RunningNode
  let bob: RunningNode
  let proxy: CutProxy
  let his: Client
  let name: string

  before(async () => {
    folder = await tempFolder('trace')
    const contract = join(folder.path, 'contract')
    await mkdir(contract)
    await writeFile(join(contract, 'amigo.yaml'), 'name: traced\nversion: 0.1.0\nmain: main.ts\n')
    await writeFile(join(contract, 'main.ts'), SOURCE)
    // there is no other way to the host than the proxy: nobody dials a socket in the file system
    const socket = join(folder.path, 'alice.sock')
    alice = await startNode(join(folder.path, 'alice'), [], [`/unix/${encodeURIComponent(socket)}`])
    proxy = await startProxy(socket)
    bob = await startNode(join(folder.path, 'bob'), ['--offline'], [])
    his = createClient({ home: bob.info.home })
    name = (await alice.run<{ name: string }>('publish', contract)).name
    await bob.run('connect', `/ip4/127.0.0.1/tcp/${proxy.port}/p2p/${alice.info.peerId}`)
  })
  after(async () => {
    proxy?.cut()
    await Promise.all([alice?.kill(), bob?.kill()])
    await folder.remove()
  })

  const namesOf = (spans: readonly TraceSpan[]): string[] => spans.map((span) => span.name)

  it('is part of the answer as JSON, if it was asked for', async () => {
    const { trace, ms } = await bob.run<{ trace: TraceSpan[]; ms: number }>('call', name, 'add', '1', '--trace')
    assert.deepEqual(namesOf(trace), ['resolve', 'sign', 'send', 'wire', 'proof', 'answer'])
    const wire = trace[3]!
    const inside = namesOf(wire.inside!)
    assert.equal(inside[0], 'network')
    for (const part of ['verify', 'wait', 'admit', 'run', 'commit', 'durable']) assert(inside.includes(part), part)
    assert(trace.every(({ by }) => by === bob.info.peerId))
    assert(wire.inside!.slice(1).every(({ by }) => by === alice.info.peerId))
    assert(wire.ms <= ms)
    assert(!('trace' in (await bob.run('call', name, 'add', '1'))))
    const asked = await bob.run<{ trace: TraceSpan[] }>('query', name, 'current', '--trace')
    assert(namesOf(asked.trace.find((span) => span.name === 'wire')!.inside!).includes('run'))
  })

  it('is drawn beside the result, which stays alone on stdout', async () => {
    const { stdout, stderr, code } = await amigo(['call', name, 'add', '1', '--trace'], { home: bob.info.home })
    assert.equal(code, 0)
    assert.match(stdout, /^\d+\n$/)
    assert(!stderr.includes('\u001b'))
    const ends = { bob: bob.info.peerId.slice(-5), alice: alice.info.peerId.slice(-5) }
    assert.match(stderr, new RegExp(`^on the wire .* ms  [·█]+  .*${ends.bob}$`, 'm'))
    assert.match(stderr, /^ {2}network .* ms {2}[·█]+/m)
    assert.match(stderr, new RegExp(`^  ran in the VM .* ms  [·█]+  .*${ends.alice}$`, 'm'))
  })

  it('has no place where answers are many', async () => {
    for (const words of [
      ['call', name, '--batch', '-', '--trace'],
      ['query', name, 'current', '--follow', '--trace'],
    ])
      assert.equal((await amigo(words, { home: bob.info.home })).code, 2, words.join(' '))
  })

  it('shows that a call was sent again over a new connection', async () => {
    // by its ID it is looked up here, and not over the connection
    const { service } = await his.request('pull', { name })
    const sent = proxy.forwarded()
    proxy.mute()
    const answer = his.request('call', { name: service!, method: 'add', args: [1], trace: true }, { timeoutMs: 30_000 })
    await untilTrue(() => proxy.forwarded() > sent)
    proxy.cut()
    await setImmediate()
    await proxy.restore()
    const names = namesOf((await answer).trace!)
    for (const part of ['lost', 'pause', 'wire', 'proof']) assert(names.includes(part), names.join())
    assert(names.indexOf('lost') < names.indexOf('wire'))
  })
})
