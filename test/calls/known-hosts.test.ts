/** What was found out lately of whose key counts: it is used again for the same blocks alone. */
import assert from 'node:assert/strict'
import { CID } from 'multiformats/cid'
import { type HostProof, rememberingHosts } from '../../daemon/calls/receipt/hosts.ts'

const service = CID.parse('bafyreihyecndut7byjhahtv4cavfeepsc3gpenms3fb2spzky7dfkpw5vq')
const blocks = (...texts: string[]): HostProof => {
  const [genesis, ...handovers] = texts.map((text) => Buffer.from(text))
  return { service, genesis: genesis!, handovers }
}

describe('hosts that are known', () => {
  it('are looked at again for any other blocks, however they are cut', async () => {
    const read: HostProof[] = []
    const hosts = rememberingHosts(async (proof) => {
      read.push(proof)
      return { hosts: [], owner: '' }
    })
    const all = [blocks('genesis', 'one', 'two'), blocks('genesiso', 'ne', 'two'), blocks('genesis', 'onetwo')]
    for (const proof of all) for (let i = 0; i < 3; i++) await hosts(proof)
    assert.deepEqual(read, all)
  })

  it('are not remembered where the proof does not hold', async () => {
    let tries = 0
    const hosts = rememberingHosts(async () => {
      tries++
      throw new Error('no')
    })
    for (let i = 0; i < 2; i++) await assert.rejects(hosts(blocks('genesis')))
    assert.equal(tries, 2)
  })
})
