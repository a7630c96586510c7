/** Who may call, query and read: the manifest says so, and the host sees to it before anything runs. */
import assert from 'node:assert/strict'
import type { CID } from 'multiformats/cid'
import { type Asker, checkAccess, checkAnyAccess, type Right } from '../../daemon/calls/run/check-access.ts'
import type { Identity } from '../../daemon/calls/types.ts'
import { encodeArguments } from '../../daemon/calls/values.ts'
import { parseManifest } from '../../daemon/contract/manifest.ts'
import type { Access } from '../../daemon/contract/types.ts'
import { type Host, newIdentity, resultOf, startHost } from '../support/host.ts'

const never = new AbortController().signal

/** Whether a check lets it pass. */
function passes(check: () => void): boolean {
  try {
    check()
    return true
  } catch (error) {
    assert.equal((error as { code?: string }).code, 'ACCESS_DENIED')
    return false
  }
}

describe('access', () => {
  const as = (user: string): Asker => ({ owner: 'owner', user })
  const access: Access = {
    call: ['ann'],
    query: 'public',
    history: 'owner',
    functions: { close: 'owner', open: 'public' },
  }
  const manifest = parseManifest(Buffer.from('name: sample\nversion: 0.1.0\n'))
  const withAccess = (access: Access) => ({ manifest: { ...manifest, access } })
  const may = (access: Access, ...rest: [Asker, Right, string?]) =>
    passes(() => checkAccess(withAccess(access), ...rest))
  const mayAnything = (access: Access, asker: Asker) => passes(() => checkAnyAccess(withAccess(access), asker))

  it('is for those who are listed, and the owner always', () => {
    assert(may(access, as('ann'), 'call', 'add'))
    assert(may(access, as('owner'), 'call', 'add'))
    assert(!may(access, as('bob'), 'call', 'add'))
    assert(may(access, as('bob'), 'query', 'add'))
    assert(!may(access, as('ann'), 'history'))
  })

  it('is as the function says where it says something', () => {
    assert(!may(access, as('ann'), 'call', 'close'))
    assert(!may(access, as('ann'), 'query', 'close'))
    assert(may(access, as('bob'), 'call', 'open'))
    assert(!may(access, as('bob'), 'call', 'toString'))
    assert(!may(access, as('bob'), 'history', 'open'))
  })

  it('takes nobody for the owner of a service without one', () => {
    assert(!may(access, { owner: '', user: '' }, 'history'))
    assert(!may({ ...access, call: [''] }, { owner: '', user: '' }, 'call', 'add'))
  })

  it('to anything at all is access to some function, too', () => {
    assert(mayAnything(access, as('bob')))
    const closed: Access = { call: ['ann'], query: 'owner', history: 'owner', functions: { vote: ['bob'] } }
    assert(mayAnything(closed, as('bob')))
    assert(!mayAnything(closed, as('eve')))
    assert(!mayAnything(closed, as('')))
  })
})

describe('a host with rules', () => {
  const SOURCE = `
    let n = 0
    export function add(by: number): number { n += by; return n }
    export function reset(): void { n = 0 }
    export function read(): number { return n }
    export function secret(): number { return -n }
  `
  let host: Host
  let ann: Identity
  let eve: Identity
  let service: CID
  before(async () => {
    ;[host, ann, eve] = await Promise.all([startHost(), newIdentity(), newIdentity()])
    const access = `access:\n  call: [${ann.user}]\n  history: owner\n  functions:\n    reset: owner\n    secret: [${ann.user}]\n`
    service = await host.serve(SOURCE, { manifest: `name: sample\nversion: 0.1.0\nmain: main.ts\n${access}` })
  })
  after(() => host.stop())

  const call = async (user: Identity, method: string, args: number[] = []) =>
    host.execute(await host.sign(service, method, args, user), { from: user.peerId, signal: never })
  const query = (user: string, method: string, at?: CID) =>
    host.ask({ service, method, args: encodeArguments([]), caller: user, at }, { from: 'page', signal: never })
  const denied = { code: 'ACCESS_DENIED' }

  it('runs the calls of those who may, and no others', async () => {
    assert.equal(resultOf(await call(ann, 'add', [2])), 2)
    assert.equal(resultOf(await host.call(service, 'add', [1])), 3)
    await assert.rejects(call(eve, 'add', [100]), denied)
    await assert.rejects(call(ann, 'reset'), denied)
    assert.equal(await host.query(service, 'read'), 3)
  })

  it('answers the queries of those who may, and of others only what is for everybody', async () => {
    assert.equal(resultOf(await query('', 'read')), 3)
    assert.equal(resultOf(await query(ann.user, 'secret')), -3)
    await assert.rejects(query('', 'secret'), denied)
    await assert.rejects(query(eve.user, 'secret'), denied)
  })

  it('answers from the past only those who may read the history', async () => {
    assert.equal(resultOf(await query(host.identity.user, 'read', service)), 0)
    await assert.rejects(query(ann.user, 'read', service), denied)
    await assert.rejects(query('', 'read', service), denied)
  })

  it('does not tell who may not call which functions there are', async () => {
    await assert.rejects(call(eve, 'nothing'), denied)
    await assert.rejects(call(ann, 'nothing'), { code: 'NO_SUCH_FUNCTION' })
  })
})
