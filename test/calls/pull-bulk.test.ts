/** Histories that come in one go, over real streams; and in other ways where that cannot be. */
import assert from 'node:assert/strict'
import type { CID } from 'multiformats/cid'
import type { Progress } from '../../daemon/api/vocabulary.ts'
import { createPullBulk } from '../../daemon/calls/pull/pull-bulk.ts'
import { createPullHistory } from '../../daemon/calls/pull/pull-history.ts'
import { linksToFetch } from '../../daemon/calls/pull/pull-links.ts'
import { createPullOpen } from '../../daemon/calls/pull/pull-open.ts'
import { links } from '../../daemon/store/links.ts'
import { newSeal } from '../../daemon/store/seal.ts'
import { createPulls } from '../../protocol/pull/service.ts'
import type { Pulls } from '../../protocol/pull/types.ts'
import { createTestnet, type Testnet } from '../protocol/nodes.ts'
import { type Host, startHost } from '../support/host.ts'

const signal = new AbortController().signal
const SOURCE = `
  import { put } from 'amigos:content'
  const kept: string[] = []
  export function keep(text: string): number { kept.push(text); put(new Uint8Array(kept.length)); return kept.length }
  export function fill(bytes: number): void { kept.push('x'.repeat(bytes)) }
  export function size(): number { return kept.length }
`

describe('pulling in bulk', () => {
  let net: Testnet
  let alice: Host
  let bob: Host
  let peer: string
  let pulls: Pulls
  const running: Pulls[] = []
  let made = 0

  before(async () => {
    ;[alice, bob] = await Promise.all([startHost(), startHost()])
    net = createTestnet()
    const [his, hers] = await Promise.all([net.createBare(), net.createBare()])
    await net.introduce(his, hers)
    peer = hers.peerId.toString()
    const open = createPullOpen({ ...alice, scope: alice.database.scope, log: assert.fail })
    const serving = createPulls({
      node: hers,
      // on their nodes the keys of both are those that libp2p knows
      open: (_peer, claim, options) => open(bob.identity.peerId, claim, options),
    })
    pulls = createPulls({ node: his, open: () => Promise.reject(new Error('bob serves nothing')) })
    running.push(serving, pulls)
    for (const one of running) await one.start()
  })
  after(async () => {
    for (const one of running) await one.stop()
    await net.stop()
    await Promise.all([alice.stop(), bob.stop()])
  })

  const bulk = (over: Pick<Pulls, 'pull'> = pulls) =>
    createPullBulk({ pulls: over, identity: bob.identity, scope: bob.database.scope })

  interface Pulling {
    over?: Pick<Pulls, 'pull'>
    seal?: string
    known?: CID
    progress?: Progress[]
    others?: string[]
  }

  /** As pull.ts does, with nothing but alice's blocks to fall back on; `others` notes which ways were gone then. */
  async function pull(service: CID, { over, seal, known, progress, others = [] }: Pulling = {}) {
    const { commit: head, contract } = (await alice.history.head(service))!
    const here = known ? [known] : []
    const linksOf = linksToFetch({ service, here, base: undefined })
    const walkAll = async (roots: readonly CID[]) => {
      const moved = { blocks: 0, bytes: 0 }
      const waiting = [...roots]
      const store = bob.database.scope(seal)
      for (let cid = waiting.pop(); cid !== undefined; cid = waiting.pop()) {
        let bytes = await store.get(cid)
        if (bytes === undefined) {
          bytes = (await alice.database.blocks.get(cid))!
          await store.put([{ cid, bytes }])
          moved.blocks++
        }
        waiting.push(...linksOf(cid, bytes))
      }
      return moved
    }
    const pullHistory = createPullHistory({
      pullBulk: bulk(over),
      pullSealed: ({ roots }) => {
        others.push('sealed')
        return walkAll(roots)
      },
      remote: { commitsBefore: async () => [] },
      fetcher: {
        dag: (root) => {
          others.push('dag')
          return walkAll([root])
        },
      },
    })
    const isSealed = seal !== undefined
    const wanted = { host: peer, service, head, contract, known, here, base: undefined, linksOf, isSealed, seal }
    const waiting = { signal, onProgress: (at: Progress) => void progress?.push(at) }
    await bulk(over)({ host: peer, roots: [contract], have: [], linksOf: links }, waiting)
    const moved = await pullHistory(wanted, waiting)
    await bob.history.adopt(service, head, seal ? { seal } : {})
    return moved
  }

  const diary = async (manifest?: string): Promise<CID> => {
    const service = await alice.serve(SOURCE, { as: `diary-${++made}`, ...(manifest && { manifest }) })
    await alice.call(service, 'fill', [500_000])
    for (let i = 0; i < 5; i++) await alice.call(service, 'keep', [`line ${i}`])
    return service
  }

  it('brings a whole history, with its state and content, and nothing else is asked', async () => {
    const service = await diary()
    const progress: Progress[] = []
    const others: string[] = []
    const { blocks, bytes } = await pull(service, { progress, others })
    assert(blocks > 100 && bytes > 300_000, `${blocks} blocks, ${bytes} bytes`)
    assert.deepEqual(others, [])
    assert.equal(await bob.query(service, 'size'), 6)
    assert(progress.length > 0 && progress.every(({ done, total }) => done <= total!), JSON.stringify(progress))
    const { content } = await bob.history.commit((await bob.history.head(service))!.commit)
    for (const cid of content) assert(await bob.database.blocks.has(cid))
    assert(content.length > 0)
  })

  it('brings only what is new the next time', async () => {
    const service = await diary()
    await pull(service)
    const known = (await bob.history.head(service))!.commit
    assert.equal((await pull(service, { known })).blocks, 0)
    await alice.call(service, 'keep', ['one more'])
    const others: string[] = []
    const { blocks } = await pull(service, { known, others })
    assert(blocks >= 1 && blocks <= 4, `${blocks} blocks`)
    assert.deepEqual(others, [])
    assert.equal(await bob.query(service, 'size'), 7)
  })

  it('brings a sealed history to those who may read it, and to where no stranger looks', async () => {
    const service = await diary(
      `name: diary\nversion: 0.1.0\nmain: main.ts\naccess:\n  history: [${bob.identity.user}]\n`,
    )
    const others: string[] = []
    await pull(service, { seal: newSeal(), others })
    assert.deepEqual(others, [])
    assert.equal(await bob.query(service, 'size'), 6)
    const { commit } = (await bob.history.head(service))!
    assert(await bob.database.blocks.has(commit))
    assert(!(await bob.database.scope().has(commit)))
  })

  it('gives nothing of a sealed history to anybody else, asked for with and without it', async () => {
    const service = await diary('name: diary\nversion: 0.1.0\nmain: main.ts\naccess:\n  history: owner\n')
    const { commit } = (await alice.history.head(service))!
    await assert.rejects(pull(service, { seal: newSeal() }), { code: 'ACCESS_DENIED' })
    const take = async (): Promise<void> => assert.fail('something was given')
    const { blocks, missing } = await pulls.pull(peer, { roots: [commit, service] }, { signal, take })
    assert.deepEqual([blocks, missing.length], [0, 2])
    // one that may be read opens no other
    const open = await diary()
    const found = await pulls.pull(peer, { roots: [commit], service: open }, { signal, take })
    assert.deepEqual([found.blocks, found.missing.length], [0, 1])
    await assert.rejects(pulls.pull(peer, { roots: [commit], service: commit }, { signal, take }), {
      code: 'SERVICE_NOT_FOUND',
    })
  })

  it('leaves to other ways what the host does not have', async () => {
    const service = await diary()
    const { commit } = (await alice.history.head(service))!
    const [gone] = (await alice.history.commit(commit)).content
    const bytes = (await alice.database.blocks.get(gone!))!
    await alice.database.commit([{ delete: 'block', cid: gone! }])
    const others: string[] = []
    const over: Pick<Pulls, 'pull'> = {
      async pull(...args) {
        const pulled = await pulls.pull(...args)
        // back again for those who look elsewhere
        if (pulled.missing.some(({ cid }) => cid.equals(gone!)))
          await alice.database.scope().put([{ cid: gone!, bytes }])
        return pulled
      },
    }
    const { blocks } = await pull(service, { over, others })
    assert(blocks > 100)
    assert.deepEqual(others, ['dag'])
    assert(await bob.database.blocks.has(gone!))
  })

  it('leaves everything to other ways where the host sends nothing in bulk, or something wrong', async () => {
    for (const code of ['PULL_UNSUPPORTED', 'BUSY', 'WRONG_BLOCK', 'CONNECTION_LOST', 'CANNOT_RESUME']) {
      const service = await diary()
      const error = Object.assign(new Error('no'), { name: 'ProtocolError', code })
      const others: string[] = []
      await pull(service, { over: { pull: () => Promise.reject(error) }, others })
      assert.deepEqual(others, ['dag'])
      assert.equal(await bob.query(service, 'size'), 6)
    }
    const full = Object.assign(new Error('full'), { name: 'StoreError', code: 'STORE_UNAVAILABLE' })
    await assert.rejects(pull(await diary(), { over: { pull: () => Promise.reject(full) } }), full)
  })
})
