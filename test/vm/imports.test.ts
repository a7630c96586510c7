import assert from 'node:assert/strict'
import { ASK_BYTES_MAX, ASKS_MAX } from '../../daemon/vm/constants.ts'
import type { Engine } from '../../daemon/vm/machine/guest.ts'
import { Machine } from '../../daemon/vm/machine/machine.ts'
import { ANSWER_BYTE_GAS, ASK_BYTE_GAS } from '../../daemon/vm/prices.ts'
import type { Ask, ImportAnswer, Outcome } from '../../daemon/vm/types.ts'
import { bad, calling, converse, good, querying } from './answering.ts'
import { IMPORTS_CONTRACT } from './imports-contract.ts'
import { bytes, end, hex, loadTestEngine, machineOf, message, request } from './kit.ts'

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

describe('vm/imports: an ask', () => {
  it('ends a call that has no answer, without a trace, and says what is asked', () => {
    const machine = make()
    const before = hex(machine.root())
    const { outcome, change } = machine.call(request('createPost', ['Hi', 2n]))
    assert.deepEqual(asksOf(outcome).map(text), [
      ['alice.amigos.net/forum', 'createPost', '["Hi",{"/":{"bigint":"2"}}]'],
    ])
    assert.equal(change, undefined)
    assert.equal(hex(machine.root()), before)
    assert.equal(end(machine.query(request('count'))), '0')
  })

  it('is answered when the call is run again, and stands in its outcome', () => {
    const machine = make()
    const { outcome } = machine.call({ ...request('createPost', ['Hi']), answers: [good('{"id":7}')] })
    assert.equal(end(outcome), '{"id":7}')
    assert(outcome.ok)
    assert.deepEqual(outcome.asks.map(text), [['alice.amigos.net/forum', 'createPost', '["Hi"]']])
    assert.equal(end(machine.query(request('count'))), '1')
    const { outcome: none } = machine.call(request('count'))
    assert.deepEqual(none.ok && none.asks, [])
  })

  it('is answered before the call ends, also if nobody waits for it', () => {
    const machine = make()
    const dropped = converse(calling(machine), request('dropped'), () => good('1'))
    assert.deepEqual([end(dropped.outcome), dropped.batches.length], ['"done"', 1])
    const more = converse(calling(machine), request('droppedThenMore'), () => good('1'))
    assert.deepEqual([end(more.outcome), more.batches.length], ['"done"', 2])
    assert.equal(end(machine.query(request('count'))), '7')
    // nothing is left over for the next call
    const { outcome } = machine.call(request('count'))
    assert.deepEqual(outcome.ok && outcome.asks, [])
  })

  it('is not made by a call that has failed already', () => {
    const { outcome } = make().call(request('failsBeside'))
    assert.deepEqual([end(outcome), message(outcome)], ['CONTRACT_THREW', 'Error: no'])
  })

  it('does not hide a promise that nothing settles', () => {
    assert.equal(end(converse(calling(make()), request('never'), () => good('1')).outcome), 'NEVER_SETTLED')
  })

  it('can be made by a query, which changes nothing', () => {
    const machine = make()
    const { outcome } = converse(querying(machine), request('createPost', [1]), () => good('5'))
    assert.equal(end(outcome), '5')
    assert.equal(end(machine.query(request('count'))), '0')
  })

  it('can be made by a stream, each step with its own answers', () => {
    const machine = make()
    const step = (how: 'open' | 'next', answers: ImportAnswer[] = []) =>
      machine.step(how, { ...request(how === 'open' ? 'items' : ''), answers })
    assert.equal(end(step('open')), 'null')
    assert.equal(end(step('next')), '[1]')
    assert.deepEqual(asksOf(step('next')).map(text)[0]?.[2], '["item"]')
    assert.equal(end(step('next', [good('2')])), '[2]')
    assert.equal(end(step('next')), '[3]')
    assert.equal(end(step('next')), '[]')
    // a call takes all of it
    assert.equal(end(converse(calling(make()), request('items'), () => good('2')).outcome), '[1,2,3]')
  })

  it('is told who is behind a call, and through whom it comes', () => {
    const machine = machineOf(
      engine,
      `import { caller, origin, chain } from 'amigos:context'
       export const who = () => { chain().push('x'); return [caller(), origin(), chain()] }`,
    )
    const who = (context: object) => end(machine.query(request('who', [], { context })))
    assert.equal(who({ caller: 'u', origin: 'u' }), '["u","u",[]]')
    assert.equal(who({ caller: 'b', origin: 'u', chain: ['a', 'b'] }), '["b","u",["a","b"]]')
  })
})

describe('vm/imports: a batch', () => {
  it('has all asks that wait when nothing else is left to run, in the order in which they were made', () => {
    const { outcome, batches } = converse(calling(make()), request('three'), (_, i) => good(`${i}`))
    assert.deepEqual(
      batches.map((batch) => batch.map((ask) => text(ask)[2])),
      [['["a"]', '["b"]', '["c"]']],
    )
    assert.equal(end(outcome), '[2,1,0]')
  })

  it('comes after another where one ask needs the answer of one before', () => {
    const answered = converse(calling(make()), request('nested'), (_, i) => good(`${i + 10}`))
    assert.deepEqual(
      answered.batches.map((batch) => batch.map((ask) => text(ask)[2])),
      [['[1]'], ['[10]', '[10]']],
    )
    assert.equal(end(answered.outcome), '[11,12]')
    assert.equal(converse(calling(make()), request('inTurn', [5]), () => good('1')).batches.length, 5)
  })

  it('is needed as a whole: answers to a part of it do not do', () => {
    const { outcome } = make().call({ ...request('three'), answers: [good('1'), good('2')] })
    assert.equal(asksOf(outcome).length, 3)
  })

  it('leaves answers alone that nobody asked for: a host sees how many were used', () => {
    const { outcome } = make().call({ ...request('createPost'), answers: [good('1'), good('2')] })
    assert(outcome.ok)
    assert.equal(outcome.asks.length, 1)
  })

  it('has as many asks as a call can make; the next is a RangeError', () => {
    const { outcome, batches } = converse(calling(make()), request('many', [ASKS_MAX + 1]), () => good('1'))
    assert.equal(batches[0]?.length, ASKS_MAX)
    const found = JSON.parse(end(outcome))
    assert.equal(found.length, ASKS_MAX + 1)
    assert.match(found.at(-1), /^RangeError: a call can ask/)
    assert.equal(
      end(converse(calling(make()), request('inTurn', [ASKS_MAX + 1]), () => good('1')).outcome),
      'CONTRACT_THREW',
    )
  })

  it('shares what gas is left, but a 64th, and pays for its answers', () => {
    const machine = make()
    const limits = { gas: 10_000_000n }
    const run = (answers: ImportAnswer[] = []) => machine.query({ ...request('three', [], { limits }), answers })
    const asks = asksOf(run())
    assert.equal(new Set(asks.map(({ gas }) => gas)).size, 1)
    assert(asks[0]!.gas * 3n < 9_900_000n && asks[0]!.gas * 3n > 9_000_000n, String(asks[0]!.gas))
    const cheap = run([good('1', 0n), good('1', 0n), good('1', 0n)])
    const dear = run([good('1', 5n), good('1', 50n), good('1', 500n)])
    assert.equal(dear.gas - cheap.gas, 555n)
    const { gas } = asks[0]!
    assert.equal(end(run([good('1', gas), good('1', gas), good('1', gas)])), '[1,1,1]')
    const more = run([good('1', 10_000_000n), good('1', 0n), good('1', 0n)])
    assert.deepEqual([end(more), more.gas], ['OUT_OF_GAS', 10_000_000n])
  })

  it('pays for bytes on both ways', () => {
    const machine = machineOf(
      engine,
      `import { importFunction } from 'amigos:imports'; const f = importFunction('a', 'b'); export const run = n => { f('x'.repeat(n)) }`,
    )
    const used = (n: number, m: number) =>
      machine.query({ ...request('run', [n]), answers: [good(JSON.stringify('x'.repeat(m)))] }).gas
    assert(used(20_000, 1) - used(10_000, 1) >= 10_000n * ASK_BYTE_GAS)
    assert(used(10, 20_000) - used(10, 10_000) >= 10_000n * ANSWER_BYTE_GAS)
  })

  it('is paid for again as far as the call is run again for it', () => {
    const machine = make()
    const used = (n: number) => machine.query({ ...request('burn', [n]), answers: [good('1', 0n)] }).gas
    const alone = machineOf(engine, 'export const burn = async n => { for (let i = 0; i < n; i++); }')
    const once = (n: number) => alone.query(request('burn', [n])).gas
    const ratio = Number(used(20_000) - used(10_000)) / Number(once(20_000) - once(10_000))
    assert(ratio > 1.95 && ratio < 2.05, String(ratio))
    // too little left to come back to this place: nothing is asked
    const { outcome } = machine.call(request('burn', [20_000], { limits: { gas: once(20_000) + 400_000n } }))
    assert.equal(end(outcome), 'OUT_OF_GAS')
  })
})

describe('vm/imports: answers', () => {
  it('that are failures are errors of a type of their own', () => {
    const { outcome } = converse(calling(make()), request('careful'), () => bad('ACCESS_DENIED', 'you may not'))
    assert.deepEqual(JSON.parse(end(outcome)), [
      ...[true, true, 'ImportError', 'ACCESS_DENIED', 'alice.amigos.net/forum', 'createPost', 'you may not'],
      ...['ImportError: you may not', ['code', 'service', 'method']],
    ])
  })

  it('that are failures fail the call that does not catch them', () => {
    const machine = make()
    const before = hex(machine.root())
    const { outcome } = converse(calling(machine), request('createPost'), () => bad('OUT_OF_GAS', 'too dear'))
    assert.deepEqual([end(outcome), message(outcome)], ['CONTRACT_THREW', 'ImportError: too dear'])
    assert.equal(hex(machine.root()), before)
  })

  it('that are failures fail the call that takes no notice of them, and no other rejection does', () => {
    const machine = machineOf(
      engine,
      `import { importFunction, ImportError } from 'amigos:imports'
       const f = importFunction('a', 'b')
       let kept, n = 0
       export const dropped = () => { n++; f() }
       export const inside = () => { (async () => { n++; await f() })() }
       export const caught = () => { f().catch(() => {}); n++ }
       export const late = async () => { const a = f(1), b = f(2); await a; try { await b } catch {} n++ }
       export const keep = () => { kept = f() }
       export const own = async () => { f().catch(() => {}); Promise.reject(new Error('mine')); Promise.reject(null); Promise.reject(new Proxy({}, { getPrototypeOf() { f('trap') } })) }
       export const made = () => { f().catch(() => {}); Promise.reject(new ImportError('made up')) }
       export const flood = () => { for (;;) f().catch(e => { for (;;) Promise.reject(e) }) }
       export const again = () => { f().then(() => { Promise.reject(new ImportError('x')).catch(() => { n = 99 }) }) }
       export const count = () => n`,
    )
    const ended = (method: string, first: ImportAnswer = bad('NO', 'no')) => {
      const { outcome } = converse(calling(machine), request(method), (_, i) => (i === 0 ? first : bad('NO', 'second')))
      return message(outcome) || end(outcome)
    }
    assert.deepEqual(
      ['dropped', 'inside', 'keep'].map((method) => ended(method)),
      Array(3).fill('ImportError: no'),
    )
    assert.equal(ended('made'), 'ImportError: made up')
    assert.deepEqual(
      ['caught', 'own'].map((method) => ended(method)),
      ['null', 'null'],
    )
    assert.deepEqual([ended('late', good('1')), ended('again', good('1'))], ['null', 'null'])
    assert.equal(end(machine.query(request('count'))), '99')
    const { outcome } = converse(calling(machine), request('flood', [], { limits: { gas: 50_000_000n } }), () =>
      bad('NO'),
    )
    assert.equal(end(outcome), 'OUT_OF_GAS')
  })

  it('that are nothing that can be read are failures, too', () => {
    for (const result of [
      '',
      '{',
      '[1,]',
      '1 2',
      'undefined',
      '{"/":{"nothing":1}}',
      '1e999',
      '['.repeat(65) + ']'.repeat(65),
    ]) {
      const { outcome } = converse(calling(make()), request('careful'), () => good(result))
      assert.equal(JSON.parse(end(outcome))[3], 'IMPORT_BROKE', result.slice(0, 20))
    }
    const notText: ImportAnswer = { ok: true, result: Uint8Array.of(0x31, 0xff), gas: 0n }
    assert.equal(JSON.parse(end(make().call({ ...request('careful'), answers: [notText] }).outcome))[3], 'IMPORT_BROKE')
  })

  it('bring all kinds of values', () => {
    const value =
      '{"a":[{"/":{"map":[[1,{"/":{"bytes":"AQI"}}]]}},{"/":{"date":"2026-01-01T00:00:00.000Z"}}],"__proto__":1}'
    assert.equal(end(converse(calling(make()), request('createPost'), () => good(value)).outcome), value)
  })

  it('have bounded words', () => {
    const { outcome } = make().call({
      ...request('careful'),
      answers: [bad('C'.repeat(5000), `\ud800${'m'.repeat(5000)}`)],
    })
    const found = JSON.parse(end(outcome))
    assert.deepEqual([found[3].length, found[6].length, found[6][0]], [64, 1000, '\ufffd'])
  })

  it('that fill the memory end the call like anything else that does', () => {
    const { machine } = Machine.genesis(engine, bytes(IMPORTS_CONTRACT), request('init'), {
      audit: true,
      heapBytes: 3 * 2 ** 20,
    })
    const { outcome } = machine!.call({
      ...request('createPost'),
      answers: [good(JSON.stringify('x'.repeat(4 * 2 ** 20)))],
    })
    assert.equal(end(outcome), 'OUT_OF_MEMORY')
    assert.equal(end(machine!.query(request('count'))), '0')
  })
})

describe('vm/imports: what cannot be asked', () => {
  it('arguments that are no values, and more of them than may be', () => {
    const machine = make()
    for (const js of ['() => 1', 'Symbol()', 'Promise.resolve()', 'new Date(NaN)', 'const a = []; a.push(a); a'])
      assert.match(message(machine.call(request('odd', [js])).outcome), /^TypeError: the arguments cannot be sent/)
    assert.match(
      message(machine.call(request('odd', ['({ get a() { throw new RangeError("mine") } })'])).outcome),
      /^RangeError: mine/,
    )
    assert.equal(end(machine.call(request('large', [ASK_BYTES_MAX])).outcome), '"RangeError"')
    assert.equal(end(converse(calling(machine), request('large', [ASK_BYTES_MAX - 4]), () => good('1')).outcome), '1')
  })

  it('what has no name', () => {
    const machine = make()
    for (const names of [
      [],
      ['a'],
      [1, 'b'],
      ['', 'b'],
      ['a', ''],
      ['a'.repeat(257), 'b'],
      ['a', 'b'.repeat(257)],
      [null, {}],
    ])
      assert.match(message(machine.call(request('make', names)).outcome), /^TypeError: the name of/)
    assert.equal(
      end(converse(querying(machine), request('names'), () => good('1')).outcome),
      '["createPost","function",true]',
    )
  })

  it('anything while a service begins, is upgraded, or shows its state', () => {
    const load = (body: string, method = 'init', args: unknown[] = []) =>
      Machine.genesis(
        engine,
        bytes(`import { importFunction } from 'amigos:imports'; const f = importFunction('a', 'b'); ${body}`),
        request(method, args),
      )
    for (const { outcome } of [
      load('export const init = async () => { await f() }'),
      load('await f()'),
      load('export const migrate = async () => { await f() }', 'migrate', []),
    ])
      assert.match(message(outcome), /^ImportError: a cannot be asked while a service begins/)
    const { machine } = load('let kept; export const state = async () => { await f() }; export const late = () => kept')
    assert.match(message(machine!.state(request('', []))), /^ImportError: a cannot be asked while the state is shown/)
    assert.equal(end(machine!.call(request('late')).outcome), 'null')
  })

  it('anything by what a genesis left to do: it runs within the genesis', () => {
    const { machine } = Machine.genesis(
      engine,
      bytes(
        `import { importFunction } from 'amigos:imports'; const f = importFunction('a', 'b'); let code; f().catch(e => { code = e.code }); export const found = () => code`,
      ),
      request('init'),
    )
    assert.equal(end(machine!.query(request('found'))), '"IMPORT_REFUSED"')
  })
})
