/** A service that imports one of another network: who asks there, what is signed for which network, and what can be proven of it. */
import assert from 'node:assert/strict'
import type { CID } from 'multiformats/cid'
import { CallsError } from '../../daemon/calls/errors.ts'
import type { Abroad, AbroadOptions, Outpost } from '../../daemon/calls/tree/abroad.ts'
import { decodeInputs } from '../../daemon/calls/tree/inputs.ts'
import type { ContractImport } from '../../daemon/contract/types.ts'
import { ProtocolError } from '../../protocol/errors.ts'
import { decodeCall } from '../../protocol/signed/envelope.ts'
import { type Host, resultOf, startHost } from '../support/host.ts'
import { emptyNetwork, inviteTo } from '../support/invite.ts'
import { createKit, never, pullInto } from './lifecycle-kit.ts'
import { COUNTER, importing, nameOf } from './tree-kit.ts'
import { createPeers, type Peer, type Peers } from './tree-nodes.ts'

const FAR = 'preview.land/alice/far'
const BACK = 'home.land/bob/asker'
const NEAR = 'home.land/bob/near'
const STUB = `
export async function run(by: number): Promise<number[]> { return [] }
export async function round(): Promise<string> { return '' }
export async function relay(by: number): Promise<number> { return by }
/** @query */
export async function look(): Promise<unknown[]> { return [] }
/** @query */
export function count(): number { return 0 }
`
const functionOf = (name: string, method: string): string =>
  `(importFunction('${name}', '${method}') as unknown as (...args: unknown[]) => Promise<any>)`
const ASKER = `${importing({ near: ['add'] })}
let n = 0
export async function run(by: number): Promise<number[]> {
  n++
  return [await near$add(by), await ${functionOf(FAR, 'add')}(by)]
}
export async function round(): Promise<string> {
  n++
  try { return await ${functionOf(FAR, 'back')}() } catch (error: any) { return error.code + ' ' + error.message }
}
export async function relay(by: number): Promise<number> { n++; return ${functionOf(FAR, 'relay')}(by) }
/** @query */
export async function look(): Promise<unknown[]> { return [await ${functionOf(FAR, 'read')}(), await ${functionOf(FAR, 'asked')}()] }
/** @query */
export function count(): number { return n }
`
const BACK_STUB = `${COUNTER}
export async function back(): Promise<string> { return '' }
export async function relay(by: number): Promise<number> { return 0 }
/** @query */
export async function asked(): Promise<string> { return caller() }
`
const BACK_CALLER = `import { importFunction } from 'amigos:imports'
${BACK_STUB.replace("{ return '' }", `{ n++; await ${functionOf(BACK, 'round')}(); return 'done' }`).replace(
  '{ return 0 }',
  `{ return ${functionOf(NEAR, 'add')}(by) }`,
)}`

describe('a service that imports one of another network', () => {
  const home = emptyNetwork('home', 'amigos.net')
  const away = emptyNetwork('stage', 'example.org')
  const networks = { preview: inviteTo(away) }
  let here: Peers
  let there: Peers
  let n1: Peer
  let n2: Peer
  let near: CID
  let far: CID
  let asker: CID
  /** between the asker's node and the one that asks for it there */
  let wrap: (there: Outpost) => Outpost
  let reached: (AbroadOptions & { network: string })[]

  const abroadOf =
    (outposts: Record<string, () => Outpost>): Abroad =>
    async ({ network }, options, work) => {
      reached.push({ ...options, network: network.id })
      const outpost = outposts[network.id]
      if (outpost === undefined) throw new CallsError('NETWORK_UNREACHABLE', 'Nobody answers.', 'ask for an invite')
      return work(wrap(outpost()))
    }
  const pinOf = async (peers: Peers, name: string, as: string): Promise<ContractImport> => {
    const [pin] = await peers.pin([name])
    return { ...pin!, name: as }
  }
  const inputsOf = async (commit: CID) => decodeInputs((await n1.host.history.commit(commit)).calls[0]!.inputs)

  before(async () => {
    here = createPeers(home)
    there = createPeers(away)
    reached = []
    wrap = (one) => one
    let [asksThere, asksHere]: (Outpost | undefined)[] = []
    n1 = await here.join({ abroad: abroadOf({ [away.id]: () => asksThere! }) })
    n2 = await there.join({ abroad: abroadOf({ [home.id]: () => asksHere! }) })
    asksThere = await there.visit()
    asksHere = await here.visit()
    near = await n1.serve('near', COUNTER)
    far = await n2.serve('far', BACK_STUB)
    asker = await n1.serve('asker', STUB)
    there.directory.set('alice.example.org/far', there.directory.get(nameOf('far'))!)
    for (const name of ['asker', 'near'])
      here.directory.set(`bob.amigos.net/${name}`, here.directory.get(nameOf(name))!)
    await n2.serve('far', BACK_CALLER, [], {
      imports: [await pinOf(here, 'asker', BACK), await pinOf(here, 'near', NEAR)],
      networks: { home: inviteTo(home) },
    })
    const imports = [...(await here.pin(['near'])), await pinOf(there, 'far', FAR)]
    await n1.serve('asker', ASKER, [], { imports, networks })
  })
  after(async () => {
    await here.stop()
    await there.stop()
  })
  beforeEach(() => {
    reached = []
    wrap = (one) => one
  })

  it('calls it in its own name, which the other network can check', async () => {
    assert.deepEqual(resultOf(await n1.host.call(asker, 'run', [2])), [2, 2])
    const user = n1.host.identity.user
    assert.deepEqual(await n2.host.query(far, 'who'), { caller: `${asker}`, origin: user, chain: [`${asker}`] })
    assert.ok(reached.length > 0 && reached.every((one) => one.byInvite && one.network === away.id))
  })

  it('asks it with a grant for the node that asks there', async () => {
    assert.deepEqual(await n1.host.query(asker, 'look'), [2, `${asker}`])
  })

  it('signs each ask for the network where it is answered', async () => {
    const { commit } = await n1.host.call(asker, 'run', [1])
    const signed = (await inputsOf(commit)).map(({ receipt }) => decodeCall(receipt!.envelope).network)
    assert.deepEqual(signed, [home.id, away.id])
  })

  it('is executed again by anybody who has the blocks, without a network', async () => {
    const copy: Host = await startHost({ identity: { ...n1.host.identity } })
    const kit = createKit(copy)
    try {
      const head = await pullInto(copy, n1.host, asker)
      assert.equal((await kit.replay(head.commit, { again: true, signal: never })).mismatch, undefined)
    } finally {
      await kit.stop()
      await copy.stop()
    }
  })

  it('has one effect where the answer was lost on its way', async () => {
    const before = (await n2.host.query(far, 'read')) as number
    let lost = 0
    wrap = ({ remote, ...rest }) => ({
      ...rest,
      remote: {
        ...remote,
        async call(...asked) {
          const done = await remote.call(...asked)
          if (lost++ > 0) return done
          throw new ProtocolError('CONNECTION_LOST', 'The connection was lost.', { party: 'local' })
        },
      },
    })
    const [, now] = resultOf(await n1.host.call(asker, 'run', [5])) as number[]
    assert.equal(lost, 2)
    assert.equal(now, before + 5)
    assert.equal(await n2.host.query(far, 'read'), now)
  })

  it('is told of a circle that leads back over the other network', async () => {
    const [before, n] = [await n1.host.query(asker, 'count'), await n2.host.query(far, 'read')]
    const told = String(resultOf(await n1.host.call(asker, 'round')))
    assert.match(told, /^CONTRACT_THREW .*CALL_CYCLE/)
    assert.ok(told.includes(`${asker} -> ${far} -> ${asker} (${BACK})`), told)
    assert.deepEqual(
      [await n1.host.query(asker, 'count'), await n2.host.query(far, 'read')],
      [(before as number) + 1, n],
    )
  })

  it('is called back into another service of its own node, in the same tree', async () => {
    const before = (await n1.host.query(near, 'read')) as number
    assert.equal(resultOf(await n1.host.call(asker, 'relay', [3])), before + 3)
    const { caller, chain, origin } = (await n1.host.query(near, 'who')) as {
      caller: string
      chain: string[]
      origin: string
    }
    assert.deepEqual([caller, chain, origin], [`${far}`, [`${asker}`, `${far}`], n1.host.identity.user])
  })

  it('waits for nobody for ever who waits for it on the other network', async () => {
    const [n, m] = [(await n1.host.query(near, 'read')) as number, (await n2.host.query(far, 'read')) as number]
    // one has near and wants far, the other has far and wants near
    const pairs = Array.from({ length: 6 }, () => [n1.host.call(asker, 'run', [1]), n2.host.call(far, 'relay', [1])])
    await Promise.all(pairs.flat())
    assert.deepEqual([await n1.host.query(near, 'read'), await n2.host.query(far, 'read')], [n + 12, m + 6])
  })

  it('fails with what is wrong on the way, and undoes what it did', async () => {
    const before = [await n1.host.query(asker, 'count'), await n1.host.query(near, 'read')]
    for (const code of ['NETWORK_UNREACHABLE', 'SERVICE_BUSY'] as const) {
      wrap = () => {
        throw new CallsError(code, 'It cannot be reached.', 'try again')
      }
      const told = `ImportError: add of ${FAR}: ${code}: It cannot be reached.`
      await assert.rejects(n1.host.call(asker, 'run', [1]), (error: Error & { code: string }) => {
        assert.equal(error.code, 'CONTRACT_THREW')
        return error.message.includes(told)
      })
    }
    assert.deepEqual([await n1.host.query(asker, 'count'), await n1.host.query(near, 'read')], before)
  })

  it('is not asked there from a copy but by who knows that network', async () => {
    const asked: AbroadOptions[] = []
    const outpost = await there.visit()
    const abroad: Abroad = (_, options, work) => {
      asked.push(options)
      return work(outpost)
    }
    const copy: Host = await startHost({ abroad })
    try {
      await pullInto(copy, n1.host, asker)
      // and there it is nobody in particular
      assert.deepEqual((await copy.query(asker, 'look')) as unknown[], [await n2.host.query(far, 'read'), ''])
      assert.ok(asked.length > 0 && asked.every(({ byInvite }) => !byInvite))
    } finally {
      await copy.stop()
    }
  })
})
