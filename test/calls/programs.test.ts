/** Programs in browsers: strangers, whatever they say. */
import assert from 'node:assert/strict'
import type { CID } from 'multiformats/cid'
import { createPrograms } from '../../daemon/calls/programs/programs.ts'
import { makeCall } from '../../daemon/calls/receipt/signed-call.ts'
import { grantOf } from '../../daemon/calls/remote/grant.ts'
import type { Identity } from '../../daemon/calls/types.ts'
import type { Claim, ProgramSource } from '../../daemon/door/types.ts'
import { type Host, newIdentity, startHost } from '../support/host.ts'

const CONTRACT = `
import { caller } from 'amigos:context'
let last = ''
export function touch(): string { last = caller(); return last }
/** @query */
export function who(): string { return caller() }
`
const unused = async (): Promise<never> => assert.fail('nothing is asked of other nodes')

describe('programs in browsers', () => {
  let host: Host
  let service: CID
  let mine: CID
  let alice: Identity
  let eve: Identity
  let programs: ProgramSource
  const { signal } = new AbortController()

  before(async () => {
    host = await startHost()
    service = await host.serve(CONTRACT, { as: 'open' })
    mine = await host.serve(CONTRACT, {
      as: 'mine',
      manifest: 'name: mine\nversion: 1.0.0\nmain: main.ts\naccess: owner\n',
    })
    ;[alice, eve] = await Promise.all([newIdentity(), newIdentity()])
    const { identity, history, execute, ask, stream, follow, contracts } = host
    programs = createPrograms({
      ...{ identity, history, execute, ask, stream, follow, contracts },
      remote: { call: unused, query: unused, head: unused } as never,
      fetcher: { block: async () => new Uint8Array() } as never,
      checkAnswer: unused,
      resolveService: async (name) =>
        ({ kind: 'service', name, service: name === 'mine' ? mine : service, host: identity.peerId }) as never,
    })
  })
  after(() => host.stop())

  const claimOf = async (who: Identity, right: 'query' | 'history' = 'query', of: CID = service): Promise<Claim> => {
    const grant = await makeCall({ service: of, ...grantOf(right, host.identity.peerId) }, 'query', who)
    return { user: who.user, grant }
  }
  const who = async (as?: Claim): Promise<unknown> =>
    (await programs.query({ name: 'open', method: 'who', args: [], as }, { signal })).result

  it('ask in the name that they prove each time, or in none', async () => {
    const claim = await claimOf(alice)
    assert.equal(await who(claim), alice.user)
    assert.equal(await who(claim), alice.user)
    assert.equal(await who(), '')
    // another one that saw the name alone
    const { grant } = await claimOf(eve)
    await assert.rejects(who({ user: alice.user, grant }), { code: 'ACCESS_DENIED' })
    await assert.rejects(who({ user: alice.user, grant: new Uint8Array(9) }), { code: 'ENVELOPE_INVALID' })
    await assert.rejects(who(await claimOf(alice, 'history')), { code: 'ACCESS_DENIED' })
    await assert.rejects(who(await claimOf(alice, 'query', mine)), { code: 'ACCESS_DENIED' })
  })

  it('are never the user of the node', async () => {
    await assert.rejects(who(await claimOf(host.identity)), { code: 'ACCESS_DENIED' })
    const as = await claimOf(host.identity, 'history')
    const following = programs.subscribe({ name: 'open', as }, { signal, onItem: async () => {} })
    await assert.rejects(following, { code: 'ACCESS_DENIED' })
  })

  it('are told what a service can do only where they may do anything with it', async () => {
    const open = await programs.describe({ name: 'open' }, { signal })
    assert.deepEqual(
      open.functions?.map(({ name }) => name),
      ['touch', 'who'],
    )
    assert.equal(open.peerId, host.identity.peerId)
    assert.equal((await programs.describe({ name: 'mine' }, { signal })).functions, null)
    const as = await claimOf(alice, 'query', mine)
    assert.equal((await programs.describe({ name: 'mine', as }, { signal })).functions, null)
  })

  it('are told where a service stands only where they may do anything with it', async () => {
    const { seq } = (await host.history.head(service))!
    assert.deepEqual(await programs.head({ name: 'open' }, { signal }), { seq })
    assert.deepEqual(await programs.head({ name: 'open', as: await claimOf(alice, 'history') }, { signal }), { seq })
    for (const as of [undefined, await claimOf(alice, 'history', mine)])
      await assert.rejects(programs.head({ name: 'mine', as }, { signal }), { code: 'ACCESS_DENIED' })
    const as = await claimOf(alice, 'query')
    await assert.rejects(programs.head({ name: 'open', as }, { signal }), { code: 'ACCESS_DENIED' })
  })

  it('call what they signed, and nothing else', async () => {
    const envelope = await makeCall({ service, method: 'touch', args: [] }, 'call', alice)
    const first = await programs.call({ name: 'open', envelope }, { signal })
    assert.equal(first.result, alice.user)
    // the same call is made once
    assert.equal((await programs.call({ name: 'open', envelope }, { signal })).commit, first.commit)
    await assert.rejects(programs.call({ name: 'mine', envelope }, { signal }), {
      code: 'NOT_CALLABLE',
      outcome: 'not-sent',
    })
    const denied = await makeCall({ service: mine, method: 'touch', args: [] }, 'call', alice)
    await assert.rejects(programs.call({ name: 'mine', envelope: denied }, { signal }), {
      code: 'ACCESS_DENIED',
      outcome: 'refused',
    })
    const query = await makeCall({ service, method: 'touch', args: [] }, 'query', alice)
    await assert.rejects(programs.call({ name: 'open', envelope: query }, { signal }), { code: 'SIGNATURE_INVALID' })
  })
})
