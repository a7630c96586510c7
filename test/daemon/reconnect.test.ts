/** Two real processes and what lies between them, which is cut and restored in the middle of calls. */
import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { createClient } from '../../daemon/api/client.ts'
import type { Client } from '../../daemon/api/types.ts'
import { type RunningNode, startNode } from '../support/amigo.ts'
import { type CutProxy, startProxy } from '../support/proxy.ts'
import { tempFolder } from '../support/temp.ts'
import { until, untilTrue } from '../support/until.ts'

const SOURCE = `
let total = 0
export function add(by: number): number { total += by; return total }
/** @query */
export function current(): number { return total }
`
const CALLS = 120
const AT_ONCE = 6
const CUTS = 5

describe('a connection that is cut', function () {
  this.timeout(90_000)
  let folder: Awaited<ReturnType<typeof tempFolder>>
  let host: RunningNode
  let bob: RunningNode
  let proxy: CutProxy
  let his: Client
  let name: string

  before(async () => {
    folder = await tempFolder('cut')
    const contract = join(folder.path, 'counter')
    await mkdir(contract)
    await writeFile(join(contract, 'amigo.yaml'), 'name: counter\nversion: 0.1.0\nmain: main.ts\n')
    await writeFile(join(contract, 'main.ts'), SOURCE)
    // there is no other way to the host than the proxy: nobody dials a socket in the file system
    const socket = join(folder.path, 'host.sock')
    host = await startNode(join(folder.path, 'host'), [], [`/unix/${encodeURIComponent(socket)}`])
    proxy = await startProxy(socket)
    bob = await startNode(join(folder.path, 'bob'), ['--offline'], [])
    his = createClient({ home: bob.info.home })
    name = (await host.run<{ name: string }>('publish', contract)).name
    await bob.run('connect', `/ip4/127.0.0.1/tcp/${proxy.port}/p2p/${host.info.peerId}`)
  })
  after(async () => {
    proxy?.cut()
    await Promise.all([host?.kill(), bob?.kill()])
    await folder.remove()
  })

  const add = async (to: string = name, timeoutMs: number = 60_000): Promise<number> =>
    (await his.request('call', { name: to, method: 'add', args: [1] }, { timeoutMs })).result as number
  const total = async (): Promise<number> =>
    (await createClient({ home: host.info.home }).request('query', { name, method: 'current', args: [] }))
      .result as number
  const isConnected = async (): Promise<boolean> => (await his.request('peers', {})).peers.length > 0

  it('comes back by itself, for as long as it is needed', async () => {
    assert.equal(await add(), 1)
    proxy.cut()
    await until(isConnected, (is) => !is)
    await proxy.restore()
    await until(isConnected, Boolean)
  })

  it('loses no call and repeats none, however often it is cut: each is executed once', async () => {
    const before = await total()
    const results: number[] = []
    let left = CALLS
    /** Whoever is told that a call was not sent may make it again; nobody is told anything else. */
    const surely = (): Promise<number> =>
      add().catch((error: { outcome?: string }) => (error.outcome === 'not-sent' ? surely() : Promise.reject(error)))
    const work = async (): Promise<void> => {
      while (left-- > 0) results.push(await surely())
    }
    const workers = Promise.all(Array.from({ length: AT_ONCE }, work))
    for (let cut = 1; cut <= CUTS; cut++) {
      // in the middle: some are done, some are on their way, of some the answer is
      await untilTrue(() => results.length >= (cut * CALLS) / (CUTS + 2))
      const sent = proxy.forwarded()
      proxy.mute()
      await untilTrue(() => proxy.forwarded() > sent)
      proxy.cut()
      await setImmediate()
      await proxy.restore()
    }
    await workers
    const expected = Array.from({ length: CALLS }, (_, i) => before + i + 1)
    assert.deepEqual(
      results.toSorted((a, b) => a - b),
      expected,
    )
    assert.equal(await total(), before + CALLS)
  })

  it('is asked again over, if it is a question', async () => {
    const expected = await add()
    const sent = proxy.forwarded()
    proxy.mute()
    const answer = his.request('query', { name, method: 'current', args: [] })
    await untilTrue(() => proxy.forwarded() > sent)
    proxy.cut()
    await proxy.restore()
    assert.equal((await answer).result, expected)
  })

  it('leaves a call unknown that was sent, and unsent one that was not: the caller is told which', async () => {
    // by its ID it is looked up here, and not where nobody answers
    const { service } = await his.request('pull', { name })
    const before = await add(service!)
    const sent = proxy.forwarded()
    proxy.mute()
    const lost = add(service!, 3_000).catch((error: unknown) => error)
    await untilTrue(() => proxy.forwarded() > sent)
    await until(total, (now) => now === before + 1)
    proxy.cut()
    const { code, outcome } = (await lost) as { code: string; outcome: string }
    assert.deepEqual({ code, outcome }, { code: 'OUTCOME_UNKNOWN', outcome: 'unknown' })

    await until(isConnected, (is) => !is)
    const unsent = (await add(service!, 5_000).catch((error: unknown) => error)) as { code: string; outcome: string }
    assert.deepEqual({ code: unsent.code, outcome: unsent.outcome }, { code: 'PEER_UNREACHABLE', outcome: 'not-sent' })
    await proxy.restore()
    assert.equal(await total(), before + 1)
    await until(isConnected, Boolean)
    assert.equal(await add(), before + 2)
  })
})
