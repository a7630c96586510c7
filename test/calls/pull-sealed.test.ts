/** A history that is for some only goes from node to node without the network seeing its blocks. */
import assert from 'node:assert/strict'
import type { CID } from 'multiformats/cid'
import { linksToFetch } from '../../daemon/calls/pull/pull-links.ts'
import { createPullSealed } from '../../daemon/calls/pull/pull-sealed.ts'
import { createAnswers } from '../../daemon/calls/remote/answers.ts'
import { createRemote } from '../../daemon/calls/remote/remote.ts'
import { links } from '../../daemon/store/links.ts'
import { newSeal } from '../../daemon/store/seal.ts'
import { type Host, startHost } from '../support/host.ts'

const signal = new AbortController().signal
const SOURCE = `
  import { put } from 'amigos:content'
  const kept: string[] = []
  export function keep(text: string): number { kept.push(text); put(new Uint8Array(kept.length)); return kept.length }
  export function fill(bytes: number): void { kept.push('x'.repeat(bytes)) }
  export function size(): number { return kept.length }
`

const SEAL = newSeal()

const noStream = (): never => assert.fail('nothing is streamed here')

describe('pulling a sealed history', () => {
  let alice: Host
  let bob: Host
  let service: CID
  const requests: string[] = []
  before(async () => {
    ;[alice, bob] = await Promise.all([startHost(), startHost()])
    const access = `access:\n  history: [${bob.identity.user}]\n`
    service = await alice.serve(SOURCE, { manifest: `name: diary\nversion: 0.1.0\nmain: main.ts\n${access}` })
    await alice.call(service, 'fill', [1_000_000])
    for (let i = 0; i < 5; i++) await alice.call(service, 'keep', [`line ${i}`])
  })
  after(() => Promise.all([alice.stop(), bob.stop()]))

  const pull = async (head: CID, known?: CID) => {
    const answers = createAnswers({ ...alice, log: () => {} })
    const request = async (_host: string, method: string, body: unknown) => {
      requests.push(method)
      return answers[method as keyof typeof answers](body, { peer: bob.identity.peerId, signal })
    }
    const pullSealed = createPullSealed({
      remote: createRemote({ request, stream: noStream }, bob.identity),
      fetcher: { block: () => Promise.reject(new Error('nothing of this is to be asked of the network')) },
      scope: bob.database.scope,
    })
    const linksOf = linksToFetch({ service, here: known ? [known] : [], base: undefined })
    return pullSealed({ host: 'alice', service, roots: [head], linksOf, seal: SEAL }, { signal })
  }

  it('brings all blocks from the host, so that the history is proven and the state can be queried', async () => {
    const { commit } = (await alice.history.head(service))!
    const moved = await pull(commit)
    assert(moved.blocks > 100, `${moved.blocks} blocks`)
    const head = await bob.history.adopt(service, commit, { seal: SEAL })
    assert.equal(head.trust, 'signed')
    assert.equal(await bob.query(service, 'size'), 6)
    await assert.rejects(bob.call(service, 'keep', ['mine']), { code: 'NOT_THE_HOST' })
  })

  it('leaves no block of it, on either side, where bitswap looks', async () => {
    const code = await alice.contracts.load((await alice.history.head(service))!.contract)
    const root = (await alice.database.blocks.get(code.cid))!
    // the code is published by itself: whoever may call has to know how; and content is for those who know its name
    const open = new Set([code.cid, ...links(code.cid, root)].map(keyOf))
    for await (const { content } of alice.history.log(service)) for (const cid of content) open.add(keyOf(cid))
    const seen = new Set<string>()
    const waiting = [(await alice.history.head(service))!.commit]
    for (let cid = waiting.pop(); cid !== undefined; cid = waiting.pop()) {
      const bytes = await alice.database.blocks.get(cid)
      if (bytes === undefined || open.has(keyOf(cid)) || seen.has(keyOf(cid))) continue
      seen.add(keyOf(cid))
      waiting.push(...links(cid, bytes))
      for (const { database } of [alice, bob]) {
        assert(await database.blocks.has(cid))
        assert(!(await database.blockstore.has(cid)), `${cid}`)
        assert(!(await database.scope().has(cid)))
      }
    }
    assert(seen.size > 100)
  })

  it('gives nothing of it to whoever may read another history', async () => {
    const { commit } = (await alice.history.head(service))!
    const other = await alice.serve('let n = 1\nexport function get(): number { return n }')
    const manifest = `name: mine\nversion: 0.1.0\nmain: main.ts\naccess:\n  history: [${bob.identity.user}]\n`
    const sealed = await alice.serve('let n = 2\nexport function get(): number { return n }', { manifest })
    for (const one of [other, sealed]) {
      const blocks = await alice.history.blocksOf(one)
      assert(await blocks.get(one))
      assert.equal(await blocks.get(commit), undefined)
    }
    const own = await alice.history.blocksOf(service)
    assert(await own.get(commit))
    assert.equal(await own.get(sealed), undefined)
  })

  it('brings only what is new the next time', async () => {
    const known = (await bob.history.head(service))!.commit
    await alice.call(service, 'keep', ['one more'])
    const { commit } = (await alice.history.head(service))!
    const moved = await pull(commit, known)
    assert(moved.blocks >= 1 && moved.blocks <= 4, `${moved.blocks} blocks`)
    await bob.history.adopt(service, commit)
    assert.equal(await bob.query(service, 'size'), 7)
  })

  it('leaves a copy whose answers say what it is worth, as it is now', async () => {
    const question = { service, method: 'size', args: new TextEncoder().encode('[]'), caller: '' }
    const trust = async () => (await bob.ask(question, { from: 'local', signal })).trust
    assert.equal(await trust(), 'signed')
    await bob.history.markReplayed(service, (await bob.history.head(service))!.commit)
    assert.equal(await trust(), 'replayed')
  })

  it('ends when its caller gives up', async () => {
    const { commit } = (await alice.history.head(service))!
    const controller = new AbortController()
    controller.abort(new Error('over'))
    const pullSealed = createPullSealed({
      remote: { blocks: () => assert.fail('nothing is asked any more') },
      fetcher: { block: () => assert.fail('nothing is asked any more') },
      scope: () => ({ ...bob.database.blocks, get: async () => undefined }),
    })
    const wanted = { host: 'alice', service, roots: [commit], linksOf: () => [] }
    await assert.rejects(pullSealed(wanted, { signal: controller.signal }), /over/)
  })
})

const keyOf = (cid: CID): string => Buffer.from(cid.multihash.digest).toString('hex')
