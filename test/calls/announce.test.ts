/** Hosts are told what is imported from them: once, again when that runs out, and when somebody was not there. */
import assert from 'node:assert/strict'
import type { CID } from 'multiformats/cid'
import { type Announcer, createAnnouncer } from '../../daemon/calls/graph/announce.ts'
import { ANNOUNCE_SLACK_MS } from '../../daemon/calls/graph/constants.ts'
import { type Host, startHost } from '../support/host.ts'
import { untilTrue } from '../support/until.ts'
import { COUNTER, importing, live } from './tree-kit.ts'

const CALLER = `${importing({ counter: ['add'] })}
export async function go(): Promise<number> { return counter$add(1) }
`
const AWAY = '12D3KooWBmAwcd4PJNJvfV89HwE48nwkRmAgo8Vy3uQEyNNHBox2'

describe('telling hosts of what is imported', () => {
  let host: Host
  let counter: CID
  let caller: CID
  let announcer: Announcer
  let expires: number
  /** what was sent, and what came of it */
  let sent: { to: string; service: string; user: string }[]
  let refusal: string | undefined
  let resolves: number

  before(async () => {
    host = await startHost()
    counter = await host.serve(COUNTER, { as: 'counter' })
    const pin = { ...(await live(host, 'counter', counter)), name: 'alice.amigos.net/counter' }
    const own = { ...(await live(host, 'counter', counter)), name: 'local.land/_/counter' }
    caller = await host.serve(CALLER, { as: 'caller', imports: [pin, own] })
  })
  after(() => host.stop())
  beforeEach(async () => {
    ;[sent, refusal, expires, resolves] = [[], undefined, 1_000, 0]
    const { contract, commit: head } = (await host.history.head(caller))!
    const services = [{ name: 'caller', version: '0.1.0', service: caller, contract, head, description: '' }]
    const { history, contracts, executedBefore, identity } = host
    announcer = createAnnouncer({
      ...{ identity, history, contracts, executedBefore },
      registry: {
        publication: () => ({ record: { expires }, node: { expires }, list: { services, versions: [] } }) as never,
        ownRecord: () => undefined,
      },
      async resolve(name) {
        resolves++
        assert.equal(name, 'alice.amigos.net/counter@*')
        return { kind: 'service', name, service: counter, host: AWAY, source: 'test', age: 0 }
      },
      internode: {
        async request(to, method, body) {
          assert.equal(method, 'imports')
          const { service, user } = body as { service: CID; user: string }
          sent.push({ to, service: service.toString(), user })
          if (refusal !== undefined) throw Object.assign(new Error(refusal), { code: refusal })
          return { kept: [] }
        },
      },
    })
  })
  afterEach(() => announcer.stop())

  /** How many are announced now: when the next round has begun, the one before has ended. */
  const round = async (): Promise<number> => {
    const before = sent.length
    for (let rounds = 0; rounds < 2; rounds++) {
      const asked = resolves
      announcer.published()
      await untilTrue(() => resolves > asked)
    }
    return sent.length - before
  }

  it('is done once, and again when what they know runs out', async () => {
    announcer.published()
    announcer.published()
    await untilTrue(() => sent.length > 0)
    assert.deepEqual(sent, [{ to: AWAY, service: caller.toString(), user: host.identity.user }])
    assert.equal(await round(), 0)
    expires += ANNOUNCE_SLACK_MS
    assert.equal(await round(), 0)
    expires += 1
    announcer.published()
    await untilTrue(() => sent.length === 2)
  })

  it('is done again when a host comes that was not there', async () => {
    refusal = 'PEER_UNREACHABLE'
    announcer.published()
    await untilTrue(() => sent.length === 1)
    refusal = undefined
    announcer.met(AWAY)
    await untilTrue(() => sent.length === 2)
    assert.equal(await round(), 0)
  })

  it('is not done again for who knows of no such thing', async () => {
    refusal = 'UNKNOWN_METHOD'
    announcer.published()
    await untilTrue(() => sent.length === 1)
    assert.equal(await round(), 0)
  })
})
