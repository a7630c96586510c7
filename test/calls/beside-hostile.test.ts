/** Services of strangers do their worst, each as a service of its own, beside three that mean well. */
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CID } from 'multiformats/cid'
import { compile } from '../../daemon/contract/compile.ts'
import { encodeContract } from '../../daemon/contract/encode.ts'
import { type Host, resultOf, startHost } from '../support/host.ts'
import { ATTACKS, HOSTILE_CONTRACT } from '../vm/attacks.ts'

const COUNTER = 'let n = 0\nexport function add(): number { return ++n }\nexport function all(): number { return n }'
const TOKEN = `
  const balances = new Map<string, bigint>([['a', 1000n], ['b', 0n]])
  export function add(): bigint {
    balances.set('a', balances.get('a')! - 1n)
    balances.set('b', balances.get('b')! + 1n)
    return balances.get('b')!
  }
  export function all(): bigint { return balances.get('a')! + balances.get('b')! }
`
const BOARD = `
  interface Post { id: number; text: string; at: Date }
  const posts: Post[] = []
  export function add(): number { return posts.push({ id: posts.length, text: 'x'.repeat(posts.length % 50), at: new Date() }) }
  export function all(): number { return posts.filter(({ id, text }) => text.length === id % 50).length }
`
const attacks = Object.values(ATTACKS)

describe('services beside hostile ones', function () {
  this.timeout(120_000)
  let host: Host
  const hostile: CID[] = []
  const healthy: { service: CID; calls: number }[] = []

  before(async () => {
    host = await startHost({ workers: 2 })
    for (const [as, source] of Object.entries({ counter: COUNTER, token: TOKEN, board: BOARD }))
      healthy.push({ service: await host.serve(source, { as }), calls: 0 })
    const contract = await handMade(host)
    for (let i = 0; i < attacks.length; i++) {
      const { head } = await host.deploy(contract, { as: `hostile-${i}`, signal: new AbortController().signal })
      hostile.push(head.service)
    }
  })
  after(() => host.stop())

  /** One call of each, one after the other, until told to stop. How many were answered. */
  const callHealthy = async (isOver: () => boolean): Promise<number> => {
    let answered = 0
    while (!isOver())
      for (const one of healthy) {
        const result = resultOf(await host.call(one.service, 'add'))
        assert.equal(Number((result as { '/': { bigint: string } })?.['/']?.bigint ?? result), ++one.calls)
        answered++
      }
    return answered
  }

  it('keep their state and their time', async () => {
    assert(attacks.length >= 40)
    let left = attacks.length
    const ends: string[] = []
    const attack = async (i: number): Promise<void> => {
      const done = await host.call(hostile[i]!, `a${i}`).then(resultOf, ({ code }: { code: string }) => code)
      ends[i] = typeof done === 'string' ? done : JSON.stringify(done)
      left--
    }
    // two at a time, so that there is always one at work
    const next = Array.from(attacks.keys())
    const lanes = Array.from({ length: 2 }, async () => {
      for (let i = next.shift(); i !== undefined; i = next.shift()) await attack(i)
    })
    const [answered] = await Promise.all([callHealthy(() => left === 0), ...lanes])
    assert(answered >= healthy.length)
    assert.equal(ends.filter((end) => end === 'OUT_OF_GAS').length > 10, true)

    for (const { service, calls } of healthy) assert.equal((await host.history.head(service))!.seq, calls)
    const [counter, token, board] = healthy.map(({ service }) => service)
    assert.equal(await host.query(counter!, 'all'), healthy[0]!.calls)
    assert.deepEqual(await host.query(token!, 'all'), { '/': { bigint: '1000' } })
    assert.equal(await host.query(board!, 'all'), healthy[2]!.calls)
  })

  it('are answered while several are at work without end', async function () {
    // it is a rate, and others may have the processor for a while
    this.retries(2)
    const manifest = 'name: endless\nversion: 0.1.0\nmain: main.ts\nlimits:\n  gas: 500000000\n'
    const source = 'export function spin(): void { for (;;); }'
    const endless = await Promise.all(
      ['one', 'two', 'three', 'four', 'five'].map((as) => host.serve(source, { as, manifest })),
    )
    // once each: from then on it is known what they are like
    for (const service of endless) await assert.rejects(host.call(service, 'spin'), { code: 'OUT_OF_GAS' })
    let over = false
    /** attacks that have begun and not ended */
    const running = new Set<object>()
    const attack = async (service: CID): Promise<void> => {
      while (!over) {
        const one = {}
        running.add(one)
        await assert.rejects(host.call(service, 'spin'), { code: 'OUT_OF_GAS' })
        running.delete(one)
      }
    }
    const work = Promise.all(endless.map(attack))
    let within = 0
    for (let i = 0; i < 60; i++) {
      const before = new Set(running)
      const { service } = healthy[i % healthy.length]!
      await host.call(service, 'add')
      // an attack that was at work, or waited to be, when it was asked has not ended when it is answered
      if (before.size === endless.length && [...before].every((one) => running.has(one))) within++
    }
    over = true
    await work
    assert(within >= 6, `${within} of 60 calls waited for none of the attacks`)
  })
})

/** A module that no compiler made, under an interface that lets it be called. */
async function handMade(host: Host) {
  const dir = await mkdtemp(join(tmpdir(), 'amigos-hostile-'))
  try {
    const functions = attacks.map((_, i) => `export function a${i}(): unknown { return null }`)
    await writeFile(join(dir, 'main.ts'), ['export function count(): number { return 0 }', ...functions].join('\n'))
    await writeFile(join(dir, 'amigo.yaml'), 'name: hostile\nversion: 0.1.0\nmain: main.ts\n')
    const built = await compile(dir)
    const { blocks } = await encodeContract({ ...built, module: new TextEncoder().encode(HOSTILE_CONTRACT) })
    const upload = {
      blocks: blocks.map(({ cid, bytes }) => ({ cid: cid.toString(), bytes: Buffer.from(bytes).toString('base64') })),
    }
    return (await host.contracts.take(upload)).contract
  } finally {
    await rm(dir, { recursive: true })
  }
}
