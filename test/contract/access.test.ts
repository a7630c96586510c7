/** Who may do what, as amigo.yaml says it and as a contract holds it. */
import assert from 'node:assert/strict'
import { AccessProblem, isAccess, readAccess } from '../../daemon/contract/access.ts'

const USER = 'k51qzi5uqu5dgkktsnfzfszjmzkadxhtbjlxqr8szixbv3q8mspvaf0qyzq4l1'
const SERVICE = 'bafyreihyecndut7byjhahtv4cavfeepsc3gpenms3fb2spzky7dfkpw5vq'

describe('access', () => {
  it('is for users and services, by their IDs, alone and in groups', () => {
    assert.deepEqual(readAccess([`~${USER}`, SERVICE]).call, [SERVICE, USER])
    const access = readAccess({ call: 'friends', groups: { friends: [SERVICE] }, functions: { add: SERVICE } })
    assert.deepEqual([access.call, access.functions], [[SERVICE], { add: [SERVICE] }])
    assert.ok(isAccess(access))
  })

  it('is refused for what is no ID of either', () => {
    const wrong = [SERVICE.slice(1), SERVICE.slice(0, -1), `${SERVICE}a`, SERVICE.toUpperCase(), `~${SERVICE}`]
    // the same bytes, written in another way
    const twin = `${SERVICE.slice(0, -1)}r`
    for (const one of [...wrong, twin, SERVICE.replace('bafyrei', 'bafkrei')]) {
      assert.throws(() => readAccess([one]), AccessProblem, one)
      assert.equal(isAccess({ call: [one], query: 'public', history: 'public', functions: {} }), false, one)
    }
  })

  it('is refused in a block where it is not in order', () => {
    const of = (call: string[]): unknown => ({ call, query: 'public', history: 'public', functions: {} })
    assert.ok(isAccess(of([SERVICE, USER])))
    for (const call of [
      [USER, SERVICE],
      [SERVICE, SERVICE],
    ])
      assert.equal(isAccess(of(call)), false)
  })
})
