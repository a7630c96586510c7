/** amigos:steps, and the ID of a call. */
import assert from 'node:assert/strict'
import type { Engine } from '../../daemon/vm/machine/guest.ts'
import { Machine } from '../../daemon/vm/machine/machine.ts'
import { HOST_CALL_GAS } from '../../daemon/vm/prices.ts'
import type { Ask, CallContext, ImportAnswer } from '../../daemon/vm/types.ts'
import { bad, calling, converse, good } from './answering.ts'
import { bytes, end, loadTestEngine, machineOf, message, request, TIME } from './kit.ts'

const ASKED = `
  import { forget, once, undo } from 'amigos:steps'
  const done = new Map()
  let left = 3
  const take = () => { if (left === 0) throw new RangeError('none left'); return --left }
  export const reserve = id => once(done, id, take)
  export const later = async id => once(done, id, async () => { await null; return take() })
  export const release = id => undo(done, id, answer => { left++; return answer })
  export const broken = id => undo(done, id, async () => { await null; throw new Error('no') })
  export const inside = id => once(done, id, () => once(done, id, take))
  export const twice = id => Promise.allSettled([later(id), later(id)]).then(all => all.map(({ status }) => status))
  export const tried = id => { try { once(done, id, () => { throw new Error('no') }) } catch {} return reserve(id) }
  export const tidy = before => forget(done, before)
  export const kept = () => [left, ...[...done].map(([key, { state, answer }]) => [key, state, answer ?? null])]
`
const ASKS = `
  import { importFunction } from 'amigos:imports'
  import { callId } from 'amigos:context'
  import { begin, giveUp, proceed } from 'amigos:steps'
  const f = method => importFunction('other', method)
  const kinds = () => ({ a: { ask: f('a'), undo: f('-a') }, b: { ask: f('b'), undo: f('-b') }, own: { ask: async () => { throw new Error('own') } } })
  let work
  export const start = (...kinds) => (work = begin('w', kinds.map((kind, i) => [kind, i]))).state
  export const go = () => proceed(work, kinds())
  export const both = () => Promise.all([go(), go()])
  export const back = why => giveUp(work, why)
  export const startAndGo = () => (start('a'), go())
  export const goAndGo = async () => (await go(), go())
  export const backAndGo = () => (back('no'), go())
  export const shown = () => [work.state, ...work.steps.map(({ state }) => state)].join()
  export const whole = () => work
  export const id = () => callId()
  export const init = () => globalThis.atInit = callId()
  export const state = () => callId()
  export const first = () => atInit
`

let engine: Engine
before(async () => {
  engine = await loadTestEngine()
})

describe('vm: steps on the side that is asked', () => {
  let machine: Machine
  const call = (method: string, args: unknown[] = [], context: Partial<CallContext> = {}): string => {
    const { outcome } = machine.call(request(method, args, { context }))
    return outcome.ok ? end(outcome) : message(outcome)
  }
  const kept = (): unknown[] => JSON.parse(call('kept'))
  beforeEach(() => {
    machine = machineOf(engine, ASKED)
  })

  it('are done once, now or later, and answered the same', () => {
    for (const how of ['reserve', 'later']) {
      const first = call(how, [how])
      assert.deepEqual([call(how, [how]), call('reserve', [how])], [first, first])
    }
    assert.deepEqual(kept()[0], 1)
  })

  it('are undone once, and do nothing if they come after that', () => {
    call('reserve', ['x'])
    assert.deepEqual([call('release', ['x']), call('release', ['x'])], ['2', 'null'])
    assert.equal(call('reserve', ['x']), 'UndoneError: x was undone')
    call('release', ['late'])
    assert.equal(call('later', ['late']), 'UndoneError: late was undone')
    assert.deepEqual(kept(), [3, ['user:caller/x', 'undone', null], ['user:caller/late', 'undone', null]])
  })

  it('are no business of other callers', () => {
    call('reserve', ['x'])
    const other = { caller: 'user:other' }
    call('release', ['x'], other)
    assert.equal(call('reserve', ['x']), '2')
    assert.match(call('reserve', ['x'], other), /^UndoneError/)
  })

  it('are as if they had not been when they fail', () => {
    for (const id of ['1', '2', '3']) call('reserve', [id])
    assert.equal(call('reserve', ['4']), 'RangeError: none left')
    assert.equal(call('later', ['4']), 'RangeError: none left')
    assert.equal(call('broken', ['1']), 'Error: no')
    assert.equal(call('reserve', ['1']), '2')
    call('release', ['1'])
    assert.deepEqual([call('tried', ['4']), kept()[0]], ['0', 0])
  })

  it('are not begun again inside themselves', () => {
    assert.match(call('inside', ['x']), /^Error: x is under way/)
    assert.equal(call('twice', ['x']), '["fulfilled","rejected"]')
    assert.equal(kept()[0], 2)
  })

  it('are forgotten, the oldest first, some at a time', () => {
    machine = machineOf(engine, ASKED.replace('left = 3', 'left = 1000'))
    const at = (ms: number) => ({ time: TIME + ms })
    for (let i = 0; i < 150; i++) call('reserve', [`${i}`], at(i))
    call('release', ['0'], at(1000))
    const tidy = (ms: number) => call('tidy', [new Date(TIME + ms)])
    assert.deepEqual(
      [tidy(1), tidy(120), tidy(120), tidy(120), tidy(5000), tidy(5000)],
      ['0', '100', '19', '0', '31', '0'],
    )
    assert.deepEqual(kept(), [851])
  })

  it('have an ID', () => {
    for (const id of ['', 'x'.repeat(1025), 1, null]) assert.match(call('reserve', [id]), /^TypeError/)
    for (const id of ['', 1]) assert.match(call('release', [id]), /^TypeError/)
  })
})

describe('vm: steps on the side that asks', () => {
  let machine: Machine
  let asked: string[]
  let calls = 0
  const call = (
    method: string,
    args: unknown[] = [],
    answerOf: (ask: Ask) => ImportAnswer = () => good('1'),
  ): string => {
    asked = []
    const context = { call: `call ${++calls}` }
    const { outcome } = converse(calling(machine), request(method, args, { context }), (ask) => {
      asked.push(`${ask.method}${new TextDecoder().decode(ask.args)}`)
      return answerOf(ask)
    })
    return outcome.ok ? JSON.parse(end(outcome)) : message(outcome)
  }
  const failing = (code: string) => () => bad(code)
  beforeEach(() => {
    machine = machineOf(engine, ASKS)
    call('start', ['a', 'b'])
  })

  it('are asked for one in each call, and are done at the end', () => {
    assert.deepEqual([call('go'), asked], ['wanted', ['a["w/0",0]']])
    assert.equal(call('shown'), 'wanted,done,wanted')
    assert.deepEqual([call('go'), asked], ['done', ['b["w/1",1]']])
    assert.deepEqual([call('go'), asked], ['done', []])
  })

  it('are asked for again after what may pass, also if it is not known what was done', () => {
    call('go')
    for (const code of [
      'OUTCOME_UNKNOWN',
      'PEER_UNREACHABLE',
      'HOST_FAILED',
      'TIMED_OUT',
      'IMPORT_BROKE',
      'NOBODY_KNOWS_THIS',
    ]) {
      assert.deepEqual([call('go', [], failing(code)), asked], ['wanted', ['b["w/1",1]']])
      assert.equal(call('shown'), 'wanted,done,wanted')
    }
    assert.deepEqual([call('go'), call('shown')], ['done', 'done,done,done'])
    assert(!JSON.stringify(call('whole')).includes('why'))
  })

  it('are undone when one is refused, the last first, until that is known of each', () => {
    call('go')
    assert.deepEqual([call('go', [], failing('CONTRACT_THREW')), asked], ['giving up', ['b["w/1",1]']])
    const bIsDown = ({ method }: Ask) => (method === '-b' ? bad('OUTCOME_UNKNOWN') : good('null'))
    assert.deepEqual([call('go', [], bIsDown), asked], ['giving up', ['-b["w/1"]', '-a["w/0"]']])
    assert.equal(call('shown'), 'giving up,undone,wanted')
    assert.deepEqual([call('go'), asked], ['given up', ['-b["w/1"]']])
    assert.deepEqual([call('go'), asked], ['given up', []])
    assert.equal((call('whole') as unknown as { why: string }).why, 'it failed')
  })

  it('are not undone where they were not asked for', () => {
    assert.equal(call('go', [], failing('ACCESS_DENIED')), 'giving up')
    assert.deepEqual([call('go'), asked], ['given up', ['-a["w/0"]']])
    assert.equal(call('shown'), 'given up,undone,later')
  })

  it('are undone when the contract says so, also when all are done', () => {
    call('go')
    call('go')
    call('back', ['no more'])
    assert.deepEqual([call('go'), asked], ['given up', ['-b["w/1"]', '-a["w/0"]']])
    call('back', ['once more'])
    assert.deepEqual([call('go'), asked], ['given up', []])
  })

  it('come out the same when they are asked for twice in one call', () => {
    assert.deepEqual(call('both'), ['wanted', 'wanted'])
    assert.equal(call('shown'), 'wanted,done,wanted')
    let place = 0
    const second = () => (place++ === 0 ? bad('CONTRACT_THREW') : good('1'))
    call('both', [], second)
    assert.equal(call('shown'), 'giving up,done,done')
  })

  it('leave errors that are none of an import to whoever goes on', () => {
    call('start', ['own'])
    assert.equal(call('go'), 'Error: own')
    call('start', ['nobody'])
    assert.match(call('go'), /^TypeError/)
  })

  it('are not asked for in the call that says what is wanted', () => {
    for (const how of ['startAndGo', 'goAndGo', 'backAndGo']) {
      assert.match(call(how), /^Error: w is .* since this very call/)
      assert.equal(call('shown'), 'wanted,wanted,later')
    }
  })

  it('are done at once where there are none', () => assert.equal(call('start'), 'done'))
})

describe('vm: the ID of a call', () => {
  it('is that of the call, none at genesis and while the state is shown, and one price of the host', () => {
    const machine = machineOf(engine, ASKS, request('init', [], { context: { call: '' } }))
    const ask = (method: string, call: string) => machine.call(request(method, [], { context: { call } })).outcome
    assert.deepEqual([end(ask('id', 'one')), end(ask('id', 'two')), end(ask('first', 'x'))], ['"one"', '"two"', '""'])
    const shown = machine.state(request('state', [], { context: { call: '' }, limits: { resultBytes: 100 } }))
    assert.equal(end(shown), '""')
    const { outcome } = Machine.genesis(engine, bytes(`import { callId } from 'amigos:context'; callId()`), {
      ...request('init', [], { limits: { gas: HOST_CALL_GAS } }),
    })
    assert.equal(end(outcome), 'OUT_OF_GAS')
  })
})
