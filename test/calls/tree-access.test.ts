/** Who may do what, where a service asks: what counts is the service, and whose it is, not in whose course it asks. */
import assert from 'node:assert/strict'
import type { CID } from 'multiformats/cid'
import { resultOf } from '../support/host.ts'
import { COUNTER, importing } from './tree-kit.ts'
import { createPeers, newKeys, type Peer, type Peers } from './tree-nodes.ts'

const ASKER = `${importing({ guarded: ['add', 'read'] })}
const told = async (asked: Promise<unknown>): Promise<string> => {
  try { return String(await asked) } catch (error: any) { return error.code }
}
let n = 0
export async function both(): Promise<string[]> { n++; return [await told(guarded$add(1)), await told(guarded$read())] }
/** @query */
export async function look(): Promise<string> { return told(guarded$read()) }
`
const DENIED = ['ACCESS_DENIED', 'ACCESS_DENIED']

describe('a service that is not for all', () => {
  let peers: Peers
  let home: Peer
  /** of the same user on another node, and of somebody else */
  let second: Peer
  let other: Peer

  before(async () => {
    peers = createPeers()
    home = await peers.join()
    const { owner, user } = home.host.identity
    const keys = await newKeys()
    second = await peers.join({ as: { ...keys, identity: { ...keys.identity, owner, user } } })
    other = await peers.join()
  })
  after(() => peers.stop())

  /** Serves it with that access, and what asks for it on each node. */
  const serve = async (access: (askers: CID[]) => string): Promise<CID[]> => {
    const manifest = (rules: string): string => `name: guarded\nversion: 0.1.0\nmain: main.ts\naccess: ${rules}\n`
    await home.serve('guarded', COUNTER)
    const askers: CID[] = []
    for (const peer of [home, second, other]) askers.push(await peer.serve('asker', ASKER, ['guarded']))
    await home.serve('guarded', COUNTER, [], { manifest: manifest(access(askers)) })
    return askers
  }
  const both = async (peer: Peer, asker: CID): Promise<unknown> => resultOf(await peer.host.call(asker, 'both'))
  const look = (peer: Peer, asker: CID): Promise<unknown> => peer.host.query(asker, 'look')
  const works = (told: unknown): void => {
    for (const one of [told].flat()) assert.match(String(one), /^\d+$/)
  }

  it('is for services of its owner, here and elsewhere, and not for those of others', async () => {
    const [here, there, foreign] = (await serve(() => 'owner')) as [CID, CID, CID]
    works(await both(home, here))
    works(await both(second, there))
    works(await look(second, there))
    assert.deepEqual(await both(other, foreign), DENIED)
    assert.equal(await look(other, foreign), 'ACCESS_DENIED')
  })

  it('is for services that it names', async () => {
    const [, there, foreign] = (await serve(([, , one]) => `[${one}]`)) as [CID, CID, CID]
    works(await both(other, foreign))
    works(await look(other, foreign))
    works(await both(second, there))
  })

  it('is not for services that a user calls who may', async () => {
    const { user } = home.host.identity
    const [, , foreign] = (await serve(() => `[~${user}]`)) as [CID, CID, CID]
    // in the course of the owner's own call
    const envelope = await home.host.sign(foreign, 'both')
    const signal = AbortSignal.timeout(10_000)
    const done = await home.remote.call(other.node.peer, envelope, { signal })
    assert.deepEqual(resultOf(done), DENIED)
  })

  it('is for services of which one function is', async () => {
    const [, , foreign] = (await serve(
      ([, , one]) => `{ call: owner, query: owner, functions: { read: ${one} } }`,
    )) as CID[]
    const [called, asked] = (await both(other, foreign!)) as [string, string]
    assert.equal(called, 'ACCESS_DENIED')
    works(asked)
  })
})
