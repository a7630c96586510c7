/** Imports that are forks: each service has one of its own, made when it is deployed, and nobody else may use it. */
import assert from 'node:assert/strict'
import type { CID } from 'multiformats/cid'
import type { ContractImport } from '../../daemon/contract/types.ts'
import { type Host, newIdentity, resultOf, startHost } from '../support/host.ts'
import { createKit, type Kit, never, pullInto } from './lifecycle-kit.ts'
import { COUNTER, forked, importing } from './tree-kit.ts'

const BLOG = `${importing({ counter: ['add', 'read'] })}
let posts = 0
export async function post(by: number): Promise<number> { posts++; return counter$add(by) }
/** @query */
export async function total(): Promise<number> { return counter$read() }
`
const NEWER = BLOG.replace('posts++', 'posts += 2')

/** The one fork that a service has. */
async function forkOf(host: Host, service: CID, at = 0): Promise<CID> {
  const { fork } = (await host.forkRows.of(service))[at]!
  return fork!
}

describe('an import that is a fork', () => {
  let host: Host
  let kit: Kit
  let counter: CID
  let blog: CID
  let pin: ContractImport
  before(async () => {
    host = await startHost()
    kit = createKit(host)
    counter = await host.serve(COUNTER, { as: 'counter' })
    await host.call(counter, 'add', [10])
    pin = await forked(host, 'counter', counter)
    await host.call(counter, 'add', [100])
    blog = await host.serve(BLOG, { as: 'blog', imports: [pin] })
  })
  after(async () => {
    await kit.stop()
    await host.stop()
  })

  it('begins with the state at the pinned commit, and goes its own way', async () => {
    assert.equal(resultOf(await host.call(blog, 'post', [1])), 11)
    assert.equal(await host.query(blog, 'total'), 11)
    assert.equal(await host.query(counter, 'read'), 110)
  })

  it('is a service of this node with a name after both, of the pinned commit', async () => {
    const fork = await forkOf(host, blog)
    assert.equal((await host.names.of(fork))?.entry.name, 'blog-counter')
    const first = await host.history.commit(fork)
    assert.deepEqual([first.kind, String(first.from)], ['fork', String((pin as { commit: CID }).commit)])
    assert.equal(first.genesis!.owner, host.identity.user)
    assert.deepEqual(await host.forks.namesOf(blog), ['local.land/_/blog-counter'])
  })

  it('is for the service that imports it and for its owner', async () => {
    const fork = await forkOf(host, blog)
    const stranger = await newIdentity()
    stranger.network = host.identity.network
    const envelope = await host.sign(fork, 'add', [1], stranger)
    await assert.rejects(host.execute(envelope, { from: 'local', signal: never }), { code: 'ACCESS_DENIED' })
    const question = { service: fork, method: 'read', args: Buffer.from('[]'), caller: stranger.user }
    await assert.rejects(host.ask(question, { from: 'local', signal: never }), { code: 'ACCESS_DENIED' })
    assert.equal(await host.query(fork, 'read'), 11)
    assert.equal(resultOf(await host.call(fork, 'add', [1])), 12)
  })

  it('is not to be read by others where its importer is not', async () => {
    const manifest = 'name: diary\nversion: 0.1.0\nmain: main.ts\naccess: { history: owner }\n'
    const diary = await host.serve(BLOG, { as: 'diary', manifest, imports: [pin] })
    const [open, closed] = [await forkOf(host, blog), await forkOf(host, diary)]
    const stranger = (await newIdentity()).user
    const read = (service: CID) => {
      const question = { service, path: [], user: stranger }
      return kit.readState.read(question, { from: 'local', signal: never })
    }
    await read(open)
    await assert.rejects(read(closed), { code: 'ACCESS_DENIED' })
    assert.deepEqual([(await kit.head(open)).seal, typeof (await kit.head(closed)).seal], [undefined, 'string'])
    // also with other code, and after going back
    const before = await kit.head(closed)
    await kit.upgradeTo('diary-counter', `${COUNTER}\nexport function more(): number { return n }`)
    await kit.rollback(closed, String(before.commit), { signal: never })
    assert.equal((await kit.head(closed)).seal, before.seal)
    await assert.rejects(read(closed), { code: 'ACCESS_DENIED' })
    await host.call(diary, 'post', [1])
  })

  it('belongs to one service: another one gets its own', async () => {
    const other = await host.serve(BLOG, { as: 'other', imports: [pin] })
    assert.equal(resultOf(await host.call(other, 'post', [5])), 15)
    assert.notEqual(String(await forkOf(host, other)), String(await forkOf(host, blog)))
    assert.equal(await host.query(blog, 'total'), 12)
  })

  it('keeps its state over an upgrade, also where the pin is of a later commit of the same service', async () => {
    const before = await forkOf(host, blog)
    await host.serve(NEWER, { as: 'blog', imports: [await forked(host, 'counter', counter)] })
    assert.equal(String(await forkOf(host, blog)), String(before))
    assert.equal(await host.query(blog, 'total'), 12)
  })

  it('is told of where its code is older than what is pinned, and lacks what is called', async () => {
    const own = await host.serve(COUNTER, { as: 'grown' })
    const grower = await host.serve(BLOG, { as: 'grower', imports: [await forked(host, 'counter', own)] })
    const more = `${COUNTER}\nexport function twice(): number { return 2 }`
    const contract = await host.contract(more, 'name: counter\nversion: 0.2.0\nmain: main.ts\n')
    const newest = (await forked(host, 'counter', own)) as ContractImport & { mode: 'fork' }
    const pinned = { ...newest, version: '0.2.0', contract: contract.cid, functions: contract.interface }
    const next = await host.contract(NEWER, undefined, [pinned])
    const { head, warnings } = await host.deploy(next, { as: 'grower', signal: never })
    assert.equal(String(head.service), String(grower))
    assert.match(
      warnings.join(),
      /_\/grower-counter, .* code of 0\.1\.0, which lacks what is called \(twice: it is gone\)/,
    )
    // nothing is said of one that is what was pinned
    const again = await host.contract(BLOG, undefined, [newest])
    assert.deepEqual((await host.deploy(again, { as: 'grower', signal: never })).warnings, [])
  })

  it('is another one where another service is pinned, and the old one again where that is', async () => {
    const second = await host.serve(COUNTER, { as: 'second' })
    await host.call(second, 'add', [1000])
    const older = (await host.history.head(blog))!.commit
    await host.serve(BLOG, { as: 'blog', imports: [{ ...(await forked(host, 'counter', second)) }] })
    assert.equal(await host.query(blog, 'total'), 1000)
    assert.equal((await host.forkRows.of(blog)).length, 2)
    const { warnings } = await kit.rollback(blog, String(older), { signal: never })
    assert.match(warnings.join(), /local\.land\/_\/blog-counter, which it imports as a fork, stays as it is/)
    assert.equal(await host.query(blog, 'total'), 12)
  })

  it('is forked with the service, as it is now', async () => {
    const { head, warnings } = await kit.fork({ head: await kit.head(blog) }, 'blog2')
    assert.deepEqual(warnings, [])
    assert.equal(await host.query(head.service, 'total'), 12)
    assert.equal(resultOf(await host.call(head.service, 'post', [1])), 13)
    assert.equal(await host.query(blog, 'total'), 12)
  })

  it('is executed again with the service', async () => {
    await host.call(blog, 'post', [2])
    for (const service of [blog, await forkOf(host, blog)]) {
      const found = await kit.replayer.again(service, undefined, { signal: never })
      assert(found.ok, JSON.stringify(found))
    }
  })

  it('takes the next name where that is taken, and no name is too long', async () => {
    await host.serve(COUNTER, { as: 'short-counter' })
    const short = await host.serve(BLOG, { as: 'short', imports: [pin] })
    assert.equal((await host.names.of(await forkOf(host, short)))?.entry.name, 'short-counter-2')
    const long = await host.serve(BLOG, { as: `${'a'.repeat(56)}-bcdefgh`.slice(0, 64), imports: [pin] })
    assert.equal((await host.names.of(await forkOf(host, long)))?.entry.name.length, 64)
  })

  it('takes the next name also where its own is long', async () => {
    const label = `${'b'.repeat(39)}-${'c'.repeat(20)}`
    const imported = await host.serve(COUNTER, { as: label })
    const source = BLOG.replaceAll('local.land/_/counter', `local.land/_/${label}`)
    const imports = [await forked(host, label, imported)]
    const [one, two] = [
      await host.serve(source, { as: 'wide', imports }),
      await host.serve(source, { as: 'wid', imports }),
    ]
    assert.match((await host.names.of(await forkOf(host, one)))!.entry.name, /^wide-b{39}$/)
    assert.match((await host.names.of(await forkOf(host, two)))!.entry.name, /^wid-b{39}$/)
    await host.serve(COUNTER, { as: `trio-${'b'.repeat(39)}` })
    const trio = await host.serve(source, { as: 'trio', imports })
    assert.match((await host.names.of(await forkOf(host, trio)))!.entry.name, /^trio-b{39}-2$/)
  })

  it('is nothing where the contract that wants it does not start', async () => {
    const names = (await host.names.all()).length
    const bad = host.serve(`${BLOG}\nthrow new Error('no')`, { as: 'bad', imports: [pin] })
    await assert.rejects(bad, { code: 'CONTRACT_THREW' })
    assert.equal((await host.names.all()).length, names)
    const third = await host.serve(COUNTER, { as: 'third' })
    const rows = (await host.forkRows.of(blog)).length
    const worse = host.serve(`${BLOG}\nthrow new Error('no')`, {
      as: 'blog',
      imports: [await forked(host, 'counter', third)],
    })
    await assert.rejects(worse, { code: 'UPGRADE_FAILED_TRIAL' })
    assert.equal((await host.forkRows.of(blog)).length, rows)
  })

  it('is refused where it is of no commit of the service that is pinned', async () => {
    const wrong = { ...(pin as ContractImport & { mode: 'fork' }), commit: (await kit.head(blog)).commit }
    const refused = host.serve(BLOG, { as: 'wrong', imports: [wrong] })
    await assert.rejects(refused, (error: { code: string }) =>
      ['SERVICE_NOT_FOUND', 'NOT_A_COMMIT'].includes(error.code),
    )
    assert.equal(await host.names.get('wrong'), undefined)
  })

  it('that was taken away is missed by a call, and made again by deploying', async () => {
    const imports = [pin]
    const lost = await host.serve(BLOG, { as: 'lost', imports })
    await host.history.retire(await forkOf(host, lost))
    await assert.rejects(host.call(lost, 'post', [1]), { code: 'CONTRACT_THREW' })
    await host.forks.start()
    await assert.rejects(host.call(lost, 'post', [1]), { code: 'CONTRACT_THREW' })
    await host.serve(BLOG, { as: 'lost', imports })
    assert.equal(resultOf(await host.call(lost, 'post', [1])), 11)
  })

  it('may import a fork itself, which comes along as it is', async () => {
    const inner = await host.serve(BLOG, { as: 'inner', imports: [pin] })
    await host.call(inner, 'post', [7])
    const source = `${importing({ inner: ['post', 'total'] })}
      export async function go(by: number): Promise<number> { return inner$post(by) }`
    const outer = await host.serve(source, { as: 'outer', imports: [await forked(host, 'inner', inner)] })
    assert.equal(resultOf(await host.call(outer, 'go', [1])), 18)
    assert.equal(await host.query(inner, 'total'), 17)
    const names = (await host.names.all()).map(({ name }) => name)
    assert.deepEqual(
      names.filter((name) => name.startsWith('outer')),
      ['outer', 'outer-inner', 'outer-inner-counter'],
    )
  })

  it('that a crash left out is made at the next start', async () => {
    const crashed = await host.serve(BLOG, { as: 'crashed', imports: [pin] })
    const fork = await forkOf(host, crashed)
    // as if the batch of the fork had never been written
    await host.history.retire(fork, { also: host.forkRows.drop(crashed, pin as never, fork) })
    await assert.rejects(host.call(crashed, 'post', [1]), { code: 'CONTRACT_THREW' })
    await host.forks.start()
    assert.equal(resultOf(await host.call(crashed, 'post', [1])), 11)
  })
})

describe('an import that is a fork of what is elsewhere', () => {
  it('is brought here before the service is made, or nothing is made', async () => {
    const host = await startHost()
    let isThere = false
    const far: Host = await startHost({
      pull: async () => {
        if (!isThere) throw Object.assign(new Error('nobody is there'), { code: 'PEER_UNREACHABLE' })
        await pullInto(far, host, counter)
        return { service: counter.toString() }
      },
    })
    const counter = await host.serve(COUNTER, { as: 'counter' })
    try {
      await host.call(counter, 'add', [10])
      const pin = await forked(host, 'counter', counter)
      const message = 'The import local.land/_/counter: nobody is there'
      await assert.rejects(far.serve(BLOG, { as: 'blog', imports: [pin] }), { code: 'PEER_UNREACHABLE', message })
      assert.equal(await far.names.get('blog'), undefined)
      isThere = true
      const blog = await far.serve(BLOG, { as: 'blog', imports: [pin] })
      assert.equal(resultOf(await far.call(blog, 'post', [1])), 11)
      // its owner is who deployed it
      assert.equal((await far.history.commit(await forkOf(far, blog))).genesis!.owner, far.identity.user)
    } finally {
      await far.stop()
      await host.stop()
    }
  })

  it('begins as it was pinned in a fork of a copy, which is told', async () => {
    const host = await startHost()
    const far: Host = await startHost({
      pull: async () => {
        await pullInto(far, host, counter)
        return { service: counter.toString() }
      },
    })
    const kit = createKit(far)
    const counter = await host.serve(COUNTER, { as: 'counter' })
    try {
      await host.call(counter, 'add', [10])
      const blog = await host.serve(BLOG, { as: 'blog', imports: [await forked(host, 'counter', counter)] })
      await host.call(blog, 'post', [5])
      await pullInto(far, host, blog)
      const { head, warnings } = await kit.fork({ head: await kit.head(blog) }, 'mine')
      assert.match(warnings.join(), /begins as it was pinned/)
      assert.equal(resultOf(await far.call(head.service, 'post', [1])), 11)
      assert.equal(await host.query(blog, 'total'), 15)
    } finally {
      await kit.stop()
      await far.stop()
      await host.stop()
    }
  })

  it('is a copy elsewhere of what is known to its host alone', async () => {
    const host = await startHost()
    const reader = await startHost()
    try {
      const counter = await host.serve(COUNTER, { as: 'counter' })
      const blog = await host.serve(BLOG, { as: 'blog', imports: [await forked(host, 'counter', counter)] })
      await pullInto(reader, host, blog)
      await assert.rejects(reader.query(blog, 'total'), /only holds a copy/)
    } finally {
      await reader.stop()
      await host.stop()
    }
  })
})
