/** Publishing is proven: others look for themselves. */
import assert from 'node:assert/strict'
import type { CID } from 'multiformats/cid'
import { createAnswerSeen, type SeenAnswer } from '../../daemon/calls/homes/answer-seen.ts'
import { PROVE_PEERS, PROVE_TRIES, SEEN_AT_ONCE, SEEN_BURST } from '../../daemon/calls/homes/constants.ts'
import { createProofs } from '../../daemon/calls/homes/proofs.ts'
import { createProve, type Proof, whyUnseen } from '../../daemon/calls/homes/prove.ts'
import type { Pulls } from '../../protocol/pull/types.ts'
import type { Publication, Registry, ResolvedHome } from '../../registry/home/types.ts'
import { link, listOf, live, NETWORK, NOON, service } from '../registry/helpers.ts'

const PEER = 'asker'
const CONTRACT = link('forum@1.0.0')

const resolved = (seq: number): ResolvedHome => {
  const list = listOf('forum')
  const record = { node: PEER, user: 'u', network: NETWORK, seq, issued: NOON, expires: NOON + 1, list: link('list') }
  const home = { nodes: [PEER], page: null, usernames: [] }
  const found = {
    home,
    nodes: [{ record, list }],
    versions: [],
    services: [{ ...service('forum', '1.0.0'), host: PEER }],
  }
  return { ...found, record: {} as never, warnings: [], source: 'node', stale: false, age: 0, expires: NOON + 1 }
}

describe('looking for another node', () => {
  let pulled: { peer: string; roots: readonly CID[] }[]
  let found: () => Promise<ResolvedHome>
  let missing: boolean

  const registry: Pick<Registry, 'resolve'> = {
    resolve: (_user, { fresh }) => (fresh ? found() : assert.fail('it has to look anew')),
  }
  const pulls: Pick<Pulls, 'pull'> = {
    async pull(peer, { roots }) {
      pulled.push({ peer, roots })
      return { blocks: 1, bytes: 1, missing: missing ? [{ cid: roots[0]!, parent: undefined }] : [] }
    },
  }
  const ask = async (
    seen: ReturnType<typeof createAnswerSeen>,
    changes: object = {},
    peer: string = PEER,
  ): Promise<SeenAnswer> =>
    (await seen({ user: 'u', seq: 7, contract: CONTRACT, ...changes }, { peer, signal: live() })) as SeenAnswer

  beforeEach(() => {
    pulled = []
    missing = false
    found = async () => resolved(7)
  })

  it('says what it found, and fetches only what the user lists, from who asks', async () => {
    const seen = createAnswerSeen({ registry, pulls })
    assert.deepEqual(await ask(seen), { seq: 7, contract: true, code: null })
    assert.deepEqual(await ask(seen, { seq: 8 }), { seq: 7, contract: false, code: 'RECORD_STALE' })
    assert.deepEqual(await ask(seen, { contract: link('other') }), {
      seq: 7,
      contract: false,
      code: 'CONTENT_NOT_FOUND',
    })
    assert.deepEqual(await ask(seen, {}, 'another'), { seq: null, contract: false, code: 'RECORD_STALE' })
    assert.deepEqual(
      pulled.map(({ peer }) => peer),
      [PEER],
    )
    missing = true
    assert.equal((await ask(seen)).code, 'CONTENT_NOT_FOUND')
    found = () => Promise.reject(Object.assign(new Error(), { code: 'NAME_NOT_FOUND' }))
    assert.deepEqual(await ask(seen), { seq: null, contract: false, code: 'NAME_NOT_FOUND' })
  })

  it('refuses what is no such request', async () => {
    const seen = createAnswerSeen({ registry, pulls })
    for (const changes of [{ user: 5 }, { user: 'x'.repeat(10_000) }, { seq: -1 }, { contract: 'bafy' }]) {
      await assert.rejects(ask(seen, changes), { code: 'REQUEST_FIELD_INVALID' })
    }
  })

  it('does so seldom for one peer, and for few at a time', async () => {
    const seen = createAnswerSeen({ registry, pulls })
    const codes = await Array.fromAsync({ length: SEEN_BURST + 3 }, async () => (await ask(seen)).code)
    assert.deepEqual(codes.slice(SEEN_BURST + 1), ['BUSY', 'BUSY'])
    const gate = Promise.withResolvers<ResolvedHome>()
    found = () => gate.promise
    const under = Array.from({ length: SEEN_AT_ONCE }, (_, number) => ask(seen, {}, `peer ${number}`))
    assert.equal((await ask(seen, {}, 'one more')).code, 'BUSY')
    gate.resolve(resolved(7))
    await Promise.all(under)
    assert.notEqual((await ask(seen, {}, 'one more')).code, 'BUSY')
  })
})

describe('a proof of publishing', () => {
  const publication = { record: { user: 'u' }, node: { seq: 7 }, list: listOf('forum') } as unknown as Publication
  const answers = (code: string | null) => ({ seq: code === null ? 7 : null, contract: code === null, code })
  const proveWith = (peers: string[], answer: (peer: string) => Promise<unknown>) => {
    const asked: string[] = []
    const internode = {
      request: (peer: string) => {
        asked.push(peer)
        return answer(peer)
      },
    }
    return { asked, prove: createProve({ internode, peers: () => peers, random: () => 0 }) }
  }
  const prove = (peers: string[], answer: (peer: string) => Promise<unknown>): Promise<Proof> =>
    proveWith(peers, answer).prove(publication, CONTRACT, { signal: live() })

  it('is given by three who found it, others asked in the place of those who did not', async () => {
    const many = Array.from({ length: 9 }, (_, number) => `peer ${number}`)
    const all = proveWith(many, async () => answers(null))
    assert.deepEqual(await all.prove(publication, CONTRACT, { signal: live() }), { seenBy: PROVE_PEERS, others: [] })
    assert.equal(all.asked.length, PROVE_PEERS)
    const some = proveWith(many, async (peer) => answers(peer < 'peer 2' ? 'BUSY' : null))
    const { seenBy, others } = await some.prove(publication, CONTRACT, { signal: live() })
    assert.deepEqual([seenBy, others.length, some.asked.length], [3, 2, 5])
    const none = proveWith(many, async () => answers('NAME_NOT_FOUND'))
    assert.equal((await none.prove(publication, CONTRACT, { signal: live() })).seenBy, 0)
    assert.equal(none.asked.length, PROVE_TRIES)
  })

  it('is not given by nonsense, and says why there is none', async () => {
    for (const answer of [
      null,
      {},
      { seq: 7, contract: true, code: 'x y' },
      { seq: null, contract: true, code: null },
    ]) {
      assert.equal((await prove(['a'], async () => answer)).seenBy, 0)
    }
    const refused = await prove(['12D3KooWabcdef'], () => Promise.reject(Object.assign(new Error(), { code: 'BUSY' })))
    assert.match(whyUnseen(refused), /12D3KooWabcd\S* answered BUSY/)
    assert.match(whyUnseen(await prove([], async () => answers(null))), /none is connected/)
  })

  it('is kept for what is published now, and no longer', async () => {
    let current: Publication | undefined = publication
    const proofs = createProofs({
      registry: { publication: () => current },
      prove: proveWith(['a'], async () => answers(null)).prove,
      now: () => NOON,
    })
    assert.equal(proofs.last(), undefined)
    await proofs.ask({ signal: live() })
    assert.equal(proofs.last()?.seenBy, 1)
    current = { ...publication, node: { ...publication.node, seq: 8 } }
    assert.equal(proofs.last(), undefined)
    current = undefined
    assert.deepEqual(await proofs.ask({ signal: live() }), { seenBy: 0, others: [] })
    proofs.stop()
  })
})
