import assert from 'node:assert/strict'
import type { Engine } from '../../daemon/vm/machine/guest.ts'
import { Machine } from '../../daemon/vm/machine/machine.ts'
import type { Image } from '../../daemon/vm/types.ts'
import { applyDelta, rootOf } from '../support/image.ts'
import { BROAD_CONTRACT, operations } from './broad-contract.ts'
import { bytes, end, hex, loadTestEngine, message, request, TIME } from './kit.ts'

const COUNT = 240
const HALF = COUNT / 2
const SEED = 7

interface Step {
  method: string
  end: string
  gas: bigint
  logs: string[]
  root: string
}

describe('vm, the same again', () => {
  let engine: Engine
  before(async () => {
    engine = await loadTestEngine()
  })

  const start = (audit: boolean): Machine => {
    const { machine, outcome } = Machine.genesis(engine, bytes(BROAD_CONTRACT), request('init'), { audit })
    assert(machine, message(outcome))
    return machine
  }

  /** Runs the operations; every third is a query, what fails is put back. */
  const run = (
    machine: Machine,
    from: number,
    to: number,
    each: (step: Step, index: number) => void,
    image?: Image,
  ) => {
    let followed = image
    let index = 0
    for (const { method, args } of operations(to, SEED)) {
      const at = index++
      if (at < from) continue
      const seed = new Uint8Array(32).fill(at)
      const asked = request(method, args, { context: { time: TIME + at, seed } })
      const { outcome, change } =
        at % 3 === 2 ? { outcome: machine.query(asked), change: undefined } : machine.call(asked)
      if (change && followed) followed = applyDelta(followed, change.delta)
      each({ method, end: end(outcome), gas: outcome.gas, logs: outcome.logs, root: hex(machine.root()) }, at)
    }
    return followed
  }

  it('has the same results, gas and roots in every run, warm and cold, and marks every write', () => {
    const steps: Step[] = []
    // the whole memory is compared before and behind each of these
    run(start(true), 0, COUNT, (step) => void steps.push(step))
    const failed = steps.filter((step) => /^[A-Z_]+$/.test(step.end))
    assert.deepEqual(new Set(failed.map((step) => step.end)), new Set(['CONTRACT_THREW', 'NO_SUCH_FUNCTION']))
    assert(failed.length < COUNT / 4)

    const warm = start(false)
    const image = run(warm, 0, HALF, (step, i) => assert.deepEqual(step, steps[i]), warm.image())
    assert.equal(hex(rootOf(image!)), steps[HALF - 1]!.root)

    const cold = Machine.open(engine, { image: image!, root: rootOf(image!) }, { audit: true })
    run(cold, HALF, HALF + 30, (step, i) => assert.deepEqual(step, steps[i]))
    run(warm, HALF, COUNT, (step, i) => assert.deepEqual(step, steps[i]))
  })

  it('starts every service of a contract from the same root', () => {
    assert.equal(hex(start(false).root()), hex(start(false).root()))
  })
})
