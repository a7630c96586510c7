/** What a contract depends on, where names lead elsewhere, nowhere, or to nobody who answers. */
import assert from 'node:assert/strict'
import type { CID } from 'multiformats/cid'
import type { Dependency } from '../../daemon/api/vocabulary.ts'
import { CallsError } from '../../daemon/calls/errors.ts'
import { createDependencies } from '../../daemon/calls/graph/dependencies.ts'
import { createFetchRoot } from '../../daemon/calls/graph/fetch-root.ts'
import { createBeginProbe, type ProbeParts } from '../../daemon/calls/graph/probe.ts'
import type { Resolve } from '../../daemon/calls/names/resolve.ts'
import { nowhereAbroad } from '../../daemon/calls/tree/abroad.ts'
import type { Target } from '../../daemon/calls/types.ts'
import { type Host, startHost } from '../support/host.ts'
import { COUNTER, importing, live } from './tree-kit.ts'

const CALLER = `${importing({ counter: ['add'] })}
export async function go(): Promise<number> { return counter$add(1) }
`
const deadline = new AbortController().signal
const AWAY = '12D3KooWBmAwcd4PJNJvfV89HwE48nwkRmAgo8Vy3uQEyNNHBox2'

describe('the dependencies of a contract', () => {
  let host: Host
  /** where it is known that there is a service of the same kind */
  let counter: CID
  let contract: CID
  let caller: CID

  before(async () => {
    host = await startHost()
    const elsewhere = await startHost()
    counter = await elsewhere.serve(COUNTER, { as: 'counter' })
    const pin = { ...(await live(elsewhere, 'counter', counter)), name: 'alice.amigos.net/counter', range: '^0.1' }
    contract = pin.contract
    caller = await host.serve(CALLER, { as: 'caller', imports: [pin] })
    await host.contract(COUNTER)
    await elsewhere.stop()
  })
  after(() => host.stop())

  const service = (more: Partial<Target> = {}): Target =>
    ({
      kind: 'service',
      name: 'x',
      service: counter,
      host: AWAY,
      version: '0.1.0',
      source: 'test',
      age: 0,
      ...more,
    }) as Target

  async function look(
    { resolve, ...probing }: { resolve: Resolve } & Partial<ProbeParts>,
    { at = host.identity.peerId, by = deadline } = {},
  ): Promise<{ found: Dependency; more: boolean }> {
    const { identity, history, contracts, forkRows } = host
    const probe = createBeginProbe({
      ...{ identity, history, heads: { get: () => undefined }, now: Date.now },
      remote: { head: async () => ({ contract, commit: contract, seq: 1, sealed: false }) },
      internode: { request: async () => ({}) },
      ...probing,
    })()
    const fetchRoot = createFetchRoot({ contracts, fetcher: { block: () => Promise.reject(new Error('no network')) } })
    const walk = createDependencies({
      ...{ identity, history, resolve, forkRows, fetchRoot, hereOf: async () => null },
      abroad: nowhereAbroad,
    })
    const { contract: own } = (await history.head(caller))!
    const depending = { contract: await contracts.load(own), service: caller, host: at }
    const { dependencies, more } = await walk(depending, { depth: 3, probe, deadline: by })
    assert.equal(dependencies.length, 1)
    return { found: dependencies[0]!, more }
  }
  const failing = (code: string) => async (): Promise<never> => {
    throw Object.assign(new Error(code), { code })
  }

  it('are up where their host answers', async () => {
    const { found, more } = await look({ resolve: async () => service() })
    assert.deepEqual(
      [found.up, found.code, found.host, found.version, found.range],
      [true, null, AWAY, '0.1.0', '^0.1'],
    )
    assert.ok(found.ms !== null && found.seen !== null && !found.now!.newer && !found.now!.moved)
    assert.equal(more, false)
  })

  it('are told from what has the name now', async () => {
    const resolve: Resolve = async (name) => service(name.includes('@') ? {} : { version: '2.0.0' })
    const { found } = await look({ resolve })
    assert.deepEqual([found.now!.version, found.now!.newer, found.now!.moved, found.up], ['2.0.0', true, false, true])
    const other = await look({ resolve: async () => service({ service: caller }) })
    assert.deepEqual(
      [other.found.now!.moved, other.found.up, other.found.code, other.found.host],
      [true, false, 'IMPORT_BROKE', null],
    )
  })

  it('are up as long as they run under their name, also where the range leads nowhere any more, or elsewhere', async () => {
    for (const inRange of [failing('VERSION_NOT_RUNNING'), async () => service({ service: caller })]) {
      const resolve: Resolve = async (name) => (name.endsWith(`@${counter}`) ? service() : inRange())
      const { found } = await look({ resolve })
      assert.deepEqual([found.up, found.code, found.host], [true, null, AWAY])
    }
    const gone = await look({ resolve: failing('VERSION_NOT_RUNNING') })
    assert.deepEqual([gone.found.up, gone.found.code], [false, 'VERSION_NOT_RUNNING'])
  })

  it('are down with the reason, where nobody answers or nobody knows the name', async () => {
    const resolve = async () => service()
    const silent = await look({ resolve, remote: { head: failing('PEER_UNREACHABLE') } })
    assert.deepEqual([silent.found.up, silent.found.code], [false, 'PEER_UNREACHABLE'])
    const gone = await look({ resolve, remote: { head: failing('SERVICE_NOT_FOUND') } })
    assert.deepEqual([gone.found.up, gone.found.code], [false, 'SERVICE_NOT_FOUND'])
    assert.ok(gone.found.seen !== null, 'its host was heard')
    const closed = await look({ resolve, remote: { head: failing('ACCESS_DENIED') } })
    assert.deepEqual([closed.found.up, closed.found.code], [true, null])
    const nobody: Resolve = async () => {
      throw new CallsError('NAME_NOT_FOUND', 'nobody', '')
    }
    const unknown = await look({ resolve: nobody })
    assert.deepEqual(
      [unknown.found.up, unknown.found.code, unknown.found.now, unknown.found.host],
      [false, 'NAME_NOT_FOUND', null, null],
    )
  })

  it('were heard of when their host announced a head', async () => {
    const heads = { get: () => ({ time: Date.parse('2026-01-02T03:04:05Z') }) as never }
    const { found } = await look({ resolve: async () => service(), heads, remote: { head: failing('TIMED_OUT') } })
    assert.deepEqual([found.up, found.code, found.seen], [false, 'TIMED_OUT', '2026-01-02T03:04:05.000Z'])
  })

  it('are not said to be down where there was no time to ask', async () => {
    const late = new AbortController()
    const resolve: Resolve = async () => {
      late.abort()
      return service()
    }
    const { found, more } = await look({ resolve, remote: { head: failing('CANCELLED') } }, { by: late.signal })
    assert.deepEqual([found.up, found.code, more], [null, null, true])
  })

  it('say that there is more where a contract cannot be had', async () => {
    const unknown = (await host.history.head(caller))!.commit
    const remote = { head: async () => ({ contract: unknown, commit: unknown, seq: 1, sealed: false }) }
    const { found, more } = await look({ resolve: async () => service(), remote })
    assert.deepEqual([found.up, found.contract, more], [true, unknown.toString(), true])
  })
})
