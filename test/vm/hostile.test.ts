import assert from 'node:assert/strict'
import type { Vm } from '../../daemon/vm/types.ts'
import { ATTACKS, HOSTILE_CONTRACT } from './attacks.ts'
import { bytes, end, request, type TestVm, testVm } from './kit.ts'

const GAS = 100_000_000n

describe('vm, attacked by a contract', () => {
  let test: TestVm
  let vm: Vm
  let calls = 0

  before(async () => {
    test = await testVm({ workers: 1 })
    vm = test.vm
    for (const key of ['hostile', 'neighbour']) {
      const { outcome } = await vm.genesis(key, bytes(HOSTILE_CONTRACT), request('init'))
      assert.equal(end(outcome), 'null')
    }
  })

  after(() => vm.stop())

  /** Both services are as if the attacks had not been. */
  const unharmed = async () => {
    calls++
    assert.equal(end((await vm.call('hostile', request('count'))).outcome), String(calls))
    assert.equal(end((await vm.call('neighbour', request('count'))).outcome), String(calls))
    assert.deepEqual(test.crashes, [])
  }

  Object.entries(ATTACKS).forEach(([name, { ends, gas = GAS }], i) => {
    it(`${name} ends in ${ends}`, async () => {
      const attack = request(`a${i}`, [], { limits: { gas } })
      const first = await vm.query('hostile', attack)
      const second = ends === 'OUT_OF_GAS' ? first : await vm.query('neighbour', attack)
      assert.equal(end(first), ends, JSON.stringify(first.ok ? '' : first.error))
      assert.equal(first.gas, second.gas)
      assert(first.gas > 0n && first.gas <= gas)
      if (!first.ok) assert(first.error.message.length <= 1000)
      assert(first.logs.join('').length <= 16_384)
      await unharmed()
    })
  })
})
