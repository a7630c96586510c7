/** What pruning leaves of a service, as its callers and those who check it see it. */
import assert from 'node:assert/strict'
import type { CID } from 'multiformats/cid'
import { linksToFetch } from '../../daemon/calls/pull/pull-links.ts'
import { createPullSealed } from '../../daemon/calls/pull/pull-sealed.ts'
import { createAnswers } from '../../daemon/calls/remote/answers.ts'
import { createRemote } from '../../daemon/calls/remote/remote.ts'
import { CALLS_PER_CHUNK } from '../../daemon/store/constants.ts'
import { type Host, startHost } from '../support/host.ts'
import { createKit, type Kit } from './lifecycle-kit.ts'

const COUNTER = 'let n = 0\nexport function add(): number { return ++n }\nexport function now(): number { return n }'
const signal = new AbortController().signal

const noStream = (): never => assert.fail('nothing is streamed here')

describe('a pruned service', () => {
  let alice: Host
  let bob: Host
  let kit: Kit
  let service: CID
  let first: Uint8Array
  before(async () => {
    ;[alice, bob] = await Promise.all([startHost(), startHost()])
    kit = createKit(alice)
    service = await alice.serve(COUNTER)
    first = await alice.sign(service, 'add')
    await alice.execute(first, { from: 'local', signal })
    for (let i = 0; i < 150; i++) await alice.call(service, 'add')
    await alice.history.idle()
    await alice.history.prune(service, { keep: 'checkpoints', count: 1 })
  })
  after(() => Promise.all([kit.stop(), alice.stop(), bob.stop()]))

  it('goes on', async () => {
    assert.equal(await alice.query(service, 'now'), 151)
    assert.equal(Buffer.from((await alice.call(service, 'add')).result).toString(), '152')
  })

  it('executes no call twice, although what it answered is gone', async () => {
    await assert.rejects(alice.execute(first, { from: 'local', signal }), { code: 'PRUNED' })
    assert.equal(await alice.query(service, 'now'), 152)
  })

  it('is executed again from where it begins, which is not from the first commit on', async () => {
    const { base } = { base: await alice.history.base(service) }
    const { ok, from, commits } = await kit.replayer.now(service, { signal })
    const head = (await alice.history.head(service))!
    assert.deepEqual([ok, String(from), commits], [true, base.commit.toString(), head.seq - base.seq])
  })

  it('is executed again also where commits link their calls', async () => {
    await Promise.all(Array.from({ length: 60 }, () => alice.call(service, 'add')))
    const chunked = []
    for await (const { calls } of alice.history.log(service, { limit: 60 }))
      chunked.push(calls.length > CALLS_PER_CHUNK)
    assert(chunked.includes(true), 'no commit had so many calls')
    const { ok, calls } = await kit.replayer.again(service, undefined, { signal })
    assert.deepEqual([ok, calls > 60], [true, true])
  })

  /** What a pull does: asks where the service stands, and fetches what is not here. */
  const pullTo = async (to: Host, of: CID, here: readonly CID[] = []) => {
    const answers = createAnswers({ ...alice, log: () => {} })
    const request = async (_host: string, method: string, body: unknown) =>
      answers[method as keyof typeof answers](body, { peer: to.identity.peerId, signal })
    const remote = createRemote({ request, stream: noStream }, to.identity)
    const pull = createPullSealed({
      remote,
      fetcher: { block: async (cid) => (await alice.database.blocks.get(cid)) ?? assert.fail(`${cid} is gone`) },
      scope: to.database.scope,
    })
    const { commit: head, base: begins } = await remote.head('alice', of, { signal })
    const base = here.length === 0 ? begins : undefined
    const linksOf = linksToFetch({ service: of, here, base })
    const roots = [head, ...(base ? [base.checkpoint] : [])]
    const { blocks } = await pull({ host: 'alice', service: of, roots, linksOf }, { signal })
    await to.history.adopt(of, head, { ...(base && { base }) })
    return { head, base, blocks }
  }

  it('is pulled from there, and proven by its genesis, and again when it went on', async () => {
    const { head, base } = await pullTo(bob, service)
    assert(base !== undefined && base.seq > 64)
    assert.equal(await bob.query(service, 'now'), 212)
    assert.equal((await bob.history.base(service)).seq, base.seq)

    await Promise.all(Array.from({ length: 60 }, () => alice.call(service, 'add')))
    const { blocks } = await pullTo(bob, service, [head, base.commit])
    assert(blocks > 0 && blocks < 120, `${blocks} blocks`)
    assert.equal(await bob.query(service, 'now'), 272)
  })

  it('has forks that are pulled without it, and executed again from their first state on', async () => {
    const carol = await startHost()
    const { head: fork } = await kit.fork({ head: (await alice.history.head(service))! }, 'fork')
    await alice.call(fork.service, 'add')
    const { head: second } = await kit.fork({ head: (await alice.history.head(fork.service))! }, 'second')
    const its = createKit(carol)
    try {
      for (const [of, expected] of [
        [fork.service, 273],
        [second.service, 273],
      ] as const) {
        const { head, base } = await pullTo(carol, of)
        assert.deepEqual([String(base?.commit), base?.seq], [String(of), 0])
        assert.equal(await carol.query(of, 'now'), expected)
        const { ok, trust, from } = await its.replayer.now(of, { signal })
        assert.deepEqual([ok, trust, String(from)], [true, 'signed', String(of)])
        await alice.call(of, 'add')
        await pullTo(carol, of, [head, of])
        assert.equal(await carol.query(of, 'now'), expected + 1)
        assert((await carol.history.image(of, head)).root.length > 0)
      }
    } finally {
      await its.stop()
      await carol.stop()
    }
    // what is here of the fork is still of one piece with the rest
    const { ok, from } = await kit.replayer.again(second.service, undefined, { signal })
    assert.deepEqual([ok, String(from)], [true, (await alice.history.base(service)).commit.toString()])
  })
})
