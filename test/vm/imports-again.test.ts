import assert from 'node:assert/strict'
import fc from 'fast-check'
import { ANSWER_BYTES_MAX, ASKS_MAX } from '../../daemon/vm/constants.ts'
import type { Engine } from '../../daemon/vm/machine/guest.ts'
import { Machine } from '../../daemon/vm/machine/machine.ts'
import type { Ask, ImportAnswer, Outcome } from '../../daemon/vm/types.ts'
import { until } from '../support/until.ts'
import { bad, calling, converse, good, querying } from './answering.ts'
import { IMPORTS_CONTRACT } from './imports-contract.ts'
import { bytes, end, loadMirrorEngine, loadTestEngine, machineOf, message, request, testVm } from './kit.ts'

let engine: Engine
before(async () => {
  engine = await loadTestEngine()
})

const text = (ask: Ask): unknown[] => [ask.import, ask.method, new TextDecoder().decode(ask.args)]
const asksOf = (outcome: Outcome): Ask[] => {
  assert(!outcome.ok && outcome.error.code === 'ANSWERS_NEEDED', end(outcome))
  return outcome.error.asks!
}
const make = () => machineOf(engine, IMPORTS_CONTRACT)

describe('vm/imports: the runtime', () => {
  it('works whatever becomes of the built-ins', () => {
    const machine = machineOf(
      engine,
      `import { importFunction, ImportError } from 'amigos:imports'
       const f = importFunction('a', 'b'), g = importFunction('c', 'd')
       const evil = () => { throw new Error('evil') }
       export const run = async () => {
         const types = [Promise, Array, Error, Map, JSON, String, Function], { ownKeys } = Reflect, { defineProperty } = Object
         for (let i = 0; i < types.length; i++) for (let part = 0; part < 2; part++) {
           const from = part ? types[i].prototype : types[i], keys = from ? ownKeys(from) : ''
           for (let j = 0; j < keys.length; j++) {
             if (keys[j] === 'then' || keys[j] === 'prototype' || keys[j] === 'length') continue
             try { defineProperty(from, keys[j], { value: evil, configurable: true }) } catch {}
           }
         }
         Object.defineProperty(Array.prototype, '0', { set: evil, configurable: true })
         Object.setPrototypeOf(ImportError, evil)
         const names = ['Promise', 'Error', 'TypeError', 'JSON', 'Object', 'Reflect', 'Map', 'Array']
         for (let i = 0; i < names.length; i++) globalThis[names[i]] = undefined
         const first = await f(1)
         try { await g(2) } catch (e) { return first + e.code + e.service + (e instanceof ImportError) }
       }`,
    )
    const { outcome } = converse(calling(machine), request('run'), (_, i) => (i === 0 ? good('"x"') : bad('NO')))
    assert.equal(end(outcome), '"xNOctrue"', message(outcome))
  })

  it('is not misled by asks that are made while another is answered, or encoded', () => {
    const machine = machineOf(
      engine,
      `import { importFunction } from 'amigos:imports'
       const f = importFunction('a', 'b')
       let inside = 0
       export const during = async () => {
         Object.defineProperty(Object.prototype, 'then', { configurable: true, get() { if (inside++ < 3) f('then').catch(() => {}); return undefined } })
         const found = await Promise.all([f(1), f(2)])
         delete Object.prototype.then
         return found.map(({ n }) => n)
       }
       export const encoding = async () => Promise.all([f({ get a() { f('inner'); return 1 } }), f('after')])`,
    )
    const run = (method: string) =>
      converse(calling(machine), request(method), (ask, i) => good(`{"n":${i},"a":${JSON.stringify(text(ask)[2])}}`))
    const during = run('during')
    assert.equal(end(during.outcome), '[0,1]')
    assert(during.batches.length > 1)
    const encoding = JSON.parse(end(run('encoding').outcome)) as { n: number; a: string }[]
    assert.deepEqual(encoding, [
      { n: 1, a: '[{"a":1}]' },
      { n: 2, a: '["after"]' },
    ])
  })

  it('keeps nothing of an ask: a promise that was kept is settled, and no later call is asked about it', () => {
    const machine = machineOf(
      engine,
      `import { importFunction } from 'amigos:imports'
       const f = importFunction('a', 'b'); let kept, waiting = new Promise(() => {})
       export const keep = () => { kept = f(1); waiting.then(() => f(2)) }
       export const read = async () => kept`,
    )
    assert.equal(end(converse(calling(machine), request('keep'), () => good('41')).outcome), 'null')
    const { outcome } = machine.call(request('read'))
    assert.equal(end(outcome), '41')
    assert.deepEqual(outcome.ok && outcome.asks, [])
  })

  it('survives a memory that rejections fill, with an ask under way and without', () => {
    const source = `import { importFunction } from 'amigos:imports'
      const f = importFunction('a', 'b'); let kept = []
      export const plain = size => { const pad = 'x'.repeat(size); for (;;) kept.push(Promise.reject(pad)) }
      export const beside = size => { f().catch(() => {}); const pad = 'x'.repeat(size); for (;;) kept.push(Promise.reject(pad)) }
      export const failing = size => { const pad = 'x'.repeat(size); f().catch(e => { for (;;) kept.push(Promise.reject(e)) }) }
      export const small = async size => {
        kept.push(new Uint8Array(size)); f().catch(() => {})
        try { for (;;) kept.push(Promise.reject(1)) } catch {}
        kept = []
        return 'caught'
      }`
    const { machine } = Machine.genesis(engine, bytes(source), request('init'), { heapBytes: 2_200_000 })
    for (const method of ['plain', 'beside', 'failing'])
      for (const size of [1, 10_000]) {
        const { outcome } = converse(calling(machine!), request(method, [size]), () => bad('NO'))
        // a full memory inside a handler is one more rejection; those before it count
        assert.equal(end(outcome), method === 'failing' ? 'CONTRACT_THREW' : 'OUT_OF_MEMORY', message(outcome))
      }
    for (let size = 0; size < 4000; size += 500) {
      const found = end(converse(calling(machine!), request('small', [size]), () => good('1')).outcome)
      assert(['"caught"', 'OUT_OF_MEMORY'].includes(found), found)
    }
  })

  it('shows and carries over an error that was kept', () => {
    const source = `import { importFunction } from 'amigos:imports'
      const f = importFunction('a', 'b'); let last = null
      export const run = async () => { try { await f() } catch (e) { last = e } }
      export const read = () => [last?.name, last?.code, last?.message]`
    const machine = machineOf(
      engine,
      `${source}
      import { register } from 'amigos:state'; register('', () => ({ last }), { last: v => { last = v } }, {})`,
    )
    converse(calling(machine), request('run'), () => bad('GONE', 'away'))
    const shown = end(machine.state(request('', [])))
    assert.equal(shown.includes('"ImportError"'), true, shown)
    const { outcome, machine: next } = Machine.genesis(
      engine,
      bytes(`${source}
      import { register } from 'amigos:state'; register('', () => ({ last }), { last: v => { last = v } }, {})`),
      request('migrate', shown),
    )
    assert(outcome.ok, message(outcome))
    assert.equal(end(next!.query(request('read'))), '["ImportError","GONE","away"]')
  })
})

describe('vm/imports: a call that is run again', () => {
  const leaf = fc.oneof(
    fc.record({ do: fc.constant('ask'), n: fc.integer({ min: 0, max: 99 }) }),
    fc.record({ do: fc.constant('note'), n: fc.integer({ min: 0, max: 99 }) }),
  )
  const { plan } = fc.letrec((tie) => ({
    plan: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.record({ do: fc.constantFrom('all', 'seq', 'drop', 'guard'), of: fc.array(tie('plan'), { maxLength: 3 }) }),
    ),
  }))
  const answerOf = (ask: Ask, i: number): ImportAnswer => {
    const n = Number(JSON.parse(Buffer.from(ask.args).toString())[0])
    return n % 5 === 4 ? bad(`CODE_${i}`, `no ${n}`, BigInt(n)) : good(`[${i},${n}]`, BigInt(n * 100))
  }

  it('batch by batch, warm or cold, ends like one that has all answers at once', () => {
    const start = make()
    const origin = { image: start.image(), root: start.root() }
    const open = () => Machine.open(engine, origin)
    fc.assert(
      fc.property(plan, (what) => {
        const asked = request('follow', [what])
        const warm = converse(calling(open()), asked, answerOf)
        const atOnce = open().call({ ...asked, answers: warm.answers })
        assert.deepEqual(atOnce.outcome, warm.outcome)
        assert.deepEqual(atOnce.change, warm.change)
        if (warm.outcome.ok) assert.deepEqual(warm.outcome.asks, warm.batches.flat())
        const query = converse(querying(start), asked, answerOf)
        assert.deepEqual(query.batches, warm.batches)
        assert.equal(end(query.outcome), end(warm.outcome))
      }),
      { numRuns: 60 },
    )
  })

  it('answers each call of a group for itself', () => {
    const machine = make()
    const { outcomes } = machine.calls([
      { ...request('createPost'), answers: [good('1')] },
      request('createPost'),
      { ...request('createPost'), answers: [good('3')] },
    ])
    assert.deepEqual(outcomes.map(end), ['1', 'ANSWERS_NEEDED', '3'])
    assert.equal(end(machine.query(request('count'))), '2')
  })

  it('can be cancelled, and goes out of gas, while it waits and after', () => {
    const machine = make()
    const [asked, answers] = [request('createPost'), [good('1')]]
    assert.equal(end(machine.calls([{ ...asked, answers }], () => 'CANCELLED').outcomes[0]!), 'CANCELLED')
    const { gas } = machine.query({ ...asked, answers })
    for (let less = 1n; less < gas; less = less * 3n + 1n) {
      const outcome = machine.query({ ...asked, answers, limits: { ...asked.limits, gas: gas - less } })
      assert.deepEqual([end(outcome), outcome.gas], ['OUT_OF_GAS', gas - less])
    }
    assert.equal(end(machine.query({ ...asked, answers, limits: { ...asked.limits, gas } })), '1')
  })
})

describe('vm/imports: through workers', () => {
  it('works in calls, groups, queries and streams, and mirrors leave it to the worker', async () => {
    const { vm, crashes } = await testVm({ workers: 1 })
    try {
      const { origin } = await vm.genesis('a', bytes(IMPORTS_CONTRACT), request('init'))
      const { outcome } = await vm.call('a', request('createPost', ['x']))
      const asks = asksOf(outcome)
      assert.deepEqual(asks.map(text), [['alice.amigos.net/forum', 'createPost', '["x"]']])
      const done = await vm.calls('a', [
        { ...request('createPost', ['x']), answers: [good('"one"')] },
        { ...request('createPost', ['y']), answers: [good('"two"')] },
      ])
      assert.deepEqual(done.outcomes.map(end), ['"one"', '"two"'])
      assert.deepEqual(
        done.outcomes.map((one) => one.ok && one.asks.map(text)[0]![2]),
        ['["x"]', '["y"]'],
      )
      // often enough for a mirror
      for (let i = 0; i < 80; i++) assert.equal(end(await vm.query('a', request('count'))), '2')
      for (let i = 0; i < 3; i++) {
        assert.equal(asksOf(await vm.query('a', request('createPost'))).length, 1)
        assert.equal(end(await vm.query('a', { ...request('createPost'), answers: [good('9')] })), '9')
      }
      const deep = await vm.call('a', { ...request('careful'), answers: [good('['.repeat(1_000_000))] })
      assert.equal(JSON.parse(end(deep.outcome))[3], 'IMPORT_BROKE')
      await vm.open('s', origin!)
      assert.equal(end(await vm.stream('s', request('items'))), 'null')
      assert.equal(end(await vm.next('s', request(''))), '[1]')
      assert.equal(asksOf(await vm.next('s', request(''))).length, 1)
      assert.equal(end(await vm.next('s', { ...request(''), answers: [good('2')] })), '[2]')
      assert.deepEqual(crashes, [])
    } finally {
      await vm.stop()
    }
  })

  it('takes no answers that make no sense', async () => {
    const { vm } = await testVm({ workers: 1 })
    try {
      await vm.genesis('a', bytes(IMPORTS_CONTRACT), request('init'))
      const call = (answers: ImportAnswer[]) => vm.call('a', { ...request('createPost'), answers })
      await assert.rejects(call(Array.from({ length: ASKS_MAX + 1 }, () => good('1'))), { code: 'BAD_REQUEST' })
      await assert.rejects(call([good('1', -1n)]), { code: 'BAD_REQUEST' })
      await assert.rejects(call([{ ok: true, result: new Uint8Array(ANSWER_BYTES_MAX + 1), gas: 0n }]), {
        code: 'TOO_LARGE',
      })
      const context = { chain: Array.from({ length: 65 }, () => 'x') }
      await assert.rejects(vm.call('a', request('count', [], { context })), { code: 'BAD_REQUEST' })
    } finally {
      await vm.stop()
    }
  })

  it('a mirror tells what is asked as the machine does, to the unit of gas, or nothing', async () => {
    const { createMirror } = await import('../../daemon/vm/mirror/mirror.ts')
    const machine = make()
    const mirror = createMirror(await loadMirrorEngine(), machine.image(), { audit: true })
    const method = fc.constantFrom(
      'createPost',
      'three',
      'inTurn',
      'dropped',
      'careful',
      'many',
      'odd',
      'burn',
      'large',
    )
    const asked = fc.record({ method, n: fc.nat(200), gas: fc.bigInt(0n, 4_000_000n) })
    const told = new Set<string>()
    fc.assert(
      fc.property(asked, ({ method, n, gas }) => {
        const args = method === 'odd' ? [`new Map([[${n}, new Proxy({}, {})]])`] : [n]
        const limits = { limits: { gas } }
        const one = request(method, args, limits)
        const { outcome, isLost } = mirror.query(one)
        assert.equal(isLost, false)
        if (outcome === undefined) return
        assert.deepEqual(outcome, machine.query(one))
        if (!outcome.ok) told.add(method)
      }),
      { numRuns: 600 },
    )
    assert.equal(told.has('createPost') && told.has('three') && told.has('many'), true)
    assert.equal(end(mirror.query(request('count')).outcome!), '0')
  })

  it('a call that is known to ask tells so where it is asked often, and has changed nothing', async () => {
    const { vm } = await testVm({ workers: 1 })
    try {
      await vm.genesis('a', bytes(IMPORTS_CONTRACT), request('init'))
      const first = asksOf((await vm.call('a', request('createPost', [1]))).outcome)
      /** Whether it comes before the answer to what was put to the worker earlier. */
      const overtakes = async (): Promise<boolean> => {
        const earlier = vm.state('a', request('state'))
        const call = vm.call('a', request('createPost', [1]), { asks: true })
        const isFirst = (await Promise.race([earlier, call])) === (await call)
        const { outcome, change } = await call
        assert.deepEqual([asksOf(outcome), change], [first, undefined])
        await earlier
        return isFirst
      }
      assert.equal(await overtakes(), false)
      await until(overtakes, (isFirst) => isFirst)
      const done = await vm.call('a', { ...request('createPost', [1]), answers: [good('1')] }, { asks: true })
      assert.equal(done.outcome.ok, true)
      assert.equal(end(await vm.query('a', request('count'))), '1')
      // one that asks nothing is made in the worker, whatever was said of it
      assert.equal(end((await vm.call('a', request('count'), { asks: true })).outcome), '1')
    } finally {
      await vm.stop()
    }
  })
})
