import assert from 'node:assert/strict'
import { once } from 'node:events'
import { bytes, end, request, type TestVm, testVm } from './kit.ts'

const COUNTER = bytes(`
  let n = 0
  export const increment = () => ++n
  export const stick = () => ((1n << 1000000n) - 1n).toString()
`)
const ENDLESS = { limits: { gas: 2n ** 61n, wallMs: 60 } }

/** What nothing but the end of its worker ends: one operation that takes seconds. */
describe('vm: the watchdog', () => {
  let test: TestVm
  let started: number
  const count = () => void started++
  beforeEach(async () => {
    started = 0
    process.on('worker', count)
    test = await testVm({ workers: 3, audit: false })
  })
  afterEach(async () => {
    process.off('worker', count)
    await test.vm.stop()
  })

  it('disturbs no service of another worker, and makes a new one for those that lived in the one it ended', async () => {
    const { vm } = test
    const start = async (key: string) => (await vm.genesis(key, COUNTER, request('init'))).origin!
    const increment = async (key: string) => Number(end((await vm.call(key, request('increment'))).outcome))
    await start('slow')
    await start('elsewhere')
    await start('third')
    const origin = await start('beside')
    assert.equal(started, 3)

    let over = false
    const respawned = once(process, 'worker')
    const slow = vm.call('slow', request('stick', [], ENDLESS)).finally(() => {
      over = true
    })
    let calls = 0
    while (!over) assert.equal(await increment('elsewhere'), ++calls)
    assert.equal(end((await slow).outcome), 'WATCHDOG')
    assert(calls > 10, `${calls} calls went on meanwhile`)
    assert.deepEqual(['slow', 'elsewhere', 'beside'].map(vm.isOpen), [false, true, false])

    await respawned
    await vm.open('beside', origin)
    assert.deepEqual([await increment('beside'), await increment('elsewhere')], [1, calls + 1])
    // one more may have been started for somebody who looked slow on a busy machine
    assert(started >= 4, `${started} workers`)
  })

  it('makes no new worker where nobody else lived', async () => {
    const { vm } = test
    const { outcome } = await vm.genesis(
      'slow',
      bytes('((1n << 1000000n) - 1n).toString()'),
      request('init', [], ENDLESS),
    )
    assert.equal(end(outcome), 'WATCHDOG')
    assert.equal(started, 1)
    await vm.genesis('next', COUNTER, request('init'))
    assert.equal(started, 2)
  })
})
